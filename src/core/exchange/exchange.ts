import { credentialsOf, noCredential } from '../auth/credentials.ts'
import type { Credential } from '../auth/credential.ts'
import type { TokenManager } from '../auth/token-manager.ts'
import { ChatError, invalidRequest } from '../chat/index.ts'
import type { ChatRequest } from '../chat/index.ts'
import type { Config } from '../config/schema.ts'
import { hasHook, runHook } from '../hooks.ts'
import type { RequestInfo } from '../hooks.ts'
import type { ModelLists } from '../models/index.ts'
import type { Protocol } from '../protocols/protocol.ts'
import type { Registry, Route } from '../registry.ts'
import type { Secret } from '../secret.ts'
import type { TokenStore } from '../store/index.ts'
import type { Upstream } from '../upstream/client.ts'
import { errorOfResponse } from '../upstream/error.ts'
import type { UpstreamResponse } from '../upstream/fetch.ts'
import type { Translator } from '../upstream/translator.ts'
import { answer } from './answer.ts'
import type { Reporter } from './settle.ts'

/** What every exchange shares. */
export interface ExchangeContext extends Reporter {
  config: Config
  registry: Registry
  store: TokenStore
  /** Keeps the tokens of logins fresh. */
  tokens: TokenManager
  upstream: Upstream
  modelLists?: ModelLists
}

/** One client request. */
export interface ExchangeInput {
  protocol: Protocol
  body: Record<string, unknown>
  headers: Headers
  /** Aborts when the client goes away. */
  signal: AbortSignal
  info: RequestInfo
}

/** Who is asked, for what, in which words. */
interface Attempt {
  route: Route
  credential: Credential
  translator: Translator
  /** The neutral request; absent on the fast path, where bytes pass through. */
  chat: ChatRequest | undefined
  /** Whether the client reads a stream. */
  stream: boolean
  /** Whether the provider is asked for a stream. */
  upstreamStream: boolean
  body: Record<string, unknown>
}

/**
 * Carries one client request to a provider and its answer back.
 *
 * @throws {ChatError} for everything that goes wrong before the first byte of the answer.
 */
export async function exchange(context: ExchangeContext, input: ExchangeInput): Promise<Response> {
  const { info, protocol } = input
  await runHook(context.hooks, 'request', { info, headers: input.headers, body: input.body })
  const attempt = await prepare(context, input)
  const { route, translator, chat, stream } = attempt

  const abort = new AbortController()
  const signal = AbortSignal.any([input.signal, abort.signal])
  try {
    const response = await sendFresh(context, input, attempt, signal)
    if (!response.ok) {
      throw await errorOfResponse(response, {
        provider: route.provider.name,
        title: route.provider.title,
        translator,
        secrets: secretsOf(attempt.credential),
      })
    }
    return await answer({
      response,
      translator,
      protocol,
      info,
      chat,
      stream,
      includeUsage: chat?.includeUsage ?? false,
      provider: route.provider.title,
      keepAlive: context.config.server.keep_alive,
      maxAnswerBytes: context.config.upstream.max_answer_bytes,
      hooks: context.hooks,
      logger: context.logger,
      abort: (reason) => abort.abort(reason),
    })
  } catch (error) {
    abort.abort(error)
    throw error
  }
}

async function prepare(context: ExchangeContext, { protocol, body, info }: ExchangeInput): Promise<Attempt> {
  const { hooks } = context
  const { route, credential } = await pick(context, body, info)
  const { plugin, config } = route.provider
  const translator =
    typeof plugin.translator === 'function'
      ? plugin.translator({
          model: route.model,
          info: route.provider.models.get(route.model),
          credential,
          config,
          protocol: protocol.name,
        })
      : plugin.translator
  await runHook(hooks, 'credential', { info, credential })

  if (translator.format === protocol.name && !hasHook(hooks, 'chat') && !hasHook(hooks, 'event')) {
    const stream = body['stream'] === true
    info.passthrough = true
    info.stream = stream
    const passed = { ...body, model: route.model }
    return { route, credential, translator, chat: undefined, stream, upstreamStream: stream, body: passed }
  }
  const chat = protocol.decode(body)
  chat.model = route.model
  info.stream = chat.stream
  await runHook(hooks, 'chat', { info, chat })
  const upstreamStream = chat.stream || !translator.answer
  const translated = translator.request({ ...chat, stream: upstreamStream })
  return { route, credential, translator, chat, stream: chat.stream, upstreamStream, body: translated }
}

async function pick({ registry, store, tokens }: ExchangeContext, body: Record<string, unknown>, info: RequestInfo) {
  const { model } = body
  if (typeof model !== 'string' || model === '') {
    throw invalidRequest('You must provide a `model`, as text. GET /v1/models lists what there is.', 'model')
  }
  info.model = model
  const candidates = registry.candidates(model)
  let failure: ChatError | undefined
  for (const route of candidates) {
    for (const candidate of await credentialsOf(route.provider, store)) {
      try {
        const credential = await tokens.fresh(route.provider, candidate)
        info.provider = route.provider.name
        info.upstreamModel = route.model
        info.account = credential.account
        return { route, credential }
      } catch (error) {
        // A login that cannot be refreshed: the next account may do.
        if (!(error instanceof ChatError)) throw error
        failure ??= error
      }
    }
  }
  if (failure) throw failure
  throw await noCredential(candidates[0].provider, store)
}

/** Sends a request; where the provider refuses a login's token, once more with a new one. */
async function sendFresh(
  context: ExchangeContext,
  input: ExchangeInput,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<UpstreamResponse> {
  const response = await send(context, input, attempt, signal)
  if (response.status !== 401) return response
  const renewed = await context.tokens.rejected(attempt.route.provider, attempt.credential)
  if (!renewed) return response
  await response.body?.cancel()
  attempt.credential = renewed
  return await send(context, input, attempt, signal)
}

async function send(
  context: ExchangeContext,
  { info, headers }: ExchangeInput,
  { route, credential, body, chat, upstreamStream }: Attempt,
  signal: AbortSignal,
): Promise<UpstreamResponse> {
  const { provider, model } = route
  const fetch = context.upstream.fetchFor({
    signal,
    provider: provider.title,
    headers: provider.config.headers,
    onRequest: (url, init) => runHook(context.hooks, 'upstreamRequest', { info, url, init }),
    onResponse: async (status, headers) => {
      const id = headers.get('request-id') ?? headers.get('x-request-id')
      if (id !== null) info.upstreamRequestId = id
      await runHook(context.hooks, 'upstreamResponse', { info, status, headers })
    },
  })
  return await provider.plugin.executor({
    provider: provider.name,
    request: { model, body, stream: upstreamStream, chat, info: provider.models.get(model) },
    credential,
    config: provider.config,
    clientHeaders: headers,
    signal,
    fetch,
    requestId: info.id,
  })
}

function secretsOf(credential: Credential): Secret[] {
  if (credential.kind === 'api_key') return [credential.key]
  return credential.refreshToken ? [credential.accessToken, credential.refreshToken] : [credential.accessToken]
}
