import type { ChatEvent, ChatRequest } from '../../../../src/core/chat/index.ts'
import { geminiGenerateContent, geminiProtocol } from '../../../../src/core/protocols/gemini/index.ts'
import type { Translator } from '../../../../src/core/translator/translator.ts'
import { eventsOfBytes, streamOf } from '../support.ts'

export { fold } from '../support.ts'

/** What is read from the wire. Each test states by what it expects. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = Record<string, any>

/** Bytes as they come off the wire, cut at the given places. */
export function decodeBytes(
  bytes: Uint8Array,
  cuts: number[] = [],
  translator: Translator = geminiGenerateContent(),
  chat?: ChatRequest,
): ChatEvent[] {
  return eventsOfBytes(translator, bytes, cuts, chat)
}

export function sse(messages: unknown[]): Buffer {
  return Buffer.from(messages.map((message) => `data: ${JSON.stringify(message)}\r\n\r\n`).join(''))
}

/** One message with these parts. */
export function message(parts: Json[], beside: Json = {}): Json {
  return {
    candidates: [{ content: { parts, role: 'model' }, index: 0, ...beside }],
    modelVersion: 'm',
    responseId: 'r',
  }
}

export function decode(messages: unknown[], translator?: Translator, chat?: ChatRequest): ChatEvent[] {
  return decodeBytes(sse(messages), [], translator, chat)
}

/** Events as Gemini's stream. */
export function encodeEvents(events: ChatEvent[]): string {
  return streamOf(geminiProtocol, events)
}

export function messagesOf(text: string): Json[] {
  return text
    .split('\r\n\r\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line.slice('data: '.length)) as Json)
}

export function chatOf(fields: Partial<ChatRequest> = {}): ChatRequest {
  return {
    model: 'gemini-2.5-pro',
    stream: false,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    ...fields,
  }
}
