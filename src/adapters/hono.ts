import type { Byok } from '../core/byok.ts'
import { withBody } from './internal/with-body.ts'
import { toWebHandler } from './web.ts'
import type { WebOptions } from './web.ts'

/** The part of Hono's context that is used. */
interface HonoContext {
  req: {
    raw: Request
    /** From Hono's cache, where a middleware read the body before. */
    arrayBuffer(): Promise<ArrayBuffer>
  }
}

/**
 * A byok as a Hono handler: `app.all('/ai/*', hono(byok, { prefix: '/ai' }))`.
 *
 * Unlike `app.mount` it also works where a middleware (a validator, say) has read the body already.
 */
export function hono(byok: Byok, options?: WebOptions): (context: HonoContext) => Promise<Response> {
  const handle = toWebHandler(byok, options)
  return async ({ req }) => await handle(req.raw.bodyUsed ? withBody(req.raw, await req.arrayBuffer()) : req.raw)
}
