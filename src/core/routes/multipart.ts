import { Busboy } from '@fastify/busboy'
import type { BusboyInstance } from '@fastify/busboy'

interface Part {
  name: string
  content: string | { chunks: Buffer[]; file: string; type: string }
}

/**
 * The fields of a form of a client's (RFC 7578). Node's own reader refuses most of what is allowed: names without quotes and `filename*`,
 * which .NET sends (System.Net.Http `MultipartFormDataContent`), parameters in another order, a boundary shorter than browsers have,
 * and anything before the first part.
 *
 * @param type the `Content-Type` it came with
 * @returns `undefined` where it is none, or not whole
 */
export function readMultipart(bytes: Buffer<ArrayBuffer>, type: string): Promise<FormData | undefined> {
  return new Promise((resolve) => {
    const parts: Part[] = []
    const fail = () => resolve(undefined)
    const parser = parserOf(type, bytes.length)
    if (!parser) return fail()
    parser.on('field', (name, content) => parts.push({ name, content }))
    parser.on('file', (name, stream, file, _encoding, mediaType) => {
      const chunks: Buffer[] = []
      parts.push({ name, content: { chunks, file, type: mediaType } })
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('error', fail)
    })
    parser.on('error', fail)
    parser.on('finish', () => resolve(formOf(parts)))
    parser.end(bytes)
  })
}

function parserOf(type: string, size: number): BusboyInstance | undefined {
  try {
    return new Busboy({
      headers: { 'content-type': type },
      // What a body may have in all was looked at before.
      limits: { fieldSize: size },
      isPartAFile: (_name, _type, file) => file !== undefined,
    })
  } catch {
    return undefined
  }
}

/** Whether all have names: one without is no part of a form. */
function formOf(parts: readonly Part[]): FormData | undefined {
  const form = new FormData()
  for (const { name, content } of parts) {
    if (name === undefined) return undefined
    if (typeof content === 'string') form.append(name, content)
    else form.append(name, new File(content.chunks, content.file, { type: content.type }))
  }
  return form
}
