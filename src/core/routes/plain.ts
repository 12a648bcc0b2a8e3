import type { Stop } from '../abort.ts'
import { ChatError } from '../chat/index.ts'
import type { Usage } from '../chat/index.ts'
import { answeredBy, freshCredential, noteAttempt, sendBody, senderOf } from '../exchange/account-request.ts'
import { answer, answerBytes } from '../exchange/answer.ts'
import { isWhole } from '../exchange/answered.ts'
import type { Answered } from '../exchange/answered.ts'
import { askInTurn, begin } from '../exchange/exchange.ts'
import type { Begun, ExchangeContext } from '../exchange/exchange.ts'
import { CannotAsk } from '../exchange/failover.ts'
import { signedResponse } from '../exchange/headers.ts'
import type { LinkedAbort } from '../exchange/linked-abort.ts'
import { ofProvider } from '../exchange/of-provider.ts'
import { settle } from '../exchange/settle.ts'
import { tellsUsage, usageOfUnfinished } from '../exchange/unfinished.ts'
import { usageQuestion } from '../exchange/unasked-usage.ts'
import type { RequestInfo } from '../hooks.ts'
import type { PlainEndpoint } from '../plugin.ts'
import { openaiChat, openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import { readUsage } from '../protocols/openai-chat/usage.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { isObject } from '../json.ts'
import type { Route } from '../registry.ts'
import type { Pick } from '../routing/selection.ts'
import { bytesOf, readJson } from '../upstream/body.ts'
import { estimateText } from '../tokens/estimate.ts'
import { headerOf } from '../upstream/fetch.ts'
import type { UpstreamResponse } from '../upstream/fetch.ts'
import type { Translator } from '../upstream/translator.ts'
import { readJsonObject } from './body.ts'
import { clientGone, goesToNode } from './client-gone.ts'
import type { RouteHandler } from './route.ts'

/** An endpoint, and how its answers are read on their way. */
export interface PlainForm {
  endpoint: PlainEndpoint
  /** What an answer is made of. Default: words of a model's, in JSON. */
  of?: 'vectors' | 'verdicts' | 'images' | 'transcript' | 'sound'
  /** Which is asked for where the client names none. Default: none, it must. */
  model?: string
  protocol: Protocol
  translator: Translator
  /** Whether a stream of events is asked for. Default: by `stream`. */
  streams?(body: Record<string, unknown>): boolean
  /** Whether the provider holds what was said, so that who goes on from an answer is to meet the same account. */
  held?: boolean
  /** The body for a provider that knows the model by that name. */
  named(body: Record<string, unknown>, model: string): Record<string, unknown>
  /** What is said to the model, for an estimate of its tokens. */
  prompt(body: Record<string, unknown>): unknown
  /** What an answer in one piece tells of its usage, where it is none of a model's words. Default: as OpenAI does. */
  usage?(answer: Record<string, unknown>): Usage | undefined
  /** Why a provider cannot be asked so. */
  lacking(title: string): string
}

/** OpenAI's: a completion's chunks have the frame of a chat completion's. */
export function openaiForm(endpoint: PlainEndpoint): PlainForm {
  return {
    endpoint,
    protocol: openaiChatProtocol,
    translator: openaiChat(),
    named: (body, model) => ({ ...body, model }),
    prompt: ({ prompt, input }) => prompt ?? input,
    lacking: (title) =>
      `${title} has no /v1/${endpoint}, or no key for it. Pick a model of a provider that has, with an API key, such as OpenAI or an openai-compatible one.`,
  }
}

export const EMBEDDINGS: PlainForm = { ...openaiForm('embeddings'), of: 'vectors', streams: () => false }
export const COMPLETIONS = openaiForm('completions')
export const MODERATIONS: PlainForm = {
  ...openaiForm('moderations'),
  of: 'verdicts',
  streams: () => false,
  // openai-node src/resources/moderations.ts, `ModerationCreateParams`.
  model: 'omni-moderation-latest',
}

/** A request, and what is known of it. */
export interface Asking {
  body: Record<string, unknown>
  headers: Headers
  info: RequestInfo
  toNode: boolean
  /** What {@link begin} made of it, where somebody has begun it. */
  begun?: Begun
  /** The provider's id of the answer is known. */
  onId?(id: string): void
}

/** `POST /v1/embeddings`, `/v1/completions` and `/v1/moderations`: passed on as they are to a provider that has them. */
export function plainEndpoint(context: ExchangeContext, form: PlainForm): RouteHandler {
  return async (event, info) => {
    info.protocol = `openai-${form.endpoint}`
    const given = await readJsonObject(event, context.config.server)
    const body = form.model === undefined || 'model' in given ? given : { ...given, model: form.model }
    const asking = { body, headers: event.req.headers, info, toNode: goesToNode(event) }
    return await askPlain(context, form, asking, clientGone(event))
  }
}

/** @param signal aborts when nobody waits for the answer any more */
export async function askPlain(
  context: ExchangeContext,
  form: PlainForm,
  asking: Asking,
  signal: Stop,
): Promise<Response> {
  const { info, headers, body } = asking
  const input = { info, headers, body, signal }
  const { model, routes: all } = asking.begun ?? (await begin(context, input))
  const [first, ...others] = all.filter(({ provider }) => provider.plugin.endpoints?.[form.endpoint])
  if (!first) throw notOffered(all[0], form)
  info.passthrough = true
  try {
    const begun: Begun = { model, routes: [first, ...others] }
    return await askInTurn(context, { ...input, begun }, (pick, abort) =>
      attemptPlain(context, form, asking, pick, abort),
    )
  } catch (error) {
    throw error instanceof CannotAsk ? notOffered(first, form) : error
  }
}

/** Asks one account whose provider has the endpoint. */
export function attemptPlain(
  context: ExchangeContext,
  form: PlainForm,
  asking: Asking,
  pick: Pick,
  abort: LinkedAbort,
): Promise<Response> {
  return ofProvider(pick.account.provider.name, () => attempt(context, form, asking, pick, abort))
}

async function attempt(
  context: ExchangeContext,
  { endpoint, of, protocol, translator, streams = asksToStream, held, named, prompt, usage = usageOfOpenAI }: PlainForm,
  { info, headers, toNode, onId, ...asking }: Asking,
  pick: Pick,
  abort: LinkedAbort,
): Promise<Response> {
  const { provider, model } = pick.account
  const executor = provider.plugin.endpoints?.[endpoint]
  if (!executor) throw new CannotAsk()
  const body = named(asking.body, model)
  const stream = streams(body)
  const question = stream ? usageQuestion(protocol.unaskedUsage, provider, body) : undefined
  const asked = question && { ...body, ...question }
  noteAttempt(info, pick)
  Object.assign(info, { stream, passthrough: true })
  const credential = await freshCredential(context, info, pick, abort)
  const ask = senderOf(context, { info, headers }, pick, abort)
  const response = await sendBody(context, pick, abort, { credential, translator, body, asked }, (fresh, sent) =>
    orCannotAsk(ask(executor, fresh, { model, body: sent, stream, chat: undefined })),
  )
  const streamed = of !== undefined && MEDIA.has(of) ? (isStream(response) ?? stream) : stream
  info.stream = streamed
  const answered = answeredBy(context, pick, abort, {
    response,
    translator,
    info,
    chat: undefined,
    stream: streamed,
    includeUsage: false,
    unaskedUsage: asked !== undefined,
    estimateInput: () => estimateText(JSON.stringify(prompt(body) ?? '')),
    onId: (id) => {
      onId?.(id)
      if (held === true) context.router.remember(info.model ?? '', id, pick.account)
    },
  })
  const { keep_alive: keepAlive } = context.config.server
  const wanted = { protocol, keepAlive, toNode }
  if (of === 'sound' && !streamed && !isWhole(answered)) return await answerBytes(answered, wanted)
  if (of === 'transcript' && !streamed && !isWhole(answered)) return await answerText(answered)
  if (of !== undefined && !streamed) {
    return await answerWhole(answered, (value) => {
      const told = usage(value)
      const tokens = of === 'transcript' && typeof value['text'] === 'string' ? estimateText(value['text']) : 0
      return tellsUsage(told) ? told : usageOfUnfinished({ tokens }, told, () => answered.estimateInput())
    })
  }
  if (endpoint === 'held-interactions' && !streamed) return await answerWhole(answered, usage)
  return await answer(answered, wanted)
}

/** What comes as events or in one piece, whichever was asked for. */
const MEDIA: ReadonlySet<PlainForm['of']> = new Set(['images', 'transcript', 'sound'])

/**
 * Whether events come, where the answer says so, which need not be what was asked for: OpenAI ignores `stream` for `whisper-1` (openai-node
 * src/resources/audio/transcriptions.ts), and servers whose forms FastAPI reads take `True` for it, too (speaches-ai/speaches
 * src/speaches/routers/stt.py). Servers that draw know streams of images less often than not.
 */
function isStream(response: UpstreamResponse): boolean | undefined {
  const type = headerOf(response, 'content-type')
  return type === null ? undefined : /^text\/event-stream\b/i.test(type)
}

function asksToStream({ stream }: Record<string, unknown>): boolean {
  return stream === true
}

/** @throws {CannotAsk} where the plugin's half does not work with this kind of credential. */
async function orCannotAsk(sent: Promise<UpstreamResponse>): Promise<UpstreamResponse> {
  try {
    return await sent
  } catch (error) {
    if (error instanceof ChatError && error.code === 'unsupported_feature') throw new CannotAsk()
    throw error
  }
}

function usageOfOpenAI({ usage }: Record<string, unknown>): Usage | undefined {
  return readUsage(usage)
}

/** An answer in one piece, as it is. */
async function answerWhole(answered: Answered, usage: NonNullable<PlainForm['usage']>): Promise<Response> {
  const { response, info, maxAnswerBytes, provider } = answered
  const { value, bytes } = await readJson(response, maxAnswerBytes, provider)
  const told = usage(isObject(value) ? value : {})
  if (told) info.usage = told
  if (isObject(value) && typeof value['model'] === 'string') info.answer = { model: value['model'] }
  info.firstByteAt = Date.now()
  info.status = 200
  settle(answered, info, 'ok')
  return signedResponse(info, bytes, 'application/json')
}

/** A text that is no JSON, such as subtitles, as it is. */
async function answerText(answered: Answered): Promise<Response> {
  const { response, info, maxAnswerBytes, provider } = answered
  const bytes = await bytesOf(response, maxAnswerBytes, provider)
  info.usage = usageOfUnfinished({ tokens: estimateText(bytes.toString('utf8')) }, undefined, () =>
    answered.estimateInput(),
  )
  info.firstByteAt = Date.now()
  info.status = 200
  settle(answered, info, 'ok')
  const told = headerOf(response, 'content-type') ?? ''
  // A page of the vendor's is no page of byok's to a browser.
  const type = /^(?:text\/vtt|application\/x-subrip)\b/i.test(told) ? told : 'text/plain; charset=utf-8'
  return signedResponse(info, bytes, type)
}

/** That none of a model's providers has an endpoint. */
export function notOffered({ provider }: Route, { lacking }: PlainForm): ChatError {
  return new ChatError(lacking(provider.title), {
    status: 404,
    type: 'invalid_request_error',
    code: 'endpoint_not_offered',
    param: 'model',
  })
}
