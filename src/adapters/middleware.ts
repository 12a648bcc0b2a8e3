import type { ServerResponse } from 'node:http'
import type { Byok } from '../core/byok.ts'
import { assertByok } from './internal/assert-byok.ts'
import { cutNothing, cutWhole } from './internal/misplaced.ts'
import { answerParsed, baseOf } from './internal/node-exchange.ts'
import type { ParsedRequest } from './internal/node-exchange.ts'
import { basePath, cutOff, pathBelow } from './internal/prefix.ts'

export interface MiddlewareOptions {
  /**
   * The path byok answers under, such as `/ai`, for hosts that do not cut it off, or more than it: routes (`app.all('/ai/*splat', …)`)
   * and NestJS' `forRoutes('ai/*splat')`. Default: where the middleware is mounted.
   */
  prefix?: string | undefined
}

interface ConnectRequest extends ParsedRequest {
  /** The path the middleware is mounted on, by Express, which names it at the root too. */
  baseUrl?: string | undefined
  /** The route it is in, or was in before, by Express. */
  route?: unknown
}

/** Polka gives the last handler of a route no `next`. */
type Next = ((error?: unknown) => void) | undefined

export type Middleware = (request: ConnectRequest, response: ServerResponse, next?: Next) => void

/**
 * A byok as connect-style middleware, for Express, NestJS, connect, Polka: `app.use('/ai', middleware(byok))`.
 *
 * Mounted on a path it answers everything below; mounted on the root it takes its own paths and hands on the rest. A body
 * that the host has parsed already is taken as it is.
 */
export function middleware(byok: Byok, { prefix = '' }: MiddlewareOptions = {}): Middleware {
  assertByok(byok)
  const base = basePath(prefix)
  if (base !== '') return below(byok, base)
  let warned = false
  return (request, response, next) => {
    const [path = '/'] = (request.url ?? '/').split('?', 1)
    const mount = request.baseUrl ?? baseOf(request)
    if (mount === '' && !byok.serves(path)) {
      const fault = warned ? undefined : cutNothing(path, request.route)
      if (fault !== undefined) {
        warned = true
        // No error: such a path may be the host's own, after a route that handed it on.
        byok.logger.warn(fault)
      }
      handOn(response, next)
      return
    }
    const fault = path === '/' ? cutWhole(mount) : undefined
    if (fault) handOn(response, next, fault)
    else answerParsed(byok, request, response).catch((error: unknown) => handOn(response, next, error))
  }
}

function below(byok: Byok, base: string): Middleware {
  return (request, response, next) => {
    const { url = '/', originalUrl = url } = request
    // As the router around it has it, which may be mounted somewhere itself, or else as it came.
    const path = pathBelow(base, url) ?? pathBelow(base, originalUrl)
    if (path === undefined) {
      handOn(response, next)
      return
    }
    const mount = { path, base: cutOff(originalUrl, path) }
    answerParsed(byok, request, response, mount).catch((error: unknown) => handOn(response, next, error))
  }
}

function handOn(response: ServerResponse, next: Next, error?: unknown): void {
  if (next) next(error)
  else if (response.headersSent) response.destroy()
  else response.writeHead(error === undefined ? 404 : 500).end()
}
