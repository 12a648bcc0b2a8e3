import { AnswerBuilder } from '../chat/index.ts'
import type { ChatEvent } from '../chat/index.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { chunksOf } from '../upstream/body.ts'
import { eventsOf, isWhole, noteId, readAnswer } from './answered.ts'
import type { Answered } from './answered.ts'
import { signedResponse } from './headers.ts'
import { passthroughSource, translatedSource } from './source.ts'
import { StreamHead } from './stream-head.ts'
import { settle, toChatError } from './settle.ts'
import { streamResponse } from './stream-response.ts'
import { UsageStrip } from './unasked-usage.ts'

/** A provider's successful answer, and the client that is to have it. */
export interface AnswerContext extends Answered {
  protocol: Protocol
  keepAlive: number
}

/**
 * Turns the provider's answer into the client's, whichever of the two streams. A provider that streams unasked, or
 * answers in one piece when asked for a stream, is understood too.
 */
export async function answer(context: AnswerContext): Promise<Response> {
  const { stream, chat, info } = context
  if (stream && !isWhole(context)) return await answerWithStream(context)

  const { events, bytes } = await readAnswer(context)
  info.firstByteAt = Date.now()
  const answered =
    bytes && !stream && !chat
      ? signedResponse(info, bytes, { 'content-type': 'application/json' })
      : stream
        ? encodeStream(context, events)
        : encodeWhole(context, events)
  info.status = 200
  settle(context, info, 'ok')
  return answered
}

async function answerWithStream(context: AnswerContext): Promise<Response> {
  const { response, translator, protocol, info, provider } = context
  const source = context.chat
    ? translatedSource(eventsOf(context), encoderOf(context))
    : passthroughSource({
        body: chunksOf(response),
        head: new StreamHead(translator, (event) => noteId(context, event)),
        protocol,
        provider,
        strip: context.unaskedUsage && protocol.unaskedUsage ? new UsageStrip(protocol.unaskedUsage) : undefined,
        onUsage: (usage) => void (info.usage = usage),
      })
  return await streamResponse({
    info,
    source,
    protocol,
    keepAlive: context.keepAlive,
    onFirstByte: () => void (info.firstByteAt = Date.now()),
    onPiece: context.streams.watched
      ? (bytes) => {
          info.sentBytes = (info.sentBytes ?? 0) + bytes
        }
      : undefined,
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

function encodeWhole({ protocol, info, chat }: AnswerContext, events: ChatEvent[]): Response {
  const builder = new AnswerBuilder()
  for (const event of events) builder.push(event)
  const body = protocol.encode(builder.answer, { model: info.model ?? '', includeUsage: true, ...(chat && { chat }) })
  return signedResponse(info, JSON.stringify(body), { 'content-type': 'application/json' })
}

function encodeStream(context: AnswerContext, events: ChatEvent[]): Response {
  const encoder = encoderOf(context)
  const text = events.map((event) => encoder.push(event)).join('') + encoder.end()
  return signedResponse(context.info, text, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  })
}

function encoderOf({ protocol, info, includeUsage, chat }: AnswerContext) {
  return protocol.encoder({ model: info.model ?? '', includeUsage, ...(chat && { chat }) })
}
