import { Readable } from 'node:stream'
import { badAnswer, streamFailure } from './error.ts'
import { headerOf } from './fetch.ts'
import type { UpstreamResponse } from './fetch.ts'
import { bytesOf } from './node-bytes.ts'

/**
 * Reads a whole answer as JSON, up to `maxBytes`; with the bytes, for a client that may have them as they are.
 * @throws {ChatError} 502 when it is larger, broken or no JSON.
 */
export async function readJson(
  response: UpstreamResponse,
  maxBytes: number,
  title: string,
): Promise<{ value: unknown; bytes: Buffer<ArrayBuffer> }> {
  const chunks = chunksOf(response)
  const source = chunks instanceof Readable ? chunks : Readable.from(chunks, { objectMode: false })
  const limits = {
    most: maxBytes,
    tooLarge: () => badAnswer(title, `it has more than ${maxBytes} bytes`),
    expected: source === chunks ? Number(headerOf(response, 'content-length') ?? 0) : undefined,
  }
  let bytes: Buffer<ArrayBuffer>
  try {
    bytes = await bytesOf(source, limits)
  } catch (error) {
    // The connection must not stay open for what nobody reads.
    source.destroy()
    throw streamFailure(error, title)
  }
  try {
    return { value: JSON.parse(bytes.toString('utf8')), bytes }
  } catch {
    // What the parser says quotes the answer.
    throw badAnswer(title, bytes.byteLength === 0 ? 'it is empty' : 'it is no valid JSON')
  }
}

/** The chunks of an answer; none where it has no body. */
export function chunksOf(response: UpstreamResponse): AsyncIterable<Uint8Array> {
  return response.chunks?.() ?? response.body ?? NOTHING
}

const NOTHING: AsyncIterable<Uint8Array> = {
  async *[Symbol.asyncIterator]() {},
}
