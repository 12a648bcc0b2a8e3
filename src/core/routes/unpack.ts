import { ChatError, invalidRequest } from '../chat/index.ts'
import { codeOf } from '../log/fault.ts'
import { encodings, unpack } from '../unpack.ts'

/**
 * A body as it was before its client packed it. Codex with a ChatGPT login packs what it asks of who it takes for OpenAI
 * (`openai_base_url`), by zstd (openai/codex codex-rs/core/src/client.rs, `responses_request_compression`).
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
  const work = unpack(packed, name, most)
  if (!work) throw unknownEncoding(name)
  try {
    return await work
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge()
    throw invalidRequest(`The body of your request is not ${name}, as its Content-Encoding says it is.`)
  }
}

function unknownEncoding(name: string): ChatError {
  const known = encodings.join(', ')
  const hint =
    name === 'zstd'
      ? ' It takes zstd on Node 22.15 or newer; Codex packs nothing with `-c features.enable_request_compression=false`.'
      : ''
  return new ChatError(
    `byok takes request bodies as they are or by Content-Encoding ${known}; this one is ${name.slice(0, 40)}.${hint}`,
    { status: 415, code: 'unsupported_content_encoding' },
  )
}
