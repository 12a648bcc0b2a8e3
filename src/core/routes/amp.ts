import { querySent, requestHeaders, responseHeaders } from '../amp/headers.ts'
import { ChatError } from '../chat/index.ts'
import { notForThisKey } from '../clients/scope.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { settle } from '../exchange/settle.ts'
import type { RequestInfo } from '../hooks.ts'
import { anthropicMessagesProtocol } from '../protocols/anthropic-messages/index.ts'
import { geminiProtocol } from '../protocols/gemini/index.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import { openaiResponsesProtocol } from '../protocols/openai-responses/index.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { keepBody, readBytes } from './body.ts'
import { chatCompletions } from './chat-completions.ts'
import { geminiMethods } from './gemini.ts'
import { countMessageTokens, messages } from './messages.ts'
import type { RouteHandler, RouteSpec } from './route.ts'

/** Where byok's Amp begins; the rest of a path is Amp's own. */
const ROOT = '/amp'

/** Folders of Amp's server that its client opens beside `/api`. */
const PAGES = ['auth', 'threads', 'docs', 'settings']
const FILES = ['threads.rss', 'news.rss']

/**
 * What Amp's client asks for under `amp.url` (AprilNEA/BYOKEY crates/proxy/src/router.rs and handler/amp; router-for-me/CLIProxyAPI
 * internal/api/modules/amp/routes.go, of the versions that had it). Chats are byok's where a provider offers the model; those for
 * other models, and everything else, are Amp's.
 */
export function ampRoutes(context: ExchangeContext, responses: RouteHandler): RouteSpec[] {
  const openai = openaiChatProtocol
  const pass: RouteHandler = (event, info) => forward(context, event.req, event.url, info)
  const chat = (path: string, protocol: Protocol, handler: RouteHandler): RouteSpec => ({
    path: `${ROOT}/api/provider/:provider/${path}`,
    protocol,
    methods: { POST: orAmp(context, handler) },
    any: pass,
  })
  const through = (path: string): RouteSpec => ({ path: `${ROOT}/${path}`, protocol: openai, methods: {}, any: pass })
  const redirect =
    (path: string): RouteHandler =>
    (event) =>
      new Response(null, {
        status: 302,
        headers: { location: `${context.config.amp.upstream_url}${path}${event.url.search}` },
      })
  return [
    { path: `${ROOT}/v1/login`, protocol: openai, methods: { GET: redirect('/login') } },
    { path: `${ROOT}/auth/cli-login`, protocol: openai, methods: { GET: redirect('/auth/cli-login') } },
    { path: `${ROOT}/v1/chat/completions`, protocol: openai, methods: { POST: chatCompletions(context) } },
    chat('v1/chat/completions', openai, chatCompletions(context)),
    chat('chat/completions', openai, chatCompletions(context)),
    chat('v1/responses', openaiResponsesProtocol, responses),
    chat('responses', openaiResponsesProtocol, responses),
    chat('v1/messages', anthropicMessagesProtocol, messages(context)),
    chat('v1/messages/count_tokens', anthropicMessagesProtocol, countMessageTokens(context)),
    chat('v1beta/models/**', geminiProtocol, geminiMethods(context)),
    chat('v1beta1/publishers/google/models/**', geminiProtocol, geminiMethods(context)),
    through('v0/management/**'),
    through('api/**'),
    ...PAGES.flatMap((page) => [through(page), through(`${page}/**`)]),
    ...FILES.map(through),
  ]
}

/** byok's answer; Amp's own, which Amp counts, where no provider offers the model. */
function orAmp(context: ExchangeContext, handler: RouteHandler): RouteHandler {
  return async (event, info) => {
    keepBody(event)
    try {
      return await handler(event, info)
    } catch (error) {
      if (!(error instanceof ChatError && error.code === 'model_not_found' && error.provider === undefined)) throw error
      const { method, headers, signal } = event.req
      const body = new Blob([await readBytes(event, context.config.server)]).stream()
      return await forward(context, { method, headers, body, signal }, event.url, info)
    }
  }
}

/** Passes a request on to Amp and its answer back, both as they come. */
async function forward(
  context: ExchangeContext,
  { method, headers, body, signal }: Pick<Request, 'method' | 'headers' | 'body' | 'signal'>,
  url: URL,
  info: RequestInfo,
): Promise<Response> {
  const { clients, config, upstream } = context
  if (clients.find(info.client)?.models) throw notForThisKey(info.client, "Amp's own")
  const path = url.pathname.slice(ROOT.length)
  info.provider = 'amp'
  const answer = await upstream.forward(`${config.amp.upstream_url}${path}${querySent(url, clients)}`, {
    method,
    headers: requestHeaders(headers, config, clients),
    body,
    signal,
    title: 'Amp',
  })
  if (info.protocol !== undefined) settle(context, info, 'ok')
  const empty = method === 'HEAD' || [101, 204, 205, 304].includes(answer.status)
  if (empty) await answer.body?.cancel()
  return new Response(empty ? null : answer.body, { status: answer.status, headers: responseHeaders(answer.headers) })
}
