import type { UpstreamResponse } from './fetch.ts'

/** The most of an error answer that is read: real ones are small. */
const MAX_BYTES = 64 * 1024

/** What a refusal says. Of one that breaks off it is what came before: its status alone still tells what happened. */
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
  return Buffer.concat(chunks).toString('utf8')
}
