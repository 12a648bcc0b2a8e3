import { AnswerBuilder, ChatError } from '../chat/index.ts'
import type { ChatEvent } from '../chat/index.ts'
import { parseJson } from '../json/json.ts'
import type { Protocol, StreamEncoder } from '../protocols/protocol.ts'
import { chunksOf } from '../upstream/body.ts'
import { headerOf } from '../upstream/fetch.ts'
import { eventsOf, isWhole, noteAnswer, readAnswer } from './answered.ts'
import type { Answered } from './answered.ts'
import { idHeader, signedResponse } from './headers.ts'
import { bytesSource, passthroughSource, translatedSource } from './stream/source.ts'
import { nameProvider } from './of-provider.ts'
import type { ByteSource } from './stream/source.ts'
import { StreamHead } from './stream/stream-head.ts'
import { settle, toChatError } from './settle.ts'
import { streamResponse } from './stream/stream-response.ts'
import { toldError } from './stream/told-error.ts'
import { SentEvents, sentBytes, tellsUsage, usageOfUnfinished } from './stream/unfinished.ts'
import type { Sent } from './stream/unfinished.ts'
import { UsageStrip } from './stream/unasked-usage.ts'

/** What a client is to have of an answer. */
export interface Wanted {
  protocol: Protocol
  /** Milliseconds of silence after which a stream is kept alive; 0 for never. */
  keepAlive: number
  /** Whether the answer goes to a response of Node's as it is returned, so that a stream may write itself there. */
  toNode?: boolean | undefined
}

/**
 * Turns the provider's answer into the client's, whichever of the two streams. A provider that streams unasked, or
 * answers in one piece when asked for a stream, is understood too.
 */
export async function answer(answered: Answered, wanted: Wanted): Promise<Response> {
  const { stream, chat, info } = answered
  if (stream && !isWhole(answered)) return await answerWithStream(answered, wanted)

  const { events, bytes } = await readAnswer(answered)
  info.firstByteAt = Date.now()
  const response =
    bytes && !stream && !chat
      ? signedResponse(info, bytes, 'application/json', idHeader(wanted.protocol, info))
      : stream
        ? encodeStream(answered, wanted, events)
        : encodeWhole(answered, wanted, events)
  info.status = 200
  settle(answered, info, 'ok')
  return response
}

/**
 * As {@link answer}, of one in one piece, for a client of something else: `made` is what it is to have of the answer in the protocol's
 * words: JSON, a text as it is, or bytes with their type. What that throws ends the request, so that it is told of as the client sees it.
 */
export async function answerMade(
  answered: Answered,
  protocol: Protocol,
  made: (whole: unknown) => unknown,
): Promise<Response> {
  const { info, chat } = answered
  const { events, bytes } = await readAnswer(answered)
  const body = made(bytes && !chat ? parseJson(bytes.toString('utf8')) : wholeOf(answered, protocol, events))
  info.firstByteAt = Date.now()
  info.status = 200
  settle(answered, info, 'ok')
  if (body instanceof Blob) return signedResponse(info, new Uint8Array(await body.arrayBuffer()), body.type)
  return typeof body === 'string'
    ? signedResponse(info, body, 'text/plain; charset=utf-8')
    : signedResponse(info, JSON.stringify(body), 'application/json')
}

/** As {@link answer}, of an answer that is no text of a protocol's, such as a sound: byte by byte, and cut where the provider cuts it. */
export async function answerBytes(answered: Answered, wanted: Wanted): Promise<Response> {
  const { response, provider } = answered
  const told = headerOf(response, 'content-type') ?? ''
  // A page of the vendor's is no page of byok's to a browser.
  const type = /^audio\//i.test(told) ? told : 'application/octet-stream'
  const source = bytesSource(chunksOf(response), provider)
  return await sendStream(answered, wanted, { source, sent: () => ({ tokens: 0, told: undefined }), cuts: true, type })
}

function answerWithStream(answered: Answered, wanted: Wanted): Promise<Response> {
  const stream = answered.chat ? translatedStream(answered, wanted) : passingStream(answered, wanted)
  return sendStream(answered, wanted, stream)
}

async function sendStream(
  answered: Answered,
  { protocol, keepAlive, toNode = false }: Wanted,
  { source, sent, failed, endedIn, cuts, type }: SentStream,
): Promise<Response> {
  const { info, streams, client } = answered
  const bookUnfinished = () => {
    // Who got nothing used nothing, for all that is known.
    if (info.firstByteAt === undefined) return
    info.usage = usageOfUnfinished(sent(), info.usage, () => answered.estimateInput())
  }
  return await streamResponse(info, {
    source,
    protocol,
    requestId: info.id,
    keepAlive: cuts === true ? 0 : keepAlive,
    cuts,
    type,
    toNode,
    client,
    onFirstByte: () => void (info.firstByteAt = Date.now()),
    onPiece: streams.watched
      ? (bytes) => {
          info.sentBytes = (info.sentBytes ?? 0) + bytes
        }
      : undefined,
    onError: (error) => {
      const failure = toChatError(error, answered, info)
      if (failure === error) nameProvider(failure, info.provider)
      answered.abort(failure)
      bookUnfinished()
      settle(answered, info, 'error', failure)
      return failure
    },
    onEnd: () => {
      const told = endedIn?.()
      if (told || !tellsUsage(info.usage)) bookUnfinished()
      settle(answered, info, told ? 'error' : 'ok', told)
    },
    onCancel: (reason) => {
      answered.abort(reason)
      bookUnfinished()
      // Who reads it may have found the fault; and clients that read the provider's own word that it failed go away at once, before
      // the stream ends.
      const failure = reason instanceof ChatError ? reason : failed?.()
      if (failure) nameProvider(failure, info.provider)
      settle(answered, info, failure ? 'error' : 'aborted', failure)
    },
  })
}

/** A stream on its way to a client, and what was sent of it so far. */
interface SentStream {
  source: ByteSource
  sent(): Sent
  /** The error that the provider told last, where the client has it word for word. */
  failed?(): ChatError | undefined
  /** The error that it ended with, word for word. */
  endedIn?(): ChatError | undefined
  /** {@link AnswerPiecesOptions.cuts}: nothing else than its own bytes may be in it. */
  cuts?: boolean
  /** Its media type, where that is none of a stream of events. */
  type?: string
}

function translatedStream(answered: Answered, wanted: Wanted): SentStream {
  const events = new SentEvents()
  const encoder = encoderOf(answered, wanted)
  const noting: StreamEncoder = {
    push(event) {
      events.note(event)
      return encoder.push(event)
    },
    end: () => encoder.end(),
    begun: () => encoder.begun?.(),
  }
  return { source: translatedSource(eventsOf(answered), noting), sent: () => events.sent }
}

function passingStream(answered: Answered, { protocol }: Wanted): SentStream {
  const { response, translator, info, provider } = answered
  let ending: ChatError | undefined
  const told = (tail: string) => toldError(translator, tail)
  const source = passthroughSource({
    body: chunksOf(response),
    head: new StreamHead(translator, (event) => noteAnswer(answered, event)),
    protocol,
    provider,
    strip: answered.unaskedUsage && protocol.unaskedUsage ? new UsageStrip(protocol.unaskedUsage) : undefined,
    onUsage: (usage) => void (info.usage = usage),
    onFinish: (finish) => {
      const { id, model } = info.answer ?? {}
      info.answer = { id, model, finish }
    },
    told,
    onFailed(failure) {
      ending = failure
      nameProvider(failure, info.provider)
    },
  })
  return {
    source,
    sent: () => {
      const { bytes, tail } = source.passed()
      return sentBytes(protocol, bytes, tail, info.usage)
    },
    failed: () => told(source.passed().tail),
    endedIn: () => ending,
  }
}

function encodeWhole(answered: Answered, { protocol }: Wanted, events: ChatEvent[]): Response {
  const { info } = answered
  const body = wholeOf(answered, protocol, events)
  return signedResponse(info, JSON.stringify(body), 'application/json', idHeader(protocol, info))
}

function wholeOf({ info, chat }: Answered, protocol: Protocol, events: ChatEvent[]): unknown {
  const builder = new AnswerBuilder()
  for (const event of events) builder.push(event)
  return protocol.encode(builder.answer, { model: info.model ?? '', includeUsage: true, ...(chat && { chat }) })
}

function encodeStream(answered: Answered, wanted: Wanted, events: ChatEvent[]): Response {
  const encoder = encoderOf(answered, wanted)
  const text = events.map((event) => encoder.push(event)).join('') + encoder.end()
  return signedResponse(answered.info, text, 'text/event-stream; charset=utf-8', [
    ['cache-control', 'no-cache'],
    ...idHeader(wanted.protocol, answered.info),
  ])
}

function encoderOf({ info, includeUsage, chat }: Answered, { protocol }: Wanted) {
  return protocol.encoder({ model: info.model ?? '', includeUsage, ...(chat && { chat }) })
}
