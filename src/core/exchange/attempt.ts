import type { Credential } from '../auth/credential.ts'
import type { ChatRequest } from '../chat/index.ts'
import { hasHook } from '../hooks.ts'
import { answerKey } from '../routing/conversation.ts'
import type { Pick } from '../routing/selection.ts'
import type { UpstreamResponse } from '../upstream/fetch.ts'
import type { Translator } from '../upstream/translator.ts'
import { fetchOf, freshCredential, noteAttempt, sendFresh } from './account-request.ts'
import type { Answered } from './answered.ts'
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
 * @param reply Makes of the provider's answer what the client is to have.
 * @throws {ChatError} for everything that goes wrong before the first byte of the answer.
 */
export async function attempt<Reply>(
  context: ExchangeContext,
  input: ExchangeInput,
  question: Question,
  pick: Pick,
  signal: AbortSignal,
  reply: (answered: Answered) => Promise<Reply>,
): Promise<Reply> {
  const { info } = input
  const { provider } = pick.account
  noteAttempt(info, pick)
  const asking = await prepare(context, input, question, pick)
  const abort = new AbortController()
  const either = AbortSignal.any([signal, abort.signal])
  try {
    const response = await send(context, input, pick, asking, either)
    return await reply({
      response,
      translator: asking.translator,
      info,
      chat: asking.chat,
      stream: asking.stream,
      includeUsage: asking.chat?.includeUsage ?? false,
      provider: provider.title,
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

async function prepare(
  context: ExchangeContext,
  { protocol, body, info }: ExchangeInput,
  question: Question,
  pick: Pick,
): Promise<Asking> {
  const { provider, model } = pick.account
  const { plugin, config } = provider
  const credential = await freshCredential(context, info, pick)
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

function send(
  context: ExchangeContext,
  { info, headers }: ExchangeInput,
  pick: Pick,
  { translator, credential, body, chat, upstreamStream }: Asking,
  signal: AbortSignal,
): Promise<UpstreamResponse> {
  const { provider, model } = pick.account
  const fetch = fetchOf(context, info, pick, signal)
  return sendFresh(context, pick, { credential, translator }, (fresh) =>
    provider.plugin.executor({
      provider: provider.name,
      request: { model, body, stream: upstreamStream, chat, info: provider.models.get(model) },
      credential: fresh,
      config: provider.config,
      clientHeaders: headers,
      signal,
      fetch,
      requestId: info.id,
    }),
  )
}
