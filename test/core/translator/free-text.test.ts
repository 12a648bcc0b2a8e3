import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../../src/core/chat/index.ts'
import { openaiChat } from '../../../src/core/protocols/openai-chat/index.ts'

const translator = openaiChat({ freeText: 'functions' })
const chat: ChatRequest = {
  model: 'm',
  stream: true,
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    {
      role: 'assistant',
      content: [{ type: 'tool-call', id: 'a', name: 'patch', kind: 'custom', arguments: '*** "x"' }],
    },
    { role: 'tool', toolCallId: 'a', content: [{ type: 'text', text: 'done' }] },
  ],
  tools: [
    {
      type: 'custom',
      name: 'patch',
      format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "a"' } },
    },
    { type: 'function', name: 'look' },
  ],
  toolChoice: { type: 'tool', kind: 'custom', name: 'patch' },
}

const delta = (calls: object[], finish: string | null = null) => ({
  data: JSON.stringify({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta: { tool_calls: calls }, finish_reason: finish }],
  }),
})

describe('tools of free text, where there are functions alone', () => {
  it('are told as functions with one text, their calls and the choice of them too', () => {
    const body = translator.request(chat)
    expect(body['tools']).toMatchObject([
      {
        type: 'function',
        function: {
          name: 'patch',
          parameters: {
            properties: { input: { type: 'string', description: expect.stringContaining('lark') } },
            required: ['input'],
          },
        },
      },
      { type: 'function', function: { name: 'look' } },
    ])
    expect(body['tool_choice']).toEqual({ type: 'function', function: { name: 'patch' } })
    expect((body['messages'] as unknown[])[1]).toMatchObject({
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'patch', arguments: '{"input":"*** \\"x\\""}' } }],
    })
  })

  it('get their text back, whole, beside functions whose fragments go on as they come', () => {
    const decoder = translator.events(chat)
    const events = [
      delta([
        { index: 0, id: 'a', type: 'function', function: { name: 'patch', arguments: '{"inp' } },
        { index: 1, id: 'b', type: 'function', function: { name: 'look', arguments: '{"at"' } },
      ]),
      delta([
        { index: 1, function: { arguments: ':1}' } },
        { index: 0, function: { arguments: 'ut":"a\\nb"}' } },
      ]),
      delta([], 'tool_calls'),
    ].map((frame) => decoder.push(frame))
    events.push(decoder.end())
    expect(events.flat().filter(({ type }) => type !== 'start')).toEqual([
      { type: 'tool-call', index: 0, id: 'a', name: 'patch', kind: 'custom' },
      { type: 'tool-call', index: 1, id: 'b', name: 'look', kind: 'function' },
      { type: 'tool-call-delta', index: 1, arguments: '{"at"' },
      { type: 'tool-call-delta', index: 1, arguments: ':1}' },
      { type: 'tool-call-delta', index: 0, arguments: 'a\nb' },
      { type: 'finish', reason: 'tool_calls', native: 'tool_calls' },
    ])
    expect(events[1]).toHaveLength(1)
  })

  it('give what a model wrote instead as it is', () => {
    const message = {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'patch', arguments: '*** plain' } }],
    }
    const body = { id: 'c', model: 'm', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }
    expect(translator.answer?.(body, chat)).toContainEqual({
      type: 'tool-call-delta',
      index: 0,
      arguments: '*** plain',
    })
  })
})
