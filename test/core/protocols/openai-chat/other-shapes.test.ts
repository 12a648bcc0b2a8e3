import { describe, expect, it } from 'vitest'
import { inChatShape } from '../../../../src/core/protocols/openai-chat/other-shapes.ts'

const schema = { type: 'object', properties: {} }
const messages = [{ role: 'user', content: 'Hi' }]

describe('a chat completion in other words', () => {
  it('is left alone where it is in its own', () => {
    const body = {
      model: 'm',
      messages: [
        ...messages,
        { role: 'assistant', content: [{ type: 'text', text: 'Yes?' }] },
        { role: 'user', content: [] },
        { role: 'tool', tool_call_id: 'c', content: 'x' },
        null,
      ],
      tools: [
        { type: 'function', function: { name: 'f', parameters: schema } },
        { type: 'custom', custom: { name: 'c' } },
        { type: 'web_search_20250305', name: 'web_search' },
        { name: 'unknown' },
        7,
      ],
      tool_choice: { type: 'function', function: { name: 'f' } },
    }
    expect(inChatShape(body)).toBe(body)
    expect(inChatShape({ model: 'm', tool_choice: 'auto', messages: 'no list' })).toEqual({
      model: 'm',
      tool_choice: 'auto',
      messages: 'no list',
    })
  })

  it.each([
    [
      { type: 'any', disable_parallel_tool_use: true },
      { tool_choice: 'required', parallel_tool_calls: false },
    ],
    [{ type: 'auto' }, { tool_choice: 'auto' }],
    [{ type: 'none' }, { tool_choice: 'none' }],
    [{ type: 'tool', name: 'f' }, { tool_choice: { type: 'function', function: { name: 'f' } } }],
    [{ type: 'function', name: 'f' }, { tool_choice: { type: 'function', function: { name: 'f' } } }],
    [{ type: 'custom', name: 'c' }, { tool_choice: { type: 'custom', custom: { name: 'c' } } }],
  ])('has its choice of a tool, %j, in its own', (choice, own) => {
    expect(inChatShape({ messages, tool_choice: choice })).toEqual({ messages, ...own })
  })

  it('has its tools in its own', () => {
    const tools = [
      {
        type: 'function',
        name: 'f',
        description: 'F',
        parameters: schema,
        strict: true,
        cache_control: { type: 'ephemeral' },
      },
      { type: 'custom', name: 'c', format: { type: 'grammar', syntax: 'regex', definition: 'x' } },
      { type: 'custom', name: 'a', input_schema: schema },
      { name: 'b', input_schema: schema },
    ]
    expect(inChatShape({ messages, tools })['tools']).toEqual([
      {
        type: 'function',
        function: { name: 'f', description: 'F', parameters: schema, strict: true },
        cache_control: { type: 'ephemeral' },
      },
      {
        type: 'custom',
        custom: { name: 'c', format: { type: 'grammar', grammar: { syntax: 'regex', definition: 'x' } } },
      },
      { type: 'function', function: { name: 'a', parameters: schema } },
      { type: 'function', function: { name: 'b', parameters: schema } },
    ])
  })

  it('has its messages in its own, images in results among them', () => {
    const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBO' } }
    const url = {
      type: 'image',
      source: { type: 'url', url: 'https://example.com/a.png' },
      cache_control: { type: 'ephemeral' },
    }
    const asked = [
      { role: 'user', content: [{ type: 'text', text: 'Look' }, url] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'f', input: { a: 1 } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: [picture] }] },
      { role: 'assistant', content: [], tool_calls: [] },
    ]
    expect(inChatShape({ system: 'Be brief.', messages: asked })).toEqual({
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            {
              type: 'image_url',
              image_url: { url: 'https://example.com/a.png' },
              cache_control: { type: 'ephemeral' },
            },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
        },
        {
          role: 'tool',
          tool_call_id: 'c1',
          content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } }],
        },
        { role: 'assistant', content: null, tool_calls: [] },
      ],
    })
  })
})
