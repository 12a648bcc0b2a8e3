import { H3, handleCors } from 'h3'
import type { H3Event, HTTPError } from 'h3'
import { ChatError } from '../chat/index.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { failed } from '../exchange/failed.ts'
import { idHeader, isSigned, ROUTING_HEADERS, setRoutingHeaders } from '../exchange/headers.ts'
import { newInfo } from '../exchange/info.ts'
import { settle } from '../exchange/settle.ts'
import type { RequestInfo } from '../hooks.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { guardAdmin, guardDetails } from './admin.ts'
import { nameHost } from './authority.ts'
import { isGone } from './client-gone.ts'
import { guardClient, isAllowedOrigin } from './guard.ts'
import { meantPath } from './meant.ts'
import type { RouteHandler, RouteMethod, RouteSpec } from './route.ts'
import { isHandshake, statusOf, takeSocket } from './socket.ts'
import { protocolOf } from './table.ts'

declare module 'h3' {
  interface H3EventContext {
    /** What byok knows of this request. */
    byok?: RequestInfo
  }
}

/** nginx's status for a request whose client went away: nobody reads it but access logs. */
export const CLIENT_GONE = 499

/** A browser's question whether it may ask has an answer without content. */
const PREFLIGHT_STATUS = 204

/** The h3 app: every route, what guards them, and how their errors look. */
export function createApp(context: ExchangeContext, routes: readonly RouteSpec[]): H3 {
  const app = new H3({
    // Reached only by what h3 itself refuses before a route, such as a malformed URL.
    onError: (error, event) => failure(context, infoOf(event), protocolOf(pathOf(event.req)), fromHttpError(error)),
  })
  app.use((event, next) => {
    // Only browsers send it.
    if (!event.req.headers.has('origin')) return next()
    const { allowed_origins: origins } = context.config.server
    const info = infoOf(event)
    // h3 takes the headers of errors from a list of their own.
    for (const headers of [event.res.headers, event.res.errHeaders]) headers.set('x-request-id', info.id)
    const preflight = handleCors(event, {
      origin: (origin) => isAllowedOrigin(origin, origins),
      methods: '*',
      exposeHeaders: ['x-request-id', 'request-id', 'retry-after', ...ROUTING_HEADERS],
      preflight: { statusCode: PREFLIGHT_STATUS },
    })
    if (preflight === false) return answerWith(event.res.headers, next)
    info.status = PREFLIGHT_STATUS
    settle(context, info, 'ok')
    return preflight
  })
  /** By their paths: those with names in them are not found here. */
  const meant = new Map<string, (event: H3Event) => Promise<Response>>()
  for (const { path, methods, any, protocol, access, socket, when } of routes) {
    const answer = (handler: RouteHandler) => (event: H3Event) => {
      const words = typeof protocol === 'function' ? protocol(event) : protocol
      if (when?.(event) === false) return run(context, event, words, () => notFound(event))
      infoOf(event).route = path
      return run(context, event, words, handler, access)
    }
    for (const [method, handler] of Object.entries(methods) as [RouteMethod, RouteHandler][]) {
      app.on(method, path, answer(handler))
      if (method === 'GET') app.head(path, answer(handler))
    }
    const refuse: RouteHandler = (event) => methodNotAllowed(event, Object.keys(methods))
    const upgrade: RouteHandler | undefined =
      socket && ((event, info) => takeSocket(event, socket(event)) ?? refuse(event, info))
    const others = answer(any ?? upgrade ?? refuse)
    app.all(path, others)
    const byMethod = new Map(Object.entries(methods))
    meant.set(path, (event) => {
      const { method } = event.req
      const handler = byMethod.get(method === 'HEAD' ? 'GET' : method)
      return handler ? answer(handler)(event) : others(event)
    })
  }
  app.all('/**', (event) => {
    const route = meant.get(meantPath(event.url.pathname))
    if (route) return route(event)
    return run(context, event, protocolOf(event.url.pathname, event.req.headers), () => notFound(event))
  })
  return app
}

/** The answer with these headers, which h3 prepared. h3 would build it anew for them, and make a web stream of what writes itself. */
async function answerWith(prepared: Headers, next: () => unknown): Promise<unknown> {
  const answer = await next()
  if (!(answer instanceof Response && isSigned(answer))) return answer
  for (const [name, value] of [...prepared]) {
    answer.headers.set(name, value)
    prepared.delete(name)
  }
  return answer
}

async function run(
  context: ExchangeContext,
  event: H3Event,
  protocol: Protocol,
  handler: RouteHandler,
  access: RouteSpec['access'] = 'client',
): Promise<Response> {
  const info = infoOf(event)
  try {
    admit(context, event, info, access)
    const response = await handler(event, info)
    info.status = statusOf(event.req, response)
    if (!isSigned(response)) {
      response.headers.set('x-request-id', info.id)
      for (const [name, value] of idHeader(protocol, info)) response.headers.set(name, value)
      setRoutingHeaders(response.headers, info)
    }
    // A streamed answer settles itself, at its end.
    if (info.protocol === undefined) settle(context, info, 'ok')
    return response
  } catch (error) {
    if (isGone(event)) {
      settle(context, info, 'aborted')
      return new Response(null, { status: CLIENT_GONE })
    }
    return failure(context, info, protocol, error)
  }
}

/** @throws {ChatError} 401 or 403 for who may not ask. */
function admit(context: ExchangeContext, event: H3Event, info: RequestInfo, access: RouteSpec['access']): void {
  const { headers } = event.req
  nameHost(event.req, event.runtime?.node?.req.headers[':authority'])
  guardClient(context, info, { headers, url: event.url }, access === 'client')
  if (access === 'admin') {
    const key = guardAdmin(context, event, info)
    if (key) context.clients.admit(info, key)
  }
  if (access === 'details') guardDetails(context, event, info)
}

function failure(context: ExchangeContext, info: RequestInfo, protocol: Protocol, error: unknown): Response {
  const { error: known, headers } = failed(context, info, error)
  if (known.code === 'request_timeout') headers.set('connection', 'close')
  for (const [name, value] of idHeader(protocol, info)) headers.set(name, value)
  if (error instanceof MethodNotAllowed) headers.set('allow', error.allow.join(', '))
  return Response.json(protocol.encodeError(known, info.id), { status: known.status, headers })
}

function infoOf(event: H3Event | { req: Request; context?: unknown }): RequestInfo {
  if ('url' in event && 'app' in event) {
    event.context.byok ??= infoFor(event.req, event.url.pathname, event.url.protocol.slice(0, -1))
    return event.context.byok
  }
  return infoFor(event.req, '')
}

/** The path of what h3 could not make a URL of. */
function pathOf({ url }: Request): string {
  return URL.canParse(url) ? new URL(url).pathname : ''
}

/** A client's own name of its request, where that can stand in a header, a log and a table as it is. */
const REQUEST_ID = /^[\w.:-]{1,128}$/

function infoFor({ method, headers }: Request, path: string, scheme?: string): RequestInfo {
  const given = headers.get('x-request-id') ?? ''
  const info = newInfo(method, path, REQUEST_ID.test(given) ? given : undefined)
  info.scheme = scheme
  return info
}

class MethodNotAllowed extends ChatError {
  readonly allow: string[]

  constructor(method: string, path: string, allow: string[]) {
    super(`${method} is not allowed on ${path}. Use ${allow.join(' or ')}.`, {
      status: 405,
      type: 'invalid_request_error',
      code: 'method_not_allowed',
    })
    this.allow = allow
  }
}

/**
 * Codex, which asks for a WebSocket first where it takes byok for OpenAI (`openai_base_url`), goes on by HTTP at once only after this
 * status (openai/codex codex-rs/core/src/client.rs, `UPGRADE_REQUIRED`); after another it tries again for seven seconds.
 */
function methodNotAllowed(event: H3Event, allow: string[]): never {
  if (isHandshake(event.req.method, event.req.headers.get('upgrade'))) {
    throw new ChatError(`There is no WebSocket here. Use ${allow.join(' or ')} over HTTP.`, {
      status: 426,
      type: 'invalid_request_error',
      code: 'websocket_unsupported',
    })
  }
  throw new MethodNotAllowed(event.req.method, event.url.pathname, allow)
}

function notFound(event: H3Event): never {
  throw new ChatError(
    `There is no ${event.req.method} ${event.url.pathname.slice(0, 200)}. GET / lists what byok serves; an OpenAI client's base URL ends in /v1.`,
    { status: 404, type: 'invalid_request_error', code: 'not_found' },
  )
}

function fromHttpError(error: HTTPError): unknown {
  if (error.unhandled || error.status >= 500) return error.cause ?? error
  return new ChatError(`${error.statusText ?? 'Bad Request'}: the request could not be read.`, { status: error.status })
}
