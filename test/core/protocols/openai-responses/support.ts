import type { ChatEvent, ChatRequest } from '../../../../src/core/chat/index.ts'
import { AnswerBuilder } from '../../../../src/core/chat/index.ts'
import { openaiResponses } from '../../../../src/core/protocols/openai-responses/index.ts'
import { sseFrames } from '../../../../src/core/upstream/sse.ts'

/** A request of one user message, with what a test adds. */
export function chatOf(fields: Partial<ChatRequest> = {}): ChatRequest {
  return {
    model: 'gpt-5.1',
    stream: false,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    ...fields,
  }
}

export function sse(events: object[]): string {
  return events
    .map((event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('')
}

/** Decodes a stream that is cut into pieces of so many bytes. */
export function decodeStream(bytes: Uint8Array, size = bytes.byteLength): ChatEvent[] {
  const frames = sseFrames()
  const events = openaiResponses().events()
  const decoded: ChatEvent[] = []
  for (let at = 0; at < bytes.byteLength; at += size) {
    for (const frame of frames.push(bytes.subarray(at, at + size))) decoded.push(...events.push(frame))
  }
  for (const frame of frames.end()) decoded.push(...events.push(frame))
  decoded.push(...events.end())
  return decoded
}

export function answerOf(events: ChatEvent[]) {
  const builder = new AnswerBuilder()
  for (const event of events) builder.push(event)
  return builder.answer
}

/** JSON off the wire, which the test is there to look at. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = Record<string, any>

/** The list; empty where there is none. */
export function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : []
}
