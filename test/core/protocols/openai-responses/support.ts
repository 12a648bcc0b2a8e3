import type { ChatEvent, ChatRequest } from '../../../../src/core/chat/index.ts'
import { openaiResponses } from '../../../../src/core/protocols/openai-responses/index.ts'
import { eventsOfBytes } from '../support.ts'

export { fold as answerOf } from '../support.ts'

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
  const cuts = Array.from({ length: Math.ceil(bytes.byteLength / size) }, (_, index) => index * size)
  return eventsOfBytes(openaiResponses(), bytes, cuts)
}

/** JSON off the wire, which the test is there to look at. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = Record<string, any>

/** The list; empty where there is none. */
export function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : []
}
