import type { Byok } from '../core/byok.ts'
import { isObject } from '../core/json/json.ts'
import { nameHost } from '../core/routes/authority.ts'
import { isForm } from '../core/routes/body.ts'
import { withBody } from './internal/with-body.ts'
import { toWebHandler } from './web.ts'
import type { WebOptions } from './web.ts'

/** The part of Hono's context that is used. */
interface HonoContext {
  req: {
    raw: Request
    /** From Hono's cache, where a middleware read the body before. */
    arrayBuffer(): Promise<ArrayBuffer>
    formData(): Promise<FormData>
    /** What it was read as. */
    bodyCache: object
  }
  /** Node's request is in it, where `@hono/node-server` serves. */
  env?: unknown
}

/**
 * A byok as a Hono handler: `app.all('/ai/*', hono(byok, { prefix: '/ai' }))`.
 *
 * Unlike `app.mount` it also works where a middleware (a validator, say) has read the body already.
 */
export function hono(byok: Byok, options?: WebOptions): (context: HonoContext) => Promise<Response> {
  const handle = toWebHandler(byok, options)
  return async ({ req, env }) => {
    const { raw, bodyCache } = req
    nameHost(raw, authorityOf(env))
    if (!raw.bodyUsed) return await handle(raw)
    // Of a form that was read as one, Hono has no bytes but those it would be written in anew, with another boundary than the request's.
    const body = isForm(raw.headers) && 'formData' in bodyCache ? await req.formData() : await req.arrayBuffer()
    return await handle(await withBody(raw, { body, packed: true }))
  }
}

function authorityOf(env: unknown): unknown {
  const incoming = isObject(env) ? env['incoming'] : undefined
  return isObject(incoming) && isObject(incoming['headers']) ? incoming['headers'][':authority'] : undefined
}
