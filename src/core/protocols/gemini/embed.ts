import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { invalid, Reader } from './reader.ts'

/** Texts to embed, as `POST /v1/embeddings` of OpenAI asks for them. */
export interface Embedding {
  input: string[]
  dimensions?: number
}

/**
 * What the vectors are for. Models of other vendors make the same ones for all of it, and LangChain's clients always say it
 * (langchain-ai/langchain-google libs/genai/langchain_google_genai/embeddings.py, `_prepare_request`).
 */
const EMBED_HINTS_LEFT_OUT = ['taskType', 'title'] as const

/**
 * Reads the body of `:embedContent`, or the `requests` of `:batchEmbedContents` (ai.google.dev/api/embeddings), for providers that are
 * asked in OpenAI's form; less {@link EMBED_HINTS_LEFT_OUT}.
 *
 * @throws {ChatError} 400 in Google's words.
 */
export function readEmbed(body: JsonObject, batch: boolean): Embedding {
  const whole = new Reader(body, '')
  const requests = batch ? (whole.readers('requests') ?? []) : [whole]
  if (requests.length === 0) throw invalid('requests', 'at least one is required')
  const read = requests.map(readRequest)
  const [{ dimensions } = {}] = read
  if (read.some((one) => one.dimensions !== dimensions)) {
    throw invalid('requests', 'byok embeds all of them with one outputDimensionality')
  }
  return { input: read.map(({ text }) => text), ...(dimensions !== undefined && { dimensions }) }
}

function readRequest(request: Reader): { text: string; dimensions: number | undefined } {
  // That of the URL counts.
  request.raw('model')
  for (const hint of EMBED_HINTS_LEFT_OUT) request.raw(hint)
  const dimensions = request.number('outputDimensionality')
  const parts = request.nested('content')?.readers('parts') ?? []
  const texts = parts.map((part) => part.string('text'))
  const [left] = Object.keys(request.rest() ?? {})
  if (left !== undefined) throw invalid(request.path(left), 'byok embeds without it; leave it out')
  if (texts.length === 0 || texts.includes(undefined)) {
    throw invalid(request.path('content.parts'), 'byok embeds texts, and at least one is required')
  }
  return { text: texts.join(''), dimensions }
}

/** The texts of such a body, as far as it has them. */
export function textsToEmbed(body: JsonObject): string {
  const requests: unknown[] = Array.isArray(body['requests']) ? body['requests'] : [body]
  return requests
    .flatMap((request) => (isObject(request) && isObject(request['content']) ? request['content']['parts'] : []))
    .flatMap((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : []))
    .join(' ')
}

export function writeEmbed(vectors: number[][], batch: boolean): JsonObject {
  const embeddings = vectors.map((values) => ({ values }))
  return batch ? { embeddings } : { embedding: embeddings[0] }
}
