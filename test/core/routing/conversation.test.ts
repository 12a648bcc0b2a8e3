import { describe, expect, it } from 'vitest'
import { answerKey, conversationOf } from '../../../src/core/routing/conversation.ts'

const key = (body: Record<string, unknown>) => conversationOf(body).key

describe('conversationOf', () => {
  const system = { role: 'system', content: 'Be brief.' }
  const user = { role: 'user', content: 'Hi' }
  const answer = { role: 'assistant', content: 'Hello' }
  const more = { role: 'user', content: 'And now?' }

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['Chat Completions', { messages: [system, user] }, { messages: [system, user, answer, more] }],
    [
      'Messages',
      { system: 'Be brief.', messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: {} }] }] },
      {
        system: 'Be brief.',
        messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }, answer, { ...more, cache_control: {} }],
      },
    ],
    [
      'Responses',
      { instructions: 'Be brief.', input: [user] },
      { instructions: 'Be brief.', input: [user, { type: 'function_call', name: 'f' }, more] },
    ],
    [
      'Gemini',
      { systemInstruction: {}, contents: [{ parts: [{ text: 'Hi' }] }] },
      { systemInstruction: {}, contents: [{ parts: [{ text: 'Hi' }] }, { role: 'model', parts: [] }, { parts: [] }] },
    ],
  ])('knows a conversation of %s again by how it began', (_, first, later) => {
    expect(key(first)).toBeDefined()
    expect(key(later)).toBe(key(first))
    expect(conversationOf(first).continued).toBe(false)
    expect(conversationOf(later).continued).toBe(true)
  })

  it('tells long texts apart by their ends and length, without reading all of 20 MB', () => {
    const image = (data: string) =>
      key({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: data } }] }] })
    const long = `a${'x'.repeat(9000)}z`
    expect(image(long)).toBe(image(`a${'x'.repeat(9000)}z`))
    expect(new Set([long, `b${long.slice(1)}`, `${long.slice(0, -1)}y`, `${long}z`, 'short'].map(image)).size).toBe(5)
  })

  it('takes no two values for one', () => {
    const values = [
      1,
      '1',
      '1,',
      null,
      'null',
      [],
      {},
      [1],
      ['1'],
      [[], 1],
      [[1]],
      { a: 1 },
      { a: '1' },
      ['a', 1],
      { ab: 1 },
      true,
    ]
    expect(new Set(values.map((content) => key({ messages: [{ role: 'user', content }] }))).size).toBe(values.length)
  })

  it('tells conversations apart by the system prompt and the first message', () => {
    const keys = [
      { messages: [user] },
      { messages: [more] },
      { messages: [system, user] },
      { system: 'x', messages: [user] },
      { input: 'Hi' },
      { input: 'Ho' },
      { instructions: 'x', input: 'Hi' },
    ].map(key)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('takes the client’s own name for it', () => {
    for (const name of [{ prompt_cache_key: 'k' }, { user: 'k' }, { metadata: { user_id: 'k' } }]) {
      const one = conversationOf({ ...name, messages: [user] })
      expect(one).toEqual(conversationOf({ ...name, messages: [more] }))
      expect(one.continued).toBe(true)
    }
    expect(key({ previous_response_id: 'resp_1', input: 'x' })).toBe(answerKey('resp_1'))
    const thread = { type: 'continue', previous_message_id: 'msg_1' }
    expect(key({ thread, metadata: { user_id: 'u' }, messages: [] })).toBe(answerKey('msg_1'))
    const held = [
      { previous_response_id: 'resp_1', input: 'x' },
      { thread },
      { user: 'k' },
      { messages: [user, answer] },
    ]
    expect(held.map((body) => conversationOf(body).held)).toEqual([true, true, false, false])
  })

  it.each([{}, { messages: [] }, { messages: [system] }, { messages: 7 }, { messages: [null, 1] }])(
    'knows nothing of %j',
    (body) => {
      expect(conversationOf(body)).toEqual({ key: undefined, continued: false, held: false })
    },
  )
})
