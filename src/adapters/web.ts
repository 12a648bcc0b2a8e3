import type { Byok } from '../core/byok.ts'

export interface WebOptions {
  /** The path byok is mounted under, such as `/ai`; it is cut off before byok looks. Default: none. */
  prefix?: string
}

/** A byok as a web handler: `Request` in, `Response` out, for any runtime or framework that speaks them. */
export function toWebHandler(byok: Byok, { prefix = '' }: WebOptions = {}): (request: Request) => Promise<Response> {
  const base = prefix.replace(/\/+$/, '')
  if (base === '') return byok.fetch
  return async (request) => {
    const url = new URL(request.url)
    if (url.pathname !== base && !url.pathname.startsWith(`${base}/`)) return new Response('Not Found', { status: 404 })
    url.pathname = url.pathname.slice(base.length) || '/'
    return await byok.fetch(new Request(url, request))
  }
}
