import type { Byok } from '../core/byok.ts'
import { basePath, pathBelow } from './internal/prefix.ts'

export interface WebOptions {
  /** The path byok is mounted under, such as `/ai`; it is cut off before byok looks. Default: none. */
  prefix?: string
}

/**
 * A byok as a web handler: `Request` in, `Response` out, for every runtime and framework that speaks them: Bun, Deno, workers,
 * Next.js, Nitro, SvelteKit, Astro, Remix.
 */
export function toWebHandler(byok: Byok, { prefix = '' }: WebOptions = {}): (request: Request) => Promise<Response> {
  const base = basePath(prefix)
  if (base === '') return (request) => byok.fetch(request)
  return async (request) => {
    const url = new URL(request.url)
    const path = pathBelow(base, url.pathname)
    if (path === undefined) return new Response('Not Found', { status: 404 })
    url.pathname = path
    return await byok.fetch(movedTo(url, request))
  }
}

/** The same request for another address. Read field by field: some frameworks' requests only look like one. */
function movedTo(url: URL, { method, headers, body, signal }: Request): Request {
  return new Request(url, { method, headers, signal, ...(body && { body, duplex: 'half' }) })
}
