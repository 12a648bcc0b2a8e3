import { expect, it } from 'vitest'
import type { ChatEvent } from '../../../../src/core/chat/index.ts'
import { openaiChat, openaiChatProtocol } from '../../../../src/core/protocols/openai-chat/index.ts'

/* A proof of a call of Gemini's on the call, for clients that send back nothing else of it. */

const proof = {
  type: 'reasoning',
  index: 0,
  text: '',
  signature: 'c2ln',
  id: 'c1',
  format: 'google-gemini-v1',
} as const
const call: ChatEvent[] = [
  { type: 'tool-call', index: 0, id: 'c1', name: 'look', kind: 'function' },
  { type: 'tool-call-delta', index: 0, arguments: '{}' },
]
const MARKED = { google: { thought_signature: 'byok.google.1.c2ln' } }

function streamed(events: ChatEvent[]): unknown[] {
  const encoder = openaiChatProtocol.encoder({ model: 'm', includeUsage: false })
  const text = events.map((event) => encoder.push(event)).join('')
  const chunks = text.split('\n\n').filter((line) => line !== '')
  return chunks.flatMap((chunk) => {
    const { choices } = JSON.parse(chunk.slice('data: '.length)) as { choices: { delta: { tool_calls?: unknown[] } }[] }
    return choices[0]?.delta.tool_calls ?? []
  })
}

it('is told where the call begins', () => {
  expect(streamed([proof, ...call])).toEqual([
    { index: 0, id: 'c1', type: 'function', function: { name: 'look', arguments: '' }, extra_content: MARKED },
    { index: 0, function: { arguments: '{}' } },
  ])
})

it.each<[string, ChatEvent]>([
  ['of another call', { ...proof, id: 'c2' }],
  ['of a thought', { ...proof, text: 'Hm.' }],
  ['of another vendor', { ...proof, format: 'anthropic-claude-v1' }],
])('is not told: %s', (_, event) => {
  expect(streamed([event, ...call])[0]).not.toHaveProperty('extra_content')
})

const asked = (callFields: object, messageFields: object = {}) => ({
  model: 'm',
  messages: [
    { role: 'user', content: 'Why?' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' }, ...callFields }],
      ...messageFields,
    },
    { role: 'tool', tool_call_id: 'c1', content: 'seen' },
  ],
})
const { type, text, signature, id, format } = proof

it('is read once, and told to no server that takes what it gets for its own', () => {
  const details = [{ type: 'reasoning.text', text: '', signature, id, format, index: 0 }]
  for (const body of [
    asked({ extra_content: MARKED }),
    asked({ extra_content: MARKED }, { reasoning_details: details }),
  ]) {
    const chat = openaiChatProtocol.decode(body)
    expect(chat.messages[1]?.content).toEqual([
      { type, text, signature, id, format },
      { type: 'tool-call', id: 'c1', name: 'look', kind: 'function', arguments: '{}' },
    ])
    expect(openaiChat().passes?.(body, 'm')).toBe(false)
    expect(JSON.stringify(openaiChat().request(chat))).not.toMatch(/extra_content|byok|c2ln/)
  }
})

it.each([{}, { extra_content: { google: { thought_signature: 'c2ln' } } }, { extra_content: 'odd' }])(
  "is left alone where it is another server's, or none: %j",
  (fields) => {
    const body = asked(fields)
    expect(openaiChat().passes?.(body, 'm')).toBe(true)
    expect(openaiChat().request(openaiChatProtocol.decode(body))['messages']).toEqual(body.messages)
  },
)
