import type { ServerResponse } from 'node:http'
import type { Byok } from '../core/byok.ts'
import { assertByok } from './internal/assert-byok.ts'
import { answerParsed, baseOf } from './internal/node-exchange.ts'
import type { ParsedRequest } from './internal/node-exchange.ts'

interface ConnectRequest extends ParsedRequest {
  /** The path the middleware is mounted on, by Express, which names it at the root too. */
  baseUrl?: string | undefined
}

export type Middleware = (request: ConnectRequest, response: ServerResponse, next: (error?: unknown) => void) => void

/**
 * A byok as connect-style middleware, for Express, NestJS, connect, Polka: `app.use('/ai', middleware(byok))`.
 *
 * Mounted on a path it answers everything below; mounted on the root it takes its own paths and hands on the rest. A body
 * that the host has parsed already is taken as it is.
 */
export function middleware(byok: Byok): Middleware {
  assertByok(byok)
  return (request, response, next) => {
    const [path = '/'] = (request.url ?? '/').split('?', 1)
    if (!(request.baseUrl ?? baseOf(request)) && !byok.serves(path)) {
      next()
      return
    }
    answerParsed(byok, request, response).catch(next)
  }
}
