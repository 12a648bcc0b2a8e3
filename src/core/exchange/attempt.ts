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
import type { LinkedAbort } from './linked-abort.ts'
import type { Question } from './question.ts'
import { askingUsage, withUsageAsked } from './unasked-usage.ts'

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
  /** Where bytes pass through: the body that asks for usage besides, for byok's own sake. */
  asked?: Record<string, unknown> | undefined
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
  abort: LinkedAbort,
  reply: (answered: Answered) => Promise<Reply>,
): Promise<Reply> {
  const { info } = input
  const { provider } = pick.account
  noteAttempt(info, pick)
  const asking = await prepare(context, input, question, pick)
  try {
    const response = await send(context, input, pick, asking, abort.signal)
    return await reply({
      response,
      translator: asking.translator,
      info,
      chat: asking.chat,
      stream: asking.stream,
      includeUsage: asking.chat?.includeUsage ?? false,
      unaskedUsage: asking.asked !== undefined,
      provider: provider.title,
      maxAnswerBytes: context.config.upstream.max_answer_bytes,
      hooks: context.hooks,
      logger: context.logger,
      streams: context.streams,
      onId: (id) => context.router.remember(info.model ?? '', answerKey(id), pick.account),
      onSettle: (_outcome, error) => {
        abort.unlink()
        pick.end(error)
      },
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
  if (same && mayPassThrough(context)) {
    const stream = body['stream'] === true
    info.passthrough = true
    info.stream = stream
    const named = { ...body, model }
    const asked = withUsageAsked(protocol.unaskedUsage, provider, named)
    return { credential, translator, chat: undefined, stream, upstreamStream: stream, body: named, asked }
  }
  const chat = await question.for(model)
  const upstreamStream = chat.stream || !translator.answer
  const translated = translator.request({ ...chat, stream: upstreamStream })
  return { credential, translator, chat, stream: chat.stream, upstreamStream, body: translated }
}

/** Whether nobody has to look into the answer. */
function mayPassThrough({ hooks }: ExchangeContext): boolean {
  return !hasHook(hooks, 'chat') && !hasHook(hooks, 'event')
}

function send(
  context: ExchangeContext,
  { info, headers }: ExchangeInput,
  pick: Pick,
  { translator, credential, body, asked, chat, upstreamStream }: Asking,
  signal: AbortSignal,
): Promise<UpstreamResponse> {
  const { provider, model } = pick.account
  const fetch = fetchOf(context, info, pick, signal)
  const execute = (credential: Credential, body: Record<string, unknown>) =>
    provider.plugin.executor({
      provider: provider.name,
      request: { model, body, stream: upstreamStream, chat, info: provider.models.get(model) },
      credential,
      config: provider.config,
      clientHeaders: headers,
      signal,
      fetch,
      requestId: info.id,
    })
  return sendFresh(context, pick, { credential, translator }, (fresh) =>
    asked ? askingUsage(provider, { asked, plain: body }, (sent) => execute(fresh, sent)) : execute(fresh, body),
  )
}
