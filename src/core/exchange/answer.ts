import { AnswerBuilder } from '../chat/index.ts'
import type { ChatEvent, ChatRequest } from '../chat/index.ts'
import { runEventHook } from '../hooks.ts'
import type { RequestInfo } from '../hooks.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { readJson } from '../upstream/body.ts'
import { badAnswer, streamCut, streamFailure } from '../upstream/error.ts'
import type { UpstreamResponse } from '../upstream/fetch.ts'
import { sseFrames } from '../upstream/sse.ts'
import type { Translator } from '../upstream/translator.ts'
import { passthroughSource, translatedSource } from './source.ts'
import { StreamHead } from './stream-head.ts'
import { settle, toChatError } from './settle.ts'
import type { Reporter } from './settle.ts'
import { streamResponse } from './stream-response.ts'

/** A provider's successful answer, and what to make of it. */
export interface AnswerContext extends Reporter {
  response: UpstreamResponse
  translator: Translator
  protocol: Protocol
  info: RequestInfo
  /** The neutral request; absent on the fast path, where bytes pass through. */
  chat: ChatRequest | undefined
  /** Whether the client reads a stream. */
  stream: boolean
  /** Whether the client asked for usage in the stream. */
  includeUsage: boolean
  /** The provider's title, for errors. */
  provider: string
  keepAlive: number
  maxAnswerBytes: number
  /** The provider's id of the answer is known. */
  onId(id: string): void
  /** Stops the provider. */
  abort(reason: unknown): void
}

/**
 * Turns the provider's answer into the client's, whichever of the two streams. A provider that streams unasked, or
 * answers in one piece when asked for a stream, is understood too.
 */
export async function answer(context: AnswerContext): Promise<Response> {
  const { response, stream, chat, info } = context
  const json = isJson(response)
  if (stream && !json) return await answerWithStream(context)

  const whole = json ? await readJson(response, context.maxAnswerBytes, context.provider) : undefined
  const events = whole ? decodeWhole(context, whole.value) : await collect(context)
  for (const event of events) onEvent(context, event)
  if (!events.some(({ type }) => type === 'finish')) throw streamCut(context.provider)
  info.firstByteAt = Date.now()
  const answered =
    whole && !stream && !chat
      ? new Response(whole.bytes, { headers: { 'content-type': 'application/json' } })
      : stream
        ? encodeStream(context, events)
        : encodeWhole(context, events)
  info.status = 200
  settle(context, info, 'ok')
  return answered
}

async function answerWithStream(context: AnswerContext): Promise<Response> {
  const { response, translator, protocol, info, provider } = context
  const { body } = response
  if (!body) throw streamCut(provider)
  const source = context.chat
    ? translatedSource({
        body,
        frames: translator.frames?.() ?? sseFrames(),
        events: translator.events(context.chat),
        encoder: encoderOf(context),
        provider,
        onEvent: (event) => onEvent(context, event),
      })
    : passthroughSource({
        body,
        head: new StreamHead(translator, (event) => noteId(context, event)),
        protocol,
        provider,
        onUsage: (usage) => void (info.usage = usage),
      })
  return await streamResponse({
    source,
    protocol,
    keepAlive: context.keepAlive,
    onFirstByte: () => void (info.firstByteAt = Date.now()),
    onError: (error) => {
      const failure = toChatError(error, context, info)
      context.abort(failure)
      settle(context, info, 'error', failure)
      return failure
    },
    onEnd: () => settle(context, info, 'ok'),
    onCancel: (reason) => {
      context.abort(reason)
      settle(context, info, 'aborted')
    },
  })
}

function decodeWhole({ translator, chat, provider }: AnswerContext, body: unknown): ChatEvent[] {
  if (!translator.answer) throw badAnswer(provider, 'one JSON body where it always streams')
  return translator.answer(body, chat)
}

/** Reads a whole stream into its events. */
async function collect({ response, translator, chat, provider, maxAnswerBytes }: AnswerContext): Promise<ChatEvent[]> {
  if (!response.body) throw streamCut(provider)
  const frames = translator.frames?.() ?? sseFrames()
  const decoder = translator.events(chat)
  const events: ChatEvent[] = []
  const reader = response.body.getReader()
  let size = 0
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw streamFailure(error, provider)
    })
    for (const frame of done ? frames.end() : frames.push(value)) events.push(...decoder.push(frame))
    if (done) return [...events, ...decoder.end()]
    size += value.byteLength
    if (size > maxAnswerBytes) throw badAnswer(provider, `more than ${maxAnswerBytes} bytes`)
  }
}

function encodeWhole({ protocol, info, chat }: AnswerContext, events: ChatEvent[]): Response {
  const builder = new AnswerBuilder()
  for (const event of events) builder.push(event)
  return Response.json(
    protocol.encode(builder.answer, { model: info.model ?? '', includeUsage: true, ...(chat && { chat }) }),
  )
}

function encodeStream(context: AnswerContext, events: ChatEvent[]): Response {
  const encoder = encoderOf(context)
  const text = events.map((event) => encoder.push(event)).join('') + encoder.end()
  return new Response(text, {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
  })
}

function encoderOf({ protocol, info, includeUsage, chat }: AnswerContext) {
  return protocol.encoder({ model: info.model ?? '', includeUsage, ...(chat && { chat }) })
}

function onEvent(context: AnswerContext, event: ChatEvent): void {
  const { hooks, info } = context
  if (event.type === 'usage') info.usage = event.usage
  noteId(context, event)
  runEventHook(hooks, { info, event })
}

function noteId({ onId }: AnswerContext, event: ChatEvent): void {
  if (event.type === 'start' && event.id !== undefined) onId(event.id)
}

function isJson({ headers }: UpstreamResponse): boolean {
  return /^application\/([\w.+-]+\+)?json\b/i.test(headers.get('content-type') ?? '')
}
