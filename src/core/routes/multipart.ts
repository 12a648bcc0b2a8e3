import { Readable } from 'node:stream'
import { Busboy } from '@fastify/busboy'
import type { BusboyInstance } from '@fastify/busboy'
import { invalidRequest } from '../chat/index.ts'

/** Parts of a form: OpenAI takes sixteen images with a dozen fields. A body has room for a million, which would be read for minutes. */
const MOST_PARTS = 1000
/** Bytes that are read at once, before it is looked at how many parts there were. */
const PIECE = 64 * 1024

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
 * @throws {ChatError} 400 where it has more parts than anybody needs
 */
export function readMultipart(bytes: Buffer<ArrayBuffer>, type: string): Promise<FormData | undefined> {
  return new Promise((resolve, reject) => {
    const parts: Part[] = []
    const parser = parserOf(type, bytes.length)
    if (!parser) return resolve(undefined)
    const source = Readable.from(piecesOf(bytes))
    const stop = () => source.unpipe(parser).destroy()
    const fail = () => {
      stop()
      resolve(undefined)
    }
    parser.on('field', (name, content) => parts.push({ name, content }))
    parser.on('file', (name, stream, file, _encoding, mediaType) => {
      const chunks: Buffer[] = []
      parts.push({ name, content: { chunks, file, type: mediaType } })
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('error', fail)
    })
    parser.on('error', fail)
    parser.on('partsLimit', () => {
      stop()
      reject(invalidRequest(`The form in your request has more than ${MOST_PARTS} parts.`))
    })
    parser.on('finish', () => resolve(formOf(parts)))
    source.pipe(parser)
  })
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE)
}

function parserOf(type: string, size: number): BusboyInstance | undefined {
  try {
    return new Busboy({
      headers: { 'content-type': type },
      // What a body may have in all was looked at before.
      limits: { fieldSize: size, parts: MOST_PARTS },
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
