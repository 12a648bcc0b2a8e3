import { describe, expect, test } from 'vitest'
import type { AssistantPart, ChatRequest, UserPart } from '../../../../src/core/chat/index.ts'
import { openaiResponses } from '../../../../src/core/protocols/openai-responses/index.ts'
import { chatOf, listOf } from './support.ts'
import type { Json } from './support.ts'

const translator = openaiResponses()
const write = (fields: Partial<ChatRequest>) => translator.request(chatOf(fields)) as Json
const user = (...content: UserPart[]) =>
  listOf(write({ messages: [{ role: 'user', content }] })['input'])[0]?.['content'] as unknown
const assistant = (...content: AssistantPart[]) =>
  listOf(write({ messages: [{ role: 'assistant', content }] })['input'])

describe('input', () => {
  test('system, developer and user messages keep their places', () => {
    const body = write({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'developer', content: [{ type: 'text', text: 'Say please.' }] },
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      ],
    })
    expect(body['instructions']).toBeUndefined()
    expect(body['input']).toEqual([
      { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'Be brief.' }] },
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Say please.' }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
    ])
  })

  test.each<[string, UserPart, object]>([
    [
      'a URL',
      image({ type: 'url', url: 'https://x.test/a.png' }),
      { image_url: 'https://x.test/a.png', detail: 'auto' },
    ],
    [
      'data',
      { ...image({ type: 'base64', mediaType: 'image/png', data: 'iVBO' }), detail: 'high' },
      { image_url: 'data:image/png;base64,iVBO', detail: 'high' },
    ],
    ['a file', image({ type: 'file-id', id: 'file-1' }), { file_id: 'file-1', detail: 'auto' }],
  ])('an image by %s', (_, part, expected) => {
    expect(user(part)).toEqual([{ type: 'input_image', ...expected }])
  })

  test.each<[string, UserPart, object]>([
    [
      'data without a name',
      { type: 'file', source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBE' } },
      { filename: 'file.pdf', file_data: 'data:application/pdf;base64,JVBE' },
    ],
    [
      'text',
      { type: 'file', filename: 'a.md', source: { type: 'text', mediaType: 'text/plain', text: 'hé' } },
      { filename: 'a.md', file_data: 'data:text/plain;base64,aMOp' },
    ],
    [
      'a URL',
      { type: 'file', source: { type: 'url', url: 'https://x.test/a.pdf' } },
      { file_url: 'https://x.test/a.pdf' },
    ],
    ['an id', { type: 'file', source: { type: 'file-id', id: 'file-2' } }, { file_id: 'file-2' }],
  ])('a file by %s', (_, part, expected) => {
    expect(user(part)).toEqual([{ type: 'input_file', ...expected }])
  })

  test('what the model said is one item each, in its order', () => {
    expect(
      assistant(
        { type: 'reasoning', text: 'Hmm.', id: 'rs_1', encrypted: 'gAAA', format: 'openai-responses-v1' },
        { type: 'text', text: 'One' },
        { type: 'refusal', refusal: 'No.' },
        { type: 'tool-call', id: 'call_1', kind: 'function', name: 'add', arguments: '{"a":1}' },
        { type: 'tool-call', id: 'call_2', kind: 'custom', name: 'patch', arguments: '*** Begin' },
        { type: 'text', text: 'Two' },
      ),
    ).toEqual([
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hmm.' }], encrypted_content: 'gAAA' },
      {
        type: 'message',
        role: 'assistant',
        content: [
          { type: 'output_text', text: 'One', annotations: [] },
          { type: 'refusal', refusal: 'No.' },
        ],
      },
      { type: 'function_call', call_id: 'call_1', name: 'add', arguments: '{"a":1}' },
      { type: 'custom_tool_call', call_id: 'call_2', name: 'patch', input: '*** Begin' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Two', annotations: [] }] },
    ])
  })

  test("another vendor's reasoning is not sent, nor an id that is not OpenAI's", () => {
    const said = { type: 'text', text: 'So.' } as const
    const items = assistant(
      { type: 'reasoning', text: 'A', signature: 'sig', format: 'anthropic-claude-v1' },
      { type: 'reasoning', text: 'B' },
      { type: 'reasoning', text: '', encrypted: 'gAAA', id: 'thinking_3', format: 'openai-responses-v1' },
      said,
    )
    expect(items).toEqual([
      { type: 'reasoning', summary: [], encrypted_content: 'gAAA' },
      expect.objectContaining({ type: 'message' }),
    ])
  })

  test('reasoning that nothing follows is left out, for OpenAI refuses it', () => {
    expect(assistant({ type: 'reasoning', text: '', encrypted: 'gAAA', format: 'openai-responses-v1' })).toEqual([])
  })

  test('results say which kind of call they answer, with images where there are some', () => {
    const { input } = write({
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'tool-call', id: 'c1', kind: 'custom', name: 'sh', arguments: 'ls' },
            { type: 'tool-call', id: 'c2', kind: 'function', name: 'shot', arguments: '{}' },
          ],
        },
        { role: 'tool', toolCallId: 'c1', content: [{ type: 'text', text: 'a.txt' }] },
        {
          role: 'tool',
          toolCallId: 'c2',
          content: [
            { type: 'text', text: 'Here' },
            { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'iVBO' } },
          ],
        },
      ],
    })
    expect(listOf(input).slice(2)).toEqual([
      { type: 'custom_tool_call_output', call_id: 'c1', output: 'a.txt' },
      {
        type: 'function_call_output',
        call_id: 'c2',
        output: [
          { type: 'input_text', text: 'Here' },
          { type: 'input_image', image_url: 'data:image/png;base64,iVBO', detail: 'auto' },
        ],
      },
    ])
  })
})

describe('tools', () => {
  test('functions say whether they are strict, for the default is another here', () => {
    const { tools } = write({
      tools: [
        { type: 'function', name: 'a', description: 'A', parameters: { type: 'object' }, strict: true },
        { type: 'function', name: 'b' },
      ],
    })
    expect(tools).toEqual([
      { type: 'function', name: 'a', description: 'A', parameters: { type: 'object' }, strict: true },
      { type: 'function', name: 'b', parameters: { type: 'object', properties: {} }, strict: false },
    ])
  })

  test("a custom tool's grammar is flat, and OpenAI's own tools stay as they are", () => {
    const grammar = { syntax: 'lark', definition: 'start: "a"' }
    const { tools } = write({
      tools: [
        { type: 'custom', name: 'p', format: { type: 'grammar', grammar } },
        { type: 'provider', protocol: 'openai-responses', tool: { type: 'mcp', server_label: 'x' } },
        { type: 'provider', protocol: 'openai-chat', tool: { type: 'web_search' } },
      ],
    })
    expect(tools).toEqual([
      { type: 'custom', name: 'p', format: { type: 'grammar', ...grammar } },
      { type: 'mcp', server_label: 'x' },
      { type: 'web_search' },
    ])
  })

  test.each<[ChatRequest['toolChoice'], unknown]>([
    [{ type: 'auto' }, 'auto'],
    [{ type: 'none' }, 'none'],
    [{ type: 'required' }, 'required'],
    [
      { type: 'tool', kind: 'function', name: 'a' },
      { type: 'function', name: 'a' },
    ],
    [
      { type: 'tool', kind: 'custom', name: 'p' },
      { type: 'custom', name: 'p' },
    ],
    [
      { type: 'allowed', mode: 'auto', names: ['a', 'p'] },
      {
        type: 'allowed_tools',
        mode: 'auto',
        tools: [
          { type: 'function', name: 'a' },
          { type: 'custom', name: 'p' },
        ],
      },
    ],
  ])('choice %j', (toolChoice, expected) => {
    const tools: ChatRequest['tools'] = [
      { type: 'function', name: 'a' },
      { type: 'custom', name: 'p' },
    ]
    expect(write({ tools, toolChoice })['tool_choice']).toEqual(expected)
  })
})

describe('fields', () => {
  test('each by its name here', () => {
    const body = write({
      stream: true,
      responseFormat: { type: 'json_schema', name: 'out', schema: { type: 'object' }, strict: true },
      verbosity: 'low',
      reasoning: { effort: 'none', summary: 'auto' },
      maxCompletionTokens: 500,
      temperature: 0.5,
      topP: 0.9,
      topLogprobs: 2,
      logprobs: true,
      user: 'u',
      metadata: { a: 'b' },
      serviceTier: 'flex',
      promptCacheKey: 'k',
      parallelToolCalls: false,
      tools: [{ type: 'function', name: 'a' }],
      extra: { safety_identifier: 's' },
    })
    expect(body).toMatchObject({
      model: 'gpt-5.1',
      stream: true,
      store: false,
      text: {
        format: { type: 'json_schema', name: 'out', schema: { type: 'object' }, strict: true },
        verbosity: 'low',
      },
      reasoning: { effort: 'none', summary: 'auto' },
      include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
      max_output_tokens: 500,
      temperature: 0.5,
      top_p: 0.9,
      top_logprobs: 2,
      user: 'u',
      metadata: { a: 'b' },
      service_tier: 'flex',
      prompt_cache_key: 'k',
      parallel_tool_calls: false,
      safety_identifier: 's',
    })
  })

  test('a model that does not reason is not asked for its reasoning', () => {
    expect(write({ model: 'gpt-4o' })['include']).toBeUndefined()
  })

  test('a limit below the least is the least', () => {
    expect(write({ maxTokens: 1 })['max_output_tokens']).toBe(16)
  })

  test('hints without a word here are left out', () => {
    const body = write({ seed: 1, topK: 5, n: 1, frequencyPenalty: 0, extra: { prediction: {}, modalities: ['text'] } })
    expect(Object.keys(body).toSorted()).toEqual(['include', 'input', 'model', 'store'])
  })

  test('a field nobody knows goes through', () => {
    expect(write({ extra: { new_thing: 1 } })['new_thing']).toBe(1)
  })

  test.each<[string, Partial<ChatRequest>]>([
    ['stop', { stop: ['x'] }],
    ['n', { n: 2 }],
    ['logit_bias', { logitBias: { 50256: -100 } }],
    ['frequency_penalty', { frequencyPenalty: 1 }],
    ['presence_penalty', { presencePenalty: 0.5 }],
    ['modalities', { extra: { modalities: ['text', 'audio'], audio: { voice: 'alloy' } } }],
    ['tools[0]', { tools: [{ type: 'provider', protocol: 'anthropic-messages', tool: { type: 'bash_20250124' } }] }],
    [
      'messages[0].content[0]',
      { messages: [{ role: 'user', content: [{ type: 'audio', data: 'UklG', format: 'wav' }] }] },
    ],
  ])('%s is refused by name', (param, fields) => {
    expect(() => write(fields)).toThrow(expect.objectContaining({ status: 400, code: 'unsupported_feature', param }))
  })
})

function image(source: Extract<UserPart, { type: 'image' }>['source']): Extract<UserPart, { type: 'image' }> {
  return { type: 'image', source }
}

describe('a model that reasons', () => {
  const sampled: Partial<ChatRequest> = { temperature: 1, topP: 0.95, reasoning: { effort: 'high' } }

  test('gets no sampling, which it refuses and clients of other vendors send unasked', () => {
    const body = write({ ...sampled, model: 'gpt-5.3-codex' })
    expect(body).not.toHaveProperty('temperature')
    expect(body).not.toHaveProperty('top_p')
    expect(body['reasoning']).toEqual({ effort: 'high' })
  })

  test('and one that does not gets no wish how hard to think', () => {
    const body = write({ ...sampled, model: 'gpt-4.1' })
    expect(body).toMatchObject({ temperature: 1, top_p: 0.95 })
    expect(body).not.toHaveProperty('reasoning')
  })
})
