import type { Credential } from '../auth/credential.ts'
import type { ChatError, ChatRequest } from '../chat/index.ts'
import { hasHook, runHook } from '../hooks.ts'
import { answerKey } from '../routing/conversation.ts'
import { fingerprintOf } from '../routing/account.ts'
import type { Pick } from '../routing/selection.ts'
import type { Secret } from '../secret.ts'
import { errorOfResponse } from '../upstream/error.ts'
import type { UpstreamResponse } from '../upstream/fetch.ts'
import type { Translator } from '../upstream/translator.ts'
import { answer } from './answer.ts'
import type { ExchangeContext, ExchangeInput } from './exchange.ts'
import type { Question } from './question.ts'

/** What one account is asked, in which words. */
interface Asking {
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
 * Asks one account, and resolves when its answer has begun.
 *
 * @throws {ChatError} for everything that goes wrong before the first byte of the answer.
 */
export async function attempt(
  context: ExchangeContext,
  input: ExchangeInput,
  question: Question,
  pick: Pick,
  signal: AbortSignal,
): Promise<Response> {
  const { info, protocol } = input
  const { provider } = pick.account
  note(input, pick)
  const asking = await prepare(context, input, question, pick)
  const abort = new AbortController()
  const either = AbortSignal.any([signal, abort.signal])
  try {
    const response = await sendFresh(context, input, pick, asking, either)
    return await answer({
      response,
      translator: asking.translator,
      protocol,
      info,
      chat: asking.chat,
      stream: asking.stream,
      includeUsage: asking.chat?.includeUsage ?? false,
      provider: provider.title,
      keepAlive: context.config.server.keep_alive,
      maxAnswerBytes: context.config.upstream.max_answer_bytes,
      hooks: context.hooks,
      logger: context.logger,
      onId: (id) => context.router.remember(info.model ?? '', answerKey(id), pick.account),
      onSettle: (_outcome, error) => pick.end(error),
      abort: (reason) => abort.abort(reason),
    })
  } catch (error) {
    abort.abort(error)
    throw error
  }
}

/** What is known of the request so far is of this attempt alone. */
function note({ info }: ExchangeInput, { account }: Pick): void {
  info.attempts = (info.attempts ?? 0) + 1
  info.provider = account.provider.name
  info.upstreamModel = account.model
  info.account = account.credential.account
  delete info.upstreamRequestId
  delete info.usage
  delete info.passthrough
}

async function prepare(
  context: ExchangeContext,
  { protocol, body, info }: ExchangeInput,
  question: Question,
  { account }: Pick,
): Promise<Asking> {
  const { hooks, tokens, router } = context
  const { provider, model } = account
  const { plugin, config } = provider
  const credential = await tokens.fresh(provider, account.credential)
  if (credential !== account.credential) router.circuits.renewed(account, fingerprintOf(provider, credential))
  const translator =
    typeof plugin.translator === 'function'
      ? plugin.translator({
          model,
          info: provider.models.get(model),
          credential,
          config,
          protocol: protocol.name,
        })
      : plugin.translator
  await runHook(hooks, 'credential', { info, credential })

  const same = translator.format === protocol.name && (translator.passes?.(body) ?? true)
  if (same && mayPassThrough(context, { protocol, body, info })) {
    const stream = body['stream'] === true
    info.passthrough = true
    info.stream = stream
    return { credential, translator, chat: undefined, stream, upstreamStream: stream, body: { ...body, model } }
  }
  const chat = await question.for(model)
  const upstreamStream = chat.stream || !translator.answer
  const translated = translator.request({ ...chat, stream: upstreamStream })
  return { credential, translator, chat, stream: chat.stream, upstreamStream, body: translated }
}

/** Whether nobody has to look into the answer. */
function mayPassThrough(
  { hooks, budgets }: ExchangeContext,
  { protocol, body, info }: Omit<ExchangeInput, 'headers' | 'signal'>,
): boolean {
  if (hasHook(hooks, 'chat') || hasHook(hooks, 'event')) return false
  return !budgets.countsTokens(info.client) || (protocol.tellsUsage?.(body) ?? true)
}

/**
 * Sends a request; where the provider refuses a login's token, by whatever status it says so, once more with a new one.
 *
 * @throws {ChatError} what a provider's refusal says.
 */
async function sendFresh(
  context: ExchangeContext,
  input: ExchangeInput,
  pick: Pick,
  asking: Asking,
  signal: AbortSignal,
): Promise<UpstreamResponse> {
  const { account } = pick
  const response = await send(context, input, pick, asking, signal)
  if (response.ok) return response
  const refusal = await refusalOf(response, pick, asking)
  const renewed = refusal.status === 401 && (await context.tokens.rejected(account.provider, asking.credential))
  if (!renewed) throw refusal
  context.router.circuits.renewed(account, fingerprintOf(account.provider, renewed))
  asking.credential = renewed
  const again = await send(context, input, pick, asking, signal)
  if (!again.ok) throw await refusalOf(again, pick, asking)
  return again
}

function refusalOf(
  response: UpstreamResponse,
  { account }: Pick,
  { translator, credential }: Asking,
): Promise<ChatError> {
  const { name, title } = account.provider
  return errorOfResponse(response, { provider: name, title, translator, secrets: secretsOf(credential) })
}

async function send(
  context: ExchangeContext,
  { info, headers }: ExchangeInput,
  { account, last, alone }: Pick,
  { credential, body, chat, upstreamStream }: Asking,
  signal: AbortSignal,
): Promise<UpstreamResponse> {
  const { provider, model, proxy } = account
  const fetch = context.upstream.fetchFor({
    signal,
    provider: provider.title,
    headers: provider.config.headers,
    ...(proxy && { proxy }),
    // Another account is a better second try than the same one.
    ...(!last && { retries: 0 }),
    retryLimits: alone,
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
