import * as zlib from 'node:zlib'

type Unpack = (
  packed: Uint8Array,
  options: { maxOutputLength: number },
  done: (error: Error | null, bytes: Buffer<ArrayBuffer>) => void,
) => void

/** How bodies are unpacked, by their `Content-Encoding`. */
const UNPACK = new Map<string, Unpack>([
  ['gzip', zlib.gunzip],
  ['deflate', zlib.inflate],
  ['br', zlib.brotliDecompress],
])
// Node has it from 22.15 on, and the types that byok is built with are those of Node 20.
if ('zstdDecompress' in zlib) UNPACK.set('zstd', zlib.zstdDecompress as Unpack)

/** What {@link unpack} can unpack here. */
export const encodings: readonly string[] = [...UNPACK.keys()]

/**
 * A body as it was before it was packed. Rejects where it is damaged, or larger than `most` bytes.
 *
 * @param encoding its `Content-Encoding`, in lower case
 * @returns `undefined` where byok cannot unpack such
 */
export function unpack(packed: Uint8Array, encoding: string, most: number): Promise<Buffer<ArrayBuffer>> | undefined {
  const work = UNPACK.get(encoding)
  if (!work) return undefined
  return new Promise((resolve, reject) => {
    work(packed, { maxOutputLength: most }, (error, bytes) => (error ? reject(error) : resolve(bytes)))
  })
}
