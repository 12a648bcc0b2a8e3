import type { JsonObject } from '../json.ts'
import { invalid, Reader } from './reader.ts'

/** Texts to embed, as `POST /v1/embeddings` of OpenAI asks for them. */
export interface Embedding {
  input: string[]
  dimensions?: number
}

/**
 * Reads the body of `:embedContent`, or the `requests` of `:batchEmbedContents` (ai.google.dev/api/embeddings).
 *
 * What the vectors are for (`taskType`, `title`) is refused: OpenAI's form, in which providers are asked, has no word for it, and
 * without it they would be others.
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
  const dimensions = request.number('outputDimensionality')
  const parts = request.reader('content')?.readers('parts') ?? []
  const texts = parts.map((part) => part.string('text'))
  const [left] = Object.keys(request.rest() ?? {})
  if (left !== undefined) throw invalid(request.path(left), 'byok embeds without it; leave it out')
  if (texts.length === 0 || texts.includes(undefined)) {
    throw invalid(request.path('content.parts'), 'byok embeds texts, and at least one is required')
  }
  return { text: texts.join(''), dimensions }
}

export function writeEmbed(vectors: number[][], batch: boolean): JsonObject {
  const embeddings = vectors.map((values) => ({ values }))
  return batch ? { embeddings } : { embedding: embeddings[0] }
}
