import { isForm } from '../../core/routes/body.ts'
import { formOf } from './parsed-form.ts'

/** What was read or unpacked already of a request's body. */
export interface ReadBody {
  body: unknown
  /** What a parser took out of a form. */
  files?: unknown
  /** Whether they are the bytes as they came, packed if the client packed them. */
  packed?: boolean
}

/**
 * The request with a body that was read already: bytes and text as they are, a form with its files as one, all else as JSON.
 *
 * @throws {Error} of a file that is nowhere to be found
 */
export async function withBody(request: Request, { body, files, packed = false }: ReadBody): Promise<Request> {
  const headers = new Headers(request.headers)
  // They tell of the bytes as they came; a parser has unpacked them.
  for (const name of ['content-length', 'transfer-encoding']) headers.delete(name)
  if (!packed) headers.delete('content-encoding')
  const { url, method, signal } = request
  if (body instanceof ReadableStream) return new Request(url, { method, headers, body, signal, duplex: 'half' })
  if (isBytes(body)) return new Request(url, { method, headers, body, signal })
  if (isForm(headers)) {
    // The form written anew has a boundary of its own.
    headers.delete('content-type')
    const form = body instanceof FormData ? body : await formOf(body, files)
    return new Request(url, { method, headers, body: form, signal })
  }
  return new Request(url, { method, headers, body: JSON.stringify(body), signal })
}

function isBytes(body: unknown): body is string | ArrayBuffer | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof ArrayBuffer || body instanceof Uint8Array
}
