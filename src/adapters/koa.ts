import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Byok } from '../core/byok.ts'
import { assertByok } from './internal/assert-byok.ts'
import { answerNode } from './internal/node-exchange.ts'
import type { ParsedBody } from './internal/node-exchange.ts'
import { basePath, cutOff, pathBelow } from './internal/prefix.ts'

export interface KoaOptions {
  /** The path byok answers under, such as `/ai`. Default: byok's own paths at the root, or all below `koa-mount`. */
  prefix?: string | undefined
}

/** The part of Koa's context that is used. */
interface KoaContext {
  req: IncomingMessage
  res: ServerResponse
  respond?: boolean | undefined
  request: object
  /** The address as it came. */
  originalUrl: string
  /** Set by `koa-mount`. */
  mountPath?: string | undefined
}

export type KoaMiddleware = (context: KoaContext, next: () => Promise<unknown>) => Promise<void>

/**
 * A byok as Koa middleware: `app.use(koa(byok, { prefix: '/ai' }))`. What is not byok's goes on to the next.
 *
 * It writes the answer itself, so that a stream keeps the client's pace; headers that earlier middleware set are sent with it.
 */
export function koa(byok: Byok, { prefix = '' }: KoaOptions = {}): KoaMiddleware {
  assertByok(byok)
  const base = basePath(prefix)
  return async (context, next) => {
    const { req: request, res: response } = context
    const path = pathBelow(base, request.url ?? '/')
    const ours = path !== undefined && (base !== '' || context.mountPath || byok.serves(path.split('?', 1)[0] ?? ''))
    if (!ours) {
      await next()
      return
    }
    context.respond = false
    // Body parsers for Koa leave these.
    const { body, rawBody, files }: ParsedBody = context.request
    await answerNode(byok, { request, response, path, base: cutOff(context.originalUrl, path), body, rawBody, files })
  }
}
