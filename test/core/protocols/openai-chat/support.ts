import type { ChatEvent } from '../../../../src/core/chat/index.ts'
import { openaiChat, openaiChatProtocol } from '../../../../src/core/protocols/openai-chat/index.ts'
import type { Translator } from '../../../../src/core/translator/translator.ts'
import { eventsOfBytes, streamOf } from '../support.ts'

export { fold } from '../support.ts'

/** Bytes as they come off the wire, cut at the given places. */
export function decodeBytes(
  bytes: Uint8Array,
  cuts: number[] = [],
  translator: Translator = openaiChat(),
): ChatEvent[] {
  return eventsOfBytes(translator, bytes, cuts)
}

export function decodeChunks(chunks: unknown[], translator?: Translator): ChatEvent[] {
  const text = chunks.map((chunk) => `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`).join('')
  return decodeBytes(Buffer.from(text), [], translator)
}

/** One delta as a chunk, the way most servers write it. */
export function delta(fields: object, finish: string | null = null, index = 0): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index, delta: fields, finish_reason: finish }],
  }
}

export function encodeEvents(events: ChatEvent[], includeUsage = true): string {
  return streamOf(openaiChatProtocol, events, includeUsage)
}

export interface Chunk {
  choices: { index: number; delta: Record<string, unknown>; logprobs: unknown; finish_reason: unknown }[]
}

/** The JSON of each `data:` line. */
export function chunksOf(text: string): Chunk[] {
  return text
    .split('\n\n')
    .filter((line) => line !== '' && line !== 'data: [DONE]')
    .map((line) => JSON.parse(line.slice('data: '.length)) as Chunk)
}

/** The deltas of a stream that tells one choice. */
export function deltasOf(text: string): Record<string, unknown>[] {
  return chunksOf(text).flatMap(({ choices }) => choices.map((choice) => choice.delta))
}
