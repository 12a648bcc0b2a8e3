import type { IncomingMessage, ServerResponse } from 'node:http'
import { NodeRequest, sendNodeResponse } from 'srvx/node'
import type { Byok } from '../core/byok.ts'

/** What connect, Express and their kin put on a request. */
interface ConnectRequest extends IncomingMessage {
  /** The body, where a parser of the host ran before. */
  body?: unknown
  /** The path the middleware is mounted on. */
  baseUrl?: string
}

export type Middleware = (request: ConnectRequest, response: ServerResponse, next: (error?: unknown) => void) => void

/**
 * A byok as connect-style middleware: `app.use('/ai', middleware(byok))`.
 *
 * Mounted on a path it answers everything below; mounted on the root it takes its own paths and hands on the rest. A body
 * that the host has parsed already is taken as it is.
 */
export function middleware(byok: Byok): Middleware {
  return (request, response, next) => {
    const [path = '/'] = (request.url ?? '/').split('?', 1)
    if (!request.baseUrl && !byok.serves(path)) {
      next()
      return
    }
    const web = new NodeRequest({ req: request, res: response })
    const answered = byok.fetch(hasParsedBody(request) ? withBody(web, request.body) : web)
    answered.then((answer) => sendNodeResponse(response, answer)).catch(next)
  }
}

function hasParsedBody(request: ConnectRequest): boolean {
  return request.body !== undefined && request.readableEnded
}

function withBody(request: Request, body: unknown): Request {
  const headers = new Headers(request.headers)
  headers.delete('content-length')
  const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  return new Request(request.url, { method: request.method, headers, body: text, signal: request.signal })
}
