import * as zlib from 'node:zlib'
import { ChatError, invalidRequest } from '../chat/index.ts'

type Unpack = (
  packed: Uint8Array,
  options: { maxOutputLength: number },
  done: (error: Error | null, bytes: Buffer<ArrayBuffer>) => void,
) => void

/**
 * How bodies are unpacked, by their `Content-Encoding`. Codex with a ChatGPT login packs what it asks of who it takes for OpenAI
 * (`openai_base_url`), by zstd (openai/codex codex-rs/core/src/client.rs, `responses_request_compression`).
 */
const UNPACK = new Map<string, Unpack>([
  ['gzip', zlib.gunzip],
  ['deflate', zlib.inflate],
  ['br', zlib.brotliDecompress],
])
// Node has it from 22.15 on, and the types that byok is built with are those of Node 20.
if ('zstdDecompress' in zlib) UNPACK.set('zstd', zlib.zstdDecompress as Unpack)

/**
 * A body as it was before its client packed it.
 *
 * @param encoding its `Content-Encoding`
 * @param most how many bytes it may have then
 * @throws {ChatError} 400 where it is damaged, 415 where byok cannot unpack it; what `tooLarge` makes where it has more
 */
export async function unpacked(
  packed: Buffer<ArrayBuffer>,
  encoding: string,
  { most, tooLarge }: { most: number; tooLarge(): Error },
): Promise<Buffer<ArrayBuffer>> {
  const name = encoding.trim().toLowerCase()
  if (name === 'identity') return packed
  const unpack = UNPACK.get(name)
  if (!unpack) throw unknownEncoding(name)
  return await new Promise((resolve, reject) => {
    unpack(packed, { maxOutputLength: most }, (error, bytes) => {
      if (!error) resolve(bytes)
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') reject(tooLarge())
      else reject(invalidRequest(`The body of your request is not ${name}, as its Content-Encoding says it is.`))
    })
  })
}

function unknownEncoding(name: string): ChatError {
  const known = [...UNPACK.keys()].join(', ')
  const hint =
    name === 'zstd'
      ? ' It takes zstd on Node 22.15 or newer; Codex packs nothing with `-c features.enable_request_compression=false`.'
      : ''
  return new ChatError(
    `byok takes request bodies as they are or by Content-Encoding ${known}; this one is ${name.slice(0, 40)}.${hint}`,
    { status: 415, code: 'unsupported_content_encoding' },
  )
}
