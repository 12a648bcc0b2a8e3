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

/**
 * An answer's vectors as the `openai` clients ask for them unless told otherwise, base64 of 32-bit floats (openai-node
 * src/resources/embeddings.ts). Servers that give numbers whatever is asked for are many: Alibaba's
 * (docs.qwencloud.com/api-reference/text-embedding/openai-embedding, "Only float is supported"), Ollama's and LM Studio's among them
 * (openai/openai-node#2150); the client takes the numbers for bytes, and tells its program a quarter of them, all zero.
 *
 * @returns `undefined` where there is nothing to change
 */
export function inBase64(answer: Record<string, unknown>): Record<string, unknown> | undefined {
  const { data } = answer
  if (!Array.isArray(data) || !data.some(isVector)) return undefined
  return {
    ...answer,
    data: data.map((item: unknown) => (isVector(item) ? { ...item, embedding: packed(item) } : item)),
  }
}

function packed({ embedding }: { embedding: number[] }): string {
  return Buffer.from(Float32Array.from(embedding).buffer).toString('base64')
}

function isVector(item: unknown): item is { index: number; embedding: number[] } {
  return isObject(item) && typeof item['index'] === 'number' && Array.isArray(item['embedding'])
}
