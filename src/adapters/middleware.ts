import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Byok } from '../core/byok.ts'
import { answerNode } from './internal/node-exchange.ts'
import { cutOff } from './internal/prefix.ts'

/** What connect, Express and their kin put on a request. */
interface ConnectRequest extends IncomingMessage {
  /** The body, where a parser of the host ran before. */
  body?: unknown
  /** Its bytes, where the host keeps them, as NestJS does with `rawBody: true`. */
  rawBody?: unknown
  /** The path the middleware is mounted on. */
  baseUrl?: string
  /** Its address as it came. */
  originalUrl?: string
}

export type Middleware = (request: ConnectRequest, response: ServerResponse, next: (error?: unknown) => void) => void

/**
 * A byok as connect-style middleware, for Express, NestJS, connect, Polka: `app.use('/ai', middleware(byok))`.
 *
 * Mounted on a path it answers everything below; mounted on the root it takes its own paths and hands on the rest. A body
 * that the host has parsed already is taken as it is.
 */
export function middleware(byok: Byok): Middleware {
  return (request, response, next) => {
    const { url = '/', originalUrl = url } = request
    const [path = '/'] = url.split('?', 1)
    if (!request.baseUrl && !byok.serves(path)) {
      next()
      return
    }
    const { body, rawBody } = request
    answerNode(byok, { request, response, base: cutOff(originalUrl, url), body, rawBody }).catch(next)
  }
}
