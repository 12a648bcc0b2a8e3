import { AnswerBuilder, ChatError } from '../../../src/core/chat/index.ts'
import type { ChatAnswer, ChatEvent, ChatRequest } from '../../../src/core/chat/index.ts'
import type { Protocol } from '../../../src/core/protocols/protocol.ts'
import { answerFrames } from '../../../src/core/frames/answer-frames.ts'
import type { Translator } from '../../../src/core/translator/translator.ts'

/** The events of a stream's bytes as they come off the wire, cut at the given places. */
export function eventsOfBytes(
  translator: Translator,
  bytes: Uint8Array,
  cuts: number[] = [],
  chat?: ChatRequest,
): ChatEvent[] {
  const frames = translator.frames?.() ?? answerFrames()
  const decoder = translator.events(chat)
  const events: ChatEvent[] = []
  const places = [...new Set([0, ...cuts, bytes.byteLength])].sort((a, b) => a - b)
  for (const [index, from] of places.entries()) {
    for (const frame of frames.push(bytes.subarray(from, places[index + 1]))) events.push(...decoder.push(frame))
  }
  for (const frame of frames.end()) events.push(...decoder.push(frame))
  return [...events, ...decoder.end()]
}

/** The answer that events tell. */
export function fold(events: Iterable<ChatEvent>): ChatAnswer {
  const builder = new AnswerBuilder()
  for (const event of events) builder.push(event)
  return builder.answer
}

/** Events as the stream of a client that asked for `asked-for`. */
export function streamOf(protocol: Protocol, events: ChatEvent[], includeUsage = true): string {
  const encoder = protocol.encoder({ model: 'asked-for', includeUsage })
  return events.map((event) => encoder.push(event)).join('') + encoder.end()
}

/** Why something is refused. */
export function refusal(act: () => unknown): ChatError {
  try {
    act()
  } catch (error) {
    if (error instanceof ChatError) return error
    throw error
  }
  throw new Error('was accepted')
}
