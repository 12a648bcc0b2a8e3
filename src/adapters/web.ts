import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Byok } from '../core/byok.ts'
import { nameHost } from '../core/routes/authority.ts'
import { noteBase } from '../core/routes/base.ts'
import { assertByok } from './internal/assert-byok.ts'
import { basePath, pathBelow } from './internal/prefix.ts'

export interface WebOptions {
  /** The path byok is mounted under, such as `/ai`; it is cut off before byok looks. Default: none. */
  prefix?: string | undefined
}

/**
 * A byok as a web handler: `Request` in, `Response` out, for every runtime and framework that speaks them: Bun, Deno, workers,
 * Next.js, Nitro, SvelteKit, Astro, Remix.
 */
export function toWebHandler(byok: Byok, { prefix = '' }: WebOptions = {}): (request: Request) => Promise<Response> {
  assertByok(byok)
  const base = basePath(prefix)
  return async (request) => {
    const { res: response, req: incoming } = nodeOf(request)
    nameHost(request, incoming?.headers[':authority'])
    if (base === '' && !response) return await byok.app.fetch(request)
    const url = new URL(request.url)
    const path = pathBelow(base, url.pathname)
    if (path === undefined) return new Response('Not Found', { status: 404 })
    url.pathname = path
    const moved = movedTo(url, request, response ? untilClosed(response) : request.signal)
    noteBase(moved, base)
    return await byok.app.fetch(moved)
  }
}

/** The same request for another address. Read field by field: some frameworks' requests only look like one. */
function movedTo(url: URL, { method, headers, body }: Request, signal: AbortSignal): Request {
  return new Request(url, { method, headers, signal, ...(body && { body, duplex: 'half' }) })
}

/** Node's own request and response, where srvx (the server of h3 and Nitro) made the request of one of Node's. */
function nodeOf(request: Request & { runtime?: { node?: { req?: IncomingMessage; res?: ServerResponse } } }) {
  return request.runtime?.node ?? NONE
}

const NONE: { req?: IncomingMessage; res?: ServerResponse } = {}

/**
 * Whether the client is gone, as Node says it. The signal of srvx before 0.9, which Nitro 3.0.0 has, aborts as soon as the request's
 * body is read.
 */
function untilClosed(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) controller.abort()
  })
  return controller.signal
}
