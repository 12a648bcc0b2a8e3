/**
 * byok as a route handler of Next.js: this file is `app/ai/[...byok]/route.ts` of an app, whose `next.config.ts` has
 * `serverExternalPackages: ['byok']`, so that byok is loaded and not bundled. Its clients' base URL is
 * `http://localhost:3000/ai/v1`.
 */
import { createByok } from 'byok'
import { toWebHandler } from 'byok/adapters/web'

// In development Next.js loads this module anew after each change, and one byok is enough.
const kept = globalThis as { byok?: ReturnType<typeof createByok> }

async function handle(request: Request): Promise<Response> {
  const byok = await (kept.byok ??= createByok())
  return await toWebHandler(byok, { prefix: '/ai' })(request)
}

export {
  handle as GET,
  handle as HEAD,
  handle as OPTIONS,
  handle as POST,
  handle as PUT,
  handle as PATCH,
  handle as DELETE,
}

/** It needs Node's own modules, and answers every request anew. */
export const runtime = 'nodejs'
export const dynamic = 'force-dynamic'
