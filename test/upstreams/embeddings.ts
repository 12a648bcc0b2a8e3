import type { Reply } from '../../src/testing/fake-server.ts'
import type { Json } from './gemini-wire.ts'

/** Fields of OpenAI's embeddings that a vendor takes: openai-node src/resources/embeddings.ts, less `user`. */
const FIELDS = ['model', 'input', 'encoding_format', 'dimensions']

/** What is wrong with a request for embeddings. */
export function faultInEmbeddings(body: Json): string | undefined {
  const unknown = Object.keys(body).find((name) => !FIELDS.includes(name))
  if (unknown !== undefined) return `Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`
  const texts: unknown[] = [body.input].flat()
  const good = texts.length > 0 && texts.every((text) => typeof text === 'string' && text !== '')
  return good ? undefined : 'input must be a text or a list of texts'
}

/** A list of one vector a text, as each server of OpenAI's form gives it. */
export function answerEmbeddings({ model, input }: Json, reply: Reply): void {
  const data = [input].flat().map((_, index) => ({ object: 'embedding', index, embedding: [0.5, -0.25] }))
  reply.json(200, { object: 'list', model, data, usage: { prompt_tokens: 2, total_tokens: 2 } })
}
