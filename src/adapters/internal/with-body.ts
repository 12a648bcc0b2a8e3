/** The request with a body that was read or unpacked already: bytes and text as they are, all else as JSON. */
export function withBody(request: Request, body: unknown): Request {
  const headers = new Headers(request.headers)
  // They tell of the bytes as they came; a parser has unpacked them.
  for (const name of ['content-length', 'content-encoding', 'transfer-encoding']) headers.delete(name)
  const { url, method, signal } = request
  if (body instanceof ReadableStream) return new Request(url, { method, headers, body, signal, duplex: 'half' })
  return new Request(url, { method, headers, body: isBytes(body) ? body : JSON.stringify(body), signal })
}

function isBytes(body: unknown): body is string | ArrayBuffer | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof ArrayBuffer || body instanceof Uint8Array
}
