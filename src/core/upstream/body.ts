import { badAnswer, streamFailure } from './error.ts'
import type { UpstreamResponse } from './fetch.ts'

/**
 * Reads a whole answer as JSON, up to `maxBytes`; with the bytes, for a client that may have them as they are.
 * @throws {ChatError} 502 when it is larger, broken or no JSON.
 */
export async function readJson(
  response: UpstreamResponse,
  maxBytes: number,
  title: string,
): Promise<{ value: unknown; bytes: Buffer<ArrayBuffer> }> {
  const whole = response.whole?.()
  const bytes = whole && whole.byteLength <= maxBytes ? whole : await bytesOf(response, maxBytes, title)
  try {
    return { value: JSON.parse(bytes.toString('utf8')), bytes }
  } catch {
    // What the parser says quotes the answer.
    throw badAnswer(title, bytes.byteLength === 0 ? 'it is empty' : 'it is no valid JSON')
  }
}

/**
 * Reads a whole answer, up to `most` bytes.
 * @throws {ChatError} 502 when it is larger, or broken.
 */
export async function bytesOf(response: UpstreamResponse, most: number, title: string): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    // Who leaves it early, closes the connection: it must not stay open for what nobody reads.
    for await (const chunk of chunksOf(response)) {
      size += chunk.byteLength
      if (size > most) throw badAnswer(title, `it has more than ${most} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    throw streamFailure(error, title)
  }
  return Buffer.concat(chunks, size)
}

/** The chunks of an answer; none where it has no body. */
export function chunksOf(response: UpstreamResponse): AsyncIterable<Uint8Array> {
  return response.chunks?.() ?? response.body ?? NOTHING
}

const NOTHING: AsyncIterable<Uint8Array> = {
  async *[Symbol.asyncIterator]() {},
}
