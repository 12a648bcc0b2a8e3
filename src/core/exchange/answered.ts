import type { Stop } from '../async/abort.ts'
import type { ChatEvent, ChatRequest } from '../chat/index.ts'
import { runEventHook } from '../hooks.ts'
import type { RequestInfo } from '../hooks.ts'
import { parseObject } from '../json/json.ts'
import { answerFrames } from '../frames/answer-frames.ts'
import { chunksOf, readJson } from '../upstream/body.ts'
import { badAnswer, streamCut } from '../upstream/error.ts'
import { headerOf } from '../upstream/fetch.ts'
import type { UpstreamResponse } from '../upstream/fetch.ts'
import type { EventDecoder, FrameDecoder, Translator } from '../translator/translator.ts'
import { announces } from './stream/announcement.ts'
import { EventCheck } from '../translator/event-check.ts'
import { eventsOfTranslator, listOfTranslator, ofTranslator } from '../translator/of-translator.ts'
import { BROKEN_OFF, PatientReader } from './stream/patient-reader.ts'
import type { Reporter } from './settle.ts'
import { eventSource } from './stream/source.ts'
import type { EventSource } from './stream/source.ts'
import { sentWhole, tellsUsage, usageOfUnfinished } from './stream/unfinished.ts'

/** A provider's successful answer, of which nothing is read yet, and who is to be told what of it. */
export interface Answered extends Reporter {
  response: UpstreamResponse
  translator: Translator
  info: RequestInfo
  /** The neutral request; absent on the fast path, where bytes pass through. */
  chat: ChatRequest | undefined
  /** Whether the client reads a stream. */
  stream: boolean
  /** Whether the client asked for usage in the stream. */
  includeUsage: boolean
  /** Whether byok asked for usage in a stream that passes through, for itself. */
  unaskedUsage: boolean
  /** The provider's title, for errors. */
  provider: string
  maxAnswerBytes: number
  /** About how many tokens the prompt has. */
  estimateInput(): number
  /** The provider's id of the answer is known. */
  onId(id: string): void
  /** The model has begun an answer of which nothing is given on before its end. */
  onBegun(): void
  /** Aborts when the client goes away. */
  client: Stop
  /** Stops the provider. */
  abort(reason: unknown): void
}

/** Whether the provider answers in one piece, which it may do though it was asked for a stream. */
export function isWhole({ response }: Answered): boolean {
  return /^application\/([\w.+-]+\+)?json\b/i.test(headerOf(response, 'content-type') ?? '')
}

/** The events of a whole answer, however it came; `bytes` are the provider's own, where it came in one piece. */
export async function readAnswer(answered: Answered): Promise<{ events: ChatEvent[]; bytes?: Buffer<ArrayBuffer> }> {
  const { response, maxAnswerBytes, provider, info } = answered
  const whole = isWhole(answered) ? await readJson(response, maxAnswerBytes, provider) : undefined
  const events = whole ? decodeWhole(answered, whole.value) : await collect(answered)
  for (const event of events) onEvent(answered, event)
  if (!events.some(({ type }) => type === 'finish')) throw streamCut(provider)
  if (!tellsUsage(info.usage)) {
    info.usage = usageOfUnfinished(sentWhole(events, whole?.value), info.usage, () => answered.estimateInput())
  }
  return whole ? { events, bytes: whole.bytes } : { events }
}

/** The events of a streamed answer, as they come. */
export function eventsOf(answered: Answered): EventSource {
  const { response, translator, provider } = answered
  return eventSource({
    body: chunksOf(response),
    ...decodersOf(answered),
    provider,
    startsEarly: translator.startsEarly,
    onEvent: (event) => onEvent(answered, event),
  })
}

/** Takes note of an event of the answer, and shows it to the plugins. */
function onEvent(answered: Answered, event: ChatEvent): void {
  const { hooks, info } = answered
  if (event.type === 'usage') info.usage = event.usage
  noteAnswer(answered, event)
  runEventHook(hooks, { info, event })
}

/** Takes note of what an event says of the answer as a whole. */
export function noteAnswer({ info, onId }: Answered, event: ChatEvent): void {
  if (event.type === 'start') {
    info.answer = { id: event.id, model: event.model }
    if (event.id !== undefined) onId(event.id)
  }
  if (event.type === 'finish') {
    const reason = event.native ?? event.reason
    const { id, model, finish } = info.answer ?? {}
    info.answer = { id, model, finish: finish ? [...finish, reason] : [reason] }
  }
}

function decodeWhole({ translator, chat, provider, info }: Answered, body: unknown): ChatEvent[] {
  const { answer } = translator
  if (!answer) throw badAnswer(provider, 'one JSON body where it always streams')
  return eventsOfTranslator(info.provider, new EventCheck(), () => answer.call(translator, body, chat))
}

/** What cuts and reads a stream of the provider's, where what fails in it says whose it is. */
function decodersOf({ translator, chat, info }: Answered): { frames: FrameDecoder; events: EventDecoder } {
  const { provider } = info
  const frames = ofTranslator(provider, () => translator.frames?.() ?? answerFrames())
  const events = ofTranslator(provider, () => translator.events(chat))
  const check = new EventCheck()
  return {
    frames: {
      push: (bytes) => listOfTranslator(provider, () => frames.push(bytes)),
      end: () => listOfTranslator(provider, () => frames.end()),
    },
    events: {
      push: (frame) => eventsOfTranslator(provider, check, () => events.push(frame)),
      end: () => eventsOfTranslator(provider, check, () => events.end()),
    },
  }
}

/** Reads a whole stream into its events. */
async function collect(answered: Answered): Promise<ChatEvent[]> {
  const { response, translator, provider, maxAnswerBytes, onBegun } = answered
  const { frames, events: decoder } = decodersOf(answered)
  const events: ChatEvent[] = []
  const reader = new PatientReader(chunksOf(response), provider, () => events.some(({ type }) => type === 'finish'))
  let size = 0
  let begun = false
  for (;;) {
    const piece = await reader.read()
    if (piece === BROKEN_OFF) return [...events, ...decoder.end()]
    const { done, value } = piece
    for (const frame of done ? frames.end() : frames.push(value)) {
      const whole = frame.bare && translator.answer ? parseObject(frame.data) : undefined
      events.push(...(whole ? decodeWhole(answered, whole) : decoder.push(frame)))
    }
    if (!begun && events.some((event) => !announces(event))) {
      begun = true
      onBegun()
    }
    if (done) return [...events, ...decoder.end()]
    size += value.byteLength
    if (size > maxAnswerBytes) throw badAnswer(provider, `more than ${maxAnswerBytes} bytes`)
  }
}
