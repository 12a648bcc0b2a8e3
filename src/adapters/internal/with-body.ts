import { isForm } from '../../core/routes/body.ts'

/** A file of a form, as multer keeps it in memory (expressjs/multer storage/memory.js, lib/make-middleware.js). */
interface ParsedFile {
  fieldname: string
  originalname: string
  mimetype: string
  buffer: Uint8Array<ArrayBuffer>
}

/**
 * The request with a body that was read or unpacked already: bytes and text as they are, a form with its files as one, all else as JSON.
 *
 * @param files what a parser took out of a form
 */
export function withBody(request: Request, body: unknown, files?: unknown): Request {
  const headers = new Headers(request.headers)
  // They tell of the bytes as they came; a parser has unpacked them.
  for (const name of ['content-length', 'content-encoding', 'transfer-encoding']) headers.delete(name)
  const { url, method, signal } = request
  if (body instanceof ReadableStream) return new Request(url, { method, headers, body, signal, duplex: 'half' })
  if (isBytes(body)) return new Request(url, { method, headers, body, signal })
  if (isForm(headers)) {
    // The form written anew has a boundary of its own.
    headers.delete('content-type')
    return new Request(url, { method, headers, body: formOf(body, files), signal })
  }
  return new Request(url, { method, headers, body: JSON.stringify(body), signal })
}

function isBytes(body: unknown): body is string | ArrayBuffer | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof ArrayBuffer || body instanceof Uint8Array
}

function formOf(body: unknown, files: unknown): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(body ?? {})) {
    for (const each of [value].flat() as unknown[]) if (typeof each === 'string') form.append(name, each)
  }
  // By their fields, or one after the other.
  for (const file of Object.values(files ?? {}).flat() as unknown[]) {
    if (!isFile(file)) continue
    const { fieldname, originalname, mimetype: type, buffer } = file
    form.append(fieldname, new File([buffer], originalname, { type }))
  }
  return form
}

function isFile(file: unknown): file is ParsedFile {
  return typeof file === 'object' && file !== null && 'buffer' in file && file.buffer instanceof Uint8Array
}
