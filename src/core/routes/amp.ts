import type { H3Event } from 'h3'
import { handshakeHeaders, querySent, requestHeaders, responseHeaders } from '../amp/headers.ts'
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
import { chatRoute } from './chat.ts'
import { geminiMethods, listGeminiModels } from './gemini.ts'
import { countMessageTokens } from './count-tokens.ts'
import { isAnthropic, listModels } from './models.ts'
import { meansOllama, noOllama, ollamaErrors } from './ollama.ts'
import { plainEndpoint } from './plain.ts'
import { COMPLETIONS } from './plain-form.ts'
import { guardNavigation } from './guard.ts'
import type { RouteHandler, RouteSpec } from './route.ts'
import { canTakeSocket, takeTunnel } from './socket.ts'

/** Where `amp.url` leads; the rest of a path is Amp's own. */
const ROOT = '/amp'

/** Pages of Amp's that its client opens in a browser. At the root of byok there are those alone that the client looks for there. */
const PAGES = ['auth', 'docs']
const PAGES_OF_BOTH = ['threads', 'settings']
const FILES = ['threads.rss', 'news.rss']

/**
 * What Amp's client asks for (AprilNEA/BYOKEY crates/proxy/src/router.rs and handler/amp; router-for-me/CLIProxyAPI
 * internal/api/modules/amp/routes.go, of the versions that had it). Chats are byok's where a provider offers the model; those for
 * other models, and everything else, are Amp's.
 *
 * Of `amp.url` the client keeps the path for its login alone; its API it looks for at the root of the same host: `new
 * URL('/api/provider/anthropic', url)` (npm's @sourcegraph/amp dist/main.js, 0.0.1769314944 and 0.0.1777897475), and so do the
 * binaries after it. So most of this stands at both.
 */
export function ampRoutes(context: ExchangeContext, responses: RouteHandler): RouteSpec[] {
  const openai = openaiChatProtocol
  const pass: RouteHandler = (event, info) => forward(context, event.req, event.url, info)
  const route = (path: string, any: RouteHandler): RouteSpec => ({ path, protocol: openai, methods: {}, any })
  const page = (path: string): RouteSpec => ({
    path,
    protocol: openai,
    methods: { GET: redirect(context) },
    any: pass,
  })
  const pages = (root: string, names: string[]) =>
    names.flatMap((name) => [page(`${root}/${name}`), page(`${root}/${name}/**`)])
  const both = (root: string): RouteSpec[] => [
    { path: `${root}/v1/login`, protocol: openai, methods: { GET: redirect(context, '/login') } },
    { path: `${root}/auth/cli-login`, protocol: openai, methods: { GET: redirect(context) } },
    ...providerRoutes(`${root}/api/provider/:provider`, context, responses, pass),
    route(`${root}/v0/management/**`, pass),
    route(`${root}/actors/**`, socketOrPass(context, pass)),
    ...pages(root, PAGES_OF_BOTH),
  ]
  return [
    { path: `${ROOT}/v1/chat/completions`, protocol: openai, methods: { POST: chatCompletions(context) } },
    ...both(ROOT),
    route(`${ROOT}/api/**`, pass),
    ...pages(ROOT, PAGES),
    ...FILES.map((file) => page(`${ROOT}/${file}`)),
    ...both(''),
    {
      path: '/api/**',
      protocol: (event) => (meansOllama(event) ? ollamaErrors : openai),
      methods: {},
      any: ofAmpsClient(pass),
    },
  ]
}

/** The chats of Amp's client. It names a provider in the path; which one answers is byok's routing to say. */
function providerRoutes(
  root: string,
  context: ExchangeContext,
  responses: RouteHandler,
  pass: RouteHandler,
): RouteSpec[] {
  const chat = (path: string, protocol: Protocol, handler: RouteHandler): RouteSpec => ({
    path: `${root}/${path}`,
    protocol,
    methods: { POST: orAmp(context, handler) },
    any: pass,
  })
  const ofProvider = (event: H3Event) => event.context.params?.['provider'] === 'anthropic' || isAnthropic(event)
  const gemini = listGeminiModels(context)
  const others = listModels(context, ofProvider)
  const list: RouteHandler = (event, info) =>
    (event.context.params?.['provider'] === 'google' ? gemini : others)(event, info)
  const models = (path: string, protocol: Protocol): RouteSpec => ({
    path: `${root}/${path}`,
    protocol,
    methods: { GET: list },
    any: pass,
  })
  // Clients of some providers, Groq's and Kimi's for two, leave `v1` out.
  const shortened = (path: string, protocol: Protocol, handler: RouteHandler) =>
    ['v1/', ''].map((version) => chat(`${version}${path}`, protocol, handler))
  return [
    ...shortened('chat/completions', openaiChatProtocol, chatCompletions(context)),
    ...shortened('completions', openaiChatProtocol, plainEndpoint(context, COMPLETIONS)),
    ...shortened('responses', openaiResponsesProtocol, responses),
    chat('v1/messages', anthropicMessagesProtocol, chatRoute(context, anthropicMessagesProtocol)),
    chat('v1/messages/count_tokens', anthropicMessagesProtocol, countMessageTokens(context)),
    chat('v1beta/models/**', geminiProtocol, geminiMethods(context)),
    chat('v1beta1/publishers/google/models/**', geminiProtocol, geminiMethods(context)),
    models('models', openaiChatProtocol),
    models('v1/models', openaiChatProtocol),
    models('v1beta/models', geminiProtocol),
  ]
}

/** Leads a browser to Amp, without the key it may have come with: what Amp's pages run there has no business at byok's own origin. */
function redirect(context: ExchangeContext, path?: string): RouteHandler {
  return ({ url }) =>
    new Response(null, {
      status: 302,
      headers: {
        location: `${context.config.amp.upstream_url}${path ?? ampPath(url)}${querySent(url, context.clients)}`,
      },
    })
}

/**
 * Keeps Amp's API at the root of byok to Amp's client, each of whose requests says so by an `x-amp-…` header: other tools' prompts
 * may come to the same paths, such as those for Ollama's `/api/chat`, and are not for Amp to read.
 */
function ofAmpsClient(pass: RouteHandler): RouteHandler {
  return (event, info) => {
    for (const name of event.req.headers.keys()) if (name.startsWith('x-amp-')) return pass(event, info)
    if (meansOllama(event)) throw noOllama(event)
    throw new ChatError(
      `There is no ${event.req.method} ${event.url.pathname.slice(0, 200)}: under /api byok serves Amp's client alone. GET / lists the rest; an OpenAI client's base URL ends in /v1.`,
      { status: 404, type: 'invalid_request_error', code: 'not_found' },
    )
  }
}

/** The threads of today's client run at Amp, which it follows by a WebSocket. */
function socketOrPass(context: ExchangeContext, pass: RouteHandler): RouteHandler {
  return async (event, info) => {
    if (!canTakeSocket(event.req)) return await pass(event, info)
    const { url, headers, over } = toAmp(context, event.url, event.req.headers, info)
    const { signal } = event.req
    const opened = await context.upstream.openSocket(url, { headers, signal, title: 'Amp' }).catch(endWith(over))
    opened.socket.once('close', over)
    return takeTunnel(event, { ...opened, headers: handshakeHeaders(opened.headers) })
  }
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
  const target = toAmp(context, url, headers, info)
  const { headers: sent, over } = target
  const asked = context.upstream.forward(target.url, { method, headers: sent, body, signal, title: 'Amp' })
  const answer = await asked.catch(endWith(over))
  info.status = answer.status
  if (info.protocol !== undefined) settle(context, info, answer.status < 400 ? 'ok' : 'error')
  const empty = method === 'HEAD' || [101, 204, 205, 304].includes(answer.status)
  if (empty) await answer.body?.cancel()
  const passed = empty || !answer.body ? null : toItsEnd(answer.body, over)
  if (!passed) over()
  return new Response(passed, { status: answer.status, headers: responseHeaders(answer.headers) })
}

/**
 * Lets a request through to Amp. What byok's own key for Amp signs counts for the client's budget.
 *
 * @returns where to and with which headers; `over` is to be called at the end of Amp's answer
 * @throws {ChatError} 403 for another origin's page, and for a key whose bounds cannot be held at Amp; 429 beyond those that can
 */
function toAmp(context: ExchangeContext, url: URL, headers: Headers, info: RequestInfo) {
  const { clients, config, streams, budgets } = context
  guardNavigation(headers)
  const key = clients.keyOf(info)
  if (key?.models) throw notForThisKey(info, "Amp's own")
  const isOurs = config.amp.api_key !== undefined
  if (isOurs && key?.budget?.tokens_per_day !== undefined) throw tokensUntold(key.label)
  info.provider = 'amp'
  // The request itself is settled as soon as Amp answers; its stream may go on.
  const passing = { ...info }
  streams.enter(passing, config.server.max_streams)
  const over = () => streams.leave(passing)
  try {
    if (isOurs) budgets.admit(key)
  } catch (error) {
    over()
    throw error
  }
  return {
    over,
    url: `${config.amp.upstream_url}${ampPath(url)}${querySent(url, clients)}`,
    headers: requestHeaders(headers, config, clients),
  }
}

function tokensUntold(label: string): ChatError {
  return new ChatError(
    `The key ${JSON.stringify(label)} has a budget of tokens, and Amp does not tell how many it uses. Use a model that byok offers, or a key with a budget of requests.`,
    { status: 403, type: 'permission_error', code: 'amp_not_allowed' },
  )
}

function endWith(over: () => void): (error: unknown) => never {
  return (error) => {
    over()
    throw error
  }
}

/** The same bytes; tells when there are no more, whyever. */
function toItsEnd(body: ReadableStream<Uint8Array>, over: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read().catch(endWith(over))
        if (!done) return controller.enqueue(value)
        over()
        controller.close()
      },
      async cancel(reason) {
        over()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

function ampPath({ pathname }: URL): string {
  return pathname.startsWith(`${ROOT}/`) ? pathname.slice(ROOT.length) : pathname
}
