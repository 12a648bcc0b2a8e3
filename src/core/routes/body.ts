import type { H3Event } from 'h3'
import { ChatError, invalidRequest } from '../chat/index.ts'
import { piecesOf } from '../upstream/incoming.ts'

/**
 * Reads a request's body as a JSON object, up to `maxBytes`.
 * @throws {ChatError} 400, 413 or 415.
 */
export async function readJsonObject(event: H3Event, maxBytes: number): Promise<Record<string, unknown>> {
  const encoding = event.req.headers.get('content-encoding')
  if (encoding !== null && encoding !== 'identity') {
    throw new ChatError(`byok takes request bodies without Content-Encoding; this one is ${encoding.slice(0, 40)}.`, {
      status: 415,
      code: 'unsupported_content_encoding',
    })
  }
  const text = await readText(event, maxBytes)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    const hint = text.trim() === '' ? 'it is empty' : 'it is not valid JSON'
    throw invalidRequest(`We could not parse the JSON body of your request: ${hint}.`)
  }
  if (!isObject(body)) throw invalidRequest('The body of your request must be a JSON object.')
  return body
}

async function readText(event: H3Event, maxBytes: number): Promise<string> {
  const declared = Number(event.req.headers.get('content-length') ?? 0)
  if (declared > maxBytes) throw tooLarge(maxBytes)
  if (!event.req.body) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const piece of piecesOf(event.req.body)) {
    size += piece.byteLength
    if (size > maxBytes) throw tooLarge(maxBytes)
    chunks.push(piece)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function tooLarge(maxBytes: number): ChatError {
  return new ChatError(`The request body is larger than ${maxBytes} bytes. Raise server.max_body_bytes to allow it.`, {
    status: 413,
    code: 'request_too_large',
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
