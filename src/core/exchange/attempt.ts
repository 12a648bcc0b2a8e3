import type { Credential } from '../auth/credential.ts'
import type { ChatRequest } from '../chat/index.ts'
import { hasHook } from '../hooks.ts'
import { infoOf } from '../models/merge.ts'
import type { Pick } from '../routing/selection.ts'
import { estimateTokens } from '../tokens/estimate.ts'
import type { UpstreamResponse } from '../upstream/fetch.ts'
import type { Translator } from '../translator/translator.ts'
import { answeredBy, freshCredential, noteAttempt, sendBody, senderOf, translatorOf } from './account-request.ts'
import type { Answered } from './answered.ts'
import type { ExchangeContext, ExchangeInput } from './exchange.ts'
import type { LinkedAbort } from './linked-abort.ts'
import { named } from './of-provider.ts'
import { ofTranslator, requestOf } from '../translator/of-translator.ts'
import { passedBytes } from './passed-body.ts'
import type { Question } from './question.ts'
import { usageQuestion } from './stream/unasked-usage.ts'

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
  /** Where bytes pass through: the fields that ask for usage, for byok's own sake, */
  question?: Record<string, unknown> | undefined
  /** and the body with them. */
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
  noteAttempt(info, pick)
  const fresh = freshCredential(context, info, pick, abort)
  const credential = fresh instanceof Promise ? await fresh : fresh
  const asking = passing(context, input, pick, credential) ?? (await translated(input, question, pick, credential))
  const { translator, chat, stream, asked } = asking
  const { name } = pick.account.provider
  const onId = (id: string) => {
    // Where there is one account, only the provider's own conversations have to be found again once there are more.
    if (!pick.alone || input.protocol.name === 'openai-responses' || input.body['thread']) {
      context.router.remember(info.model ?? '', id, pick.account)
    }
  }
  const estimateInput = () => estimateTokens(chat ?? input.protocol.decode(input.body))
  const includeUsage = chat?.includeUsage ?? false
  const unaskedUsage = asked !== undefined
  try {
    const response = await send(context, input, pick, asking, abort)
    return await reply(
      answeredBy(context, pick, abort, {
        response,
        translator,
        info,
        chat,
        stream,
        includeUsage,
        unaskedUsage,
        estimateInput,
        onId,
      }),
    )
  } catch (error) {
    throw named(error, name)
  }
}

/** What the client wrote, where the provider speaks as the client does. */
function passing(
  context: ExchangeContext,
  { protocol, body, info }: ExchangeInput,
  pick: Pick,
  credential: Credential,
): Asking | undefined {
  const { provider, model } = pick.account
  const translator = translatorOf(pick, credential, protocol.name)
  const passes = () => translator.passes?.(body, model) ?? true
  const same = translator.format === protocol.name && ofTranslator(provider.name, passes)
  if (!same || !mayPassThrough(context)) return undefined
  const stream = body['stream'] === true
  info.passthrough = true
  info.stream = stream
  info.upstreamProtocol = translator.format
  const named = { ...body, model }
  const question = usageQuestion(protocol.unaskedUsage, provider, body)
  const asked = question && { ...named, ...question }
  return { credential, translator, chat: undefined, stream, upstreamStream: stream, body: named, question, asked }
}

async function translated(
  { protocol, info }: ExchangeInput,
  question: Question,
  pick: Pick,
  credential: Credential,
): Promise<Asking> {
  const { provider, model } = pick.account
  const chat = await question.for(model)
  const translator = translatorOf(pick, credential, protocol.name, chat)
  info.upstreamProtocol = translator.format
  const upstreamStream = chat.stream || !translator.answer
  const body = bodyOf(translator, { ...chat, stream: upstreamStream }, provider.name)
  return { credential, translator, chat, stream: chat.stream, upstreamStream, body }
}

/** @throws {ChatError} naming the provider, which cannot be asked so. */
function bodyOf(translator: Translator, chat: ChatRequest, provider: string): Record<string, unknown> {
  try {
    return requestOf(translator, chat, provider)
  } catch (error) {
    throw named(error, provider)
  }
}

/** Whether nobody has to look into the answer. */
export function mayPassThrough({ hooks }: ExchangeContext): boolean {
  return !hasHook(hooks, 'chat') && !hasHook(hooks, 'event')
}

/** Whether what a client wrote may differ from what is sent. */
function mayChangeBody({ hooks }: ExchangeContext): boolean {
  return hasHook(hooks, 'request') || hasHook(hooks, 'upstreamRequest')
}

function send(
  context: ExchangeContext,
  input: ExchangeInput,
  pick: Pick,
  asking: Asking,
  abort: LinkedAbort,
): Promise<UpstreamResponse> {
  const { provider, model } = pick.account
  const { chat, upstreamStream: stream, asked, question } = asking
  const ask = senderOf(context, input, pick, asking.translator, abort)
  const info = infoOf(provider, model)
  const passes = !chat && !mayChangeBody(context)
  return sendBody(context, pick, abort, asking, (credential, body) => {
    const bytes = passes ? passedBytes(input.body, model, body === asked ? question : undefined) : undefined
    return ask(provider.plugin.executor, credential, { model, body, bytes, stream, chat, info })
  })
}
