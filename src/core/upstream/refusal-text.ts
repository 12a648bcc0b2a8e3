import { unpack } from '../unpack.ts'
import type { UpstreamResponse } from './fetch.ts'

/** The most of an error answer that is read: real ones are small. */
const MAX_BYTES = 64 * 1024

/**
 * What a refusal says. Of one that breaks off it is what came before: its status alone still tells what happened. One that is
 * packed all the same is unpacked, for it may be the word of a limit that is reached (router-for-me/CLIProxyAPI issue 1895).
 */
export async function refusalText(response: UpstreamResponse): Promise<string> {
  const reader = response.body?.getReader()
  if (!reader) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    while (size < MAX_BYTES) {
      const { done, value } = await reader.read()
      if (done) break
      chunks.push(value)
      size += value.byteLength
    }
    if (size >= MAX_BYTES) await reader.cancel()
  } catch {
    // Nothing more comes.
  }
  return (await plain(Buffer.concat(chunks), response)).toString('utf8')
}

/** Nothing, where it cannot be unpacked. */
async function plain(bytes: Buffer, { received }: UpstreamResponse): Promise<Buffer> {
  // As it came over the wire: a runtime's own `fetch` unpacks, and leaves the header in place.
  const encoding = String(received?.['content-encoding'] ?? 'identity').toLowerCase()
  if (encoding === 'identity' || bytes.byteLength === 0) return bytes
  const nothing = Buffer.alloc(0)
  return (await unpack(bytes, encoding, MAX_BYTES)?.catch(() => nothing)) ?? nothing
}
