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
  const bytes = await readBytes(response, maxBytes, title)
  try {
    return { value: JSON.parse(bytes.toString('utf8')), bytes }
  } catch {
    // What the parser says quotes the answer.
    throw badAnswer(title, bytes.byteLength === 0 ? 'it is empty' : 'it is no valid JSON')
  }
}

async function readBytes(response: UpstreamResponse, maxBytes: number, title: string): Promise<Buffer<ArrayBuffer>> {
  const reader = response.body?.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  while (reader) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw streamFailure(error, title)
    })
    if (done) break
    size += value.byteLength
    if (size > maxBytes) {
      const error = badAnswer(title, `it has more than ${maxBytes} bytes`)
      await reader.cancel(error)
      throw error
    }
    chunks.push(value)
  }
  return Buffer.concat(chunks)
}
