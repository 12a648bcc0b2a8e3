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

/** Fields of Google's `EmbedContentRequest` (ai.google.dev/api/embeddings). */
const GOOGLES = ['model', 'content', 'taskType', 'title', 'outputDimensionality']

/** Google's own form: `:embedContent`, and `:batchEmbedContents` with a list of such requests. It tells no usage. */
export function answerEmbedContent(
  body: Json,
  model: string,
  method: string,
  reply: Reply,
  refuse: (fault: string) => void,
): void {
  const { requests = [], ...others } = body
  const batch = method === 'batchEmbedContents'
  const all: Json[] = batch ? requests : [body]
  const unknown = all.flatMap((one) => Object.keys(one)).find((name) => !GOOGLES.includes(name))
  const [other] = batch ? Object.keys(others) : []
  if (unknown !== undefined || other !== undefined) {
    return refuse(`Invalid JSON payload received. Unknown name "${String(unknown ?? other)}": Cannot find field.`)
  }
  if (batch && (all.length === 0 || all.some((one) => one.model !== `models/${model}`))) {
    return refuse('BatchEmbedContentsRequest.requests[0].model: the model must match the one in the path')
  }
  const vectors = all.map(() => ({ values: [0.5, -0.25] }))
  reply.json(200, batch ? { embeddings: vectors } : { embedding: vectors[0] })
}
