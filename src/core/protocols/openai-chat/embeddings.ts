import { badAnswer } from '../../upstream/error.ts'
import { isObject } from '../json.ts'

/**
 * The vectors of an answer of `POST /v1/embeddings`, in the order of the texts (openai-node src/resources/embeddings.ts).
 *
 * @throws {ChatError} 502
 */
export function readVectors(answer: unknown, provider: string): number[][] {
  const data: unknown = isObject(answer) ? answer['data'] : undefined
  const vectors = Array.isArray(data) ? data.filter(isVector) : []
  if (!Array.isArray(data) || vectors.length !== data.length) throw badAnswer(provider, 'no list of vectors')
  return vectors.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding)
}

function isVector(item: unknown): item is { index: number; embedding: number[] } {
  return isObject(item) && typeof item['index'] === 'number' && Array.isArray(item['embedding'])
}
