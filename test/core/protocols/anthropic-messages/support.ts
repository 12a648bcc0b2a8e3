import Anthropic from '@anthropic-ai/sdk'
import type { ChatEvent, ChatRequest } from '../../../../src/core/chat/index.ts'
import {
  anthropicMessages,
  anthropicMessagesProtocol,
} from '../../../../src/core/protocols/anthropic-messages/index.ts'
import type { Json } from '../../../upstreams/anthropic-check.ts'
import { eventsOfBytes, fold, streamOf } from '../support.ts'

export { fold, refusal } from '../support.ts'

export const PNG = 'iVBORw0KGgo='

/** Bytes as they come off the wire, cut at the given places. */
export function decodeBytes(bytes: Uint8Array, cuts: number[] = [], chat?: ChatRequest): ChatEvent[] {
  return eventsOfBytes(anthropicMessages(), bytes, cuts, chat)
}

/** Events of Anthropic's stream as their bytes. */
export function wire(...events: Json[]): Buffer {
  return Buffer.from(events.map((event) => `event: ${event['type']}\ndata: ${JSON.stringify(event)}\n\n`).join(''))
}

export function encodeEvents(events: ChatEvent[]): string {
  return streamOf(anthropicMessagesProtocol, events)
}

export function encodeWhole(events: ChatEvent[]): Json {
  return anthropicMessagesProtocol.encode(fold(events), { model: 'asked-for', includeUsage: true }) as Json
}

/** The events of a stream, as JSON. */
export function eventsOf(text: string): Json[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [event, data] = frame.split('\n')
      const value = JSON.parse(data?.slice('data: '.length) ?? '') as Json
      if (event !== `event: ${value['type']}`) throw new Error(`the event line is wrong: ${event}`)
      return value
    })
}

/** What Anthropic's own client makes of a stream. */
export async function sdkMessage(text: string): Promise<Json> {
  const client = new Anthropic({
    apiKey: 'x',
    fetch: async () => new Response(text, { headers: { 'content-type': 'text/event-stream' } }),
  })
  const stream = client.messages.stream({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] })
  return JSON.parse(JSON.stringify(await stream.finalMessage())) as Json
}

export function request(fields: Partial<ChatRequest>): Json {
  return anthropicMessages().request({
    model: 'claude-sonnet-4-5',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    stream: false,
    ...fields,
  })
}
