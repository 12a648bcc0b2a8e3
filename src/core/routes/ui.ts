import type { H3Event } from 'h3'
import type { Byok } from '../byok.ts'
import { ChatError } from '../chat/index.ts'
import type { ConfigFile, Drafts } from '../config/layers.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import type { RequestInfo } from '../hooks.ts'
import { openaiChatProtocol as protocol } from '../protocols/openai-chat/index.ts'
import type { Reloaded } from '../start/reload.ts'
import type { UiApi } from '../ui/api.ts'
import type { AssetName } from '../ui/assets.ts'
import { guardAdmin, openAdminSession } from './admin.ts'
import type { RouteHandler, RouteMethod, RouteSpec } from './route.ts'

export interface UiParts {
  context: ExchangeContext
  /** The one that has these routes, once it is made. */
  byok: () => Byok
  /** The files of the config, the last outranking the others. */
  files: readonly ConfigFile[]
  /** @throws {ConfigError} where the config would not be valid with these texts. */
  check(drafts: Drafts): Promise<Pick<Reloaded, 'warnings' | 'restart'>>
}

/**
 * What the page's files are sent with: nothing comes from elsewhere, nothing that stands in the page itself is run, nobody frames it,
 * and no other site learns of it.
 */
const PAGE_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** The page, and what it asks byok and tells it to do. What answers is loaded with the first request for it. */
export function uiRoutes(parts: UiParts): RouteSpec[] {
  const { context } = parts
  const when = () => context.config.ui
  let loading: Promise<UiApi> | undefined
  const api = (): Promise<UiApi> => (loading ??= import('../ui/api.ts').then(({ createUiApi }) => createUiApi(parts)))
  const admin = (path: string, methods: Partial<Record<RouteMethod, keyof UiApi>>): RouteSpec => ({
    path: `/ui/api/${path}`,
    protocol,
    methods: Object.fromEntries(
      Object.entries(methods).map(([method, name]): [string, RouteHandler] => [
        method,
        async (event, info) => unkept(await (await api())[name](event, info)),
      ]),
    ),
    access: 'admin',
    when,
  })
  const file = (path: string, name: AssetName): RouteSpec => ({
    path,
    protocol,
    methods: { GET: (event, info) => sendFile(context, event, info, name) },
    access: 'anyone',
    when,
  })
  return [
    file('/ui', 'index.html'),
    file('/ui/app.js', 'app.js'),
    file('/ui/app.css', 'app.css'),
    {
      path: '/ui/api/session',
      protocol,
      methods: {
        POST: (event, info) => {
          const cookie = openAdminSession(context, event, info)
          return unkept(Response.json({ done: true }, { headers: { 'set-cookie': cookie } }))
        },
      },
      access: 'anyone',
      when,
    },
    admin('events', { GET: 'events' }),
    admin('usage', { GET: 'usage' }),
    admin('models', { GET: 'models' }),
    admin('chat', { POST: 'chat' }),
    admin('sign-in', { POST: 'signIn' }),
    admin('sign-in/redirect', { POST: 'redirect' }),
    admin('sign-out', { POST: 'signOut' }),
    admin('wake', { POST: 'wake' }),
    admin('keys', { POST: 'addKey' }),
    admin('config', { GET: 'config', PUT: 'saveConfig' }),
    admin('config/check', { POST: 'checkConfig' }),
    admin('setup', { GET: 'setup' }),
  ]
}

async function sendFile(
  context: ExchangeContext,
  event: H3Event,
  info: RequestInfo,
  name: AssetName,
): Promise<Response> {
  // Files beside the page are found from `/ui` alone, wherever that is mounted.
  if (name === 'index.html' && event.url.pathname.endsWith('/')) {
    return new Response(null, { status: 308, headers: { location: '../ui' } })
  }
  const { assetOf } = await import('../ui/assets.ts')
  const { body, type, etag } = assetOf(name)
  const headers = new Headers({ ...PAGE_HEADERS, 'content-type': type, etag, 'cache-control': 'no-cache' })
  if (name === 'index.html') {
    const cookie = sessionFor(context, event, info)
    if (cookie !== undefined) headers.append('set-cookie', cookie)
  }
  if (event.req.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers })
  return new Response(event.req.method === 'HEAD' ? null : body, { headers })
}

/** A session for a browser that has none and may have one. Others see the page, which asks them for a key. */
function sessionFor(context: ExchangeContext, event: H3Event, info: RequestInfo): string | undefined {
  try {
    guardAdmin(context, event, info)
    return undefined
  } catch {
    try {
      return openAdminSession(context, event, info)
    } catch (error) {
      if (error instanceof ChatError) return undefined
      throw error
    }
  }
}

/** What is told to administrators stays out of every cache. */
function unkept(response: Response): Response {
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store')
  response.headers.set('x-content-type-options', 'nosniff')
  return response
}
