import { describe, expect, test } from 'vitest'
import { anthropicMessages } from '../../../../src/core/protocols/anthropic-messages/index.ts'
import { geminiGenerateContent } from '../../../../src/core/protocols/gemini/index.ts'
import { openaiChat } from '../../../../src/core/protocols/openai-chat/index.ts'
import { openaiResponses, openaiResponsesProtocol } from '../../../../src/core/protocols/openai-responses/index.ts'
import { translator as kiro } from '../../../../src/plugins/kiro/translator.ts'
import { listOf } from './support.ts'
import type { Json } from './support.ts'

const decode = (fields: object) => openaiResponsesProtocol.decode({ model: 'm', ...fields })

const say = (role: string, text: string) => ({
  type: 'message',
  role,
  content: [role === 'assistant' ? { type: 'output_text', text, annotations: [] } : { type: 'input_text', text }],
})

/** One of every item and field. */
const EVERYTHING = {
  model: 'gpt-5.1',
  instructions: 'Be brief.',
  stream: true,
  store: false,
  input: [
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Say please.' }] },
    {
      type: 'message',
      role: 'user',
      id: 'msg_in',
      content: [
        { type: 'input_text', text: 'Look', prompt_cache_breakpoint: { mode: 'explicit' } },
        { type: 'input_image', image_url: 'data:image/png;base64,iVBO', detail: 'high' },
        { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' },
        { type: 'input_file', file_url: 'https://x.test/a.pdf' },
      ],
    },
    {
      type: 'reasoning',
      id: 'rs_1',
      summary: [
        { type: 'summary_text', text: 'One.' },
        { type: 'summary_text', text: 'Two.' },
      ],
      encrypted_content: 'gAAA',
    },
    { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } },
    {
      type: 'message',
      role: 'assistant',
      id: 'msg_1',
      status: 'completed',
      phase: 'commentary',
      content: [
        {
          type: 'output_text',
          text: 'I see',
          annotations: [{ type: 'file_path', file_id: 'f', index: 0 }],
          logprobs: [],
        },
        { type: 'refusal', refusal: 'but no' },
      ],
    },
    {
      type: 'message',
      role: 'assistant',
      id: 'msg_2',
      status: 'completed',
      content: [{ type: 'output_text', text: 'Well', annotations: [] }],
    },
    { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'add', arguments: '{"a":1}', status: 'completed' },
    { type: 'function_call', id: 'fc_2', call_id: 'c2', name: 'read', namespace: 'mcp__fs', arguments: '{}' },
    { type: 'custom_tool_call', id: 'ctc_1', call_id: 'c3', name: 'patch', input: '***' },
    { type: 'function_call_output', call_id: 'c1', output: '2' },
    {
      type: 'function_call_output',
      call_id: 'c2',
      output: [
        { type: 'input_text', text: 'A file' },
        { type: 'input_image', image_url: 'https://x.test/a.png', detail: 'auto' },
      ],
    },
    { type: 'custom_tool_call_output', call_id: 'c3', output: 'ok' },
    { type: 'compaction', id: 'cmp_1', encrypted_content: 'zzz' },
  ],
  tools: [
    { type: 'function', name: 'add', description: 'Adds', parameters: { type: 'object' }, strict: true },
    { type: 'function', name: 'sub', parameters: { type: 'object' }, defer_loading: true },
    { type: 'custom', name: 'patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' } },
    { type: 'web_search', external_web_access: false },
    {
      type: 'namespace',
      name: 'mcp__fs',
      description: 'Files',
      tools: [
        { type: 'function', name: 'read', parameters: { type: 'object' } },
        { type: 'function', name: 'write', parameters: { type: 'object' } },
      ],
    },
  ],
  tool_choice: {
    type: 'allowed_tools',
    mode: 'auto',
    tools: [
      { type: 'function', name: 'add' },
      { type: 'custom', name: 'patch' },
    ],
  },
  parallel_tool_calls: false,
  text: { format: { type: 'json_schema', name: 'out', schema: { type: 'object' }, strict: true }, verbosity: 'low' },
  reasoning: { effort: 'high', summary: 'auto', context: 'all_turns' },
  include: ['reasoning.encrypted_content'],
  max_output_tokens: 900,
  temperature: 0.5,
  top_p: 0.9,
  metadata: { a: 'b' },
  user: 'u',
  safety_identifier: 's',
  prompt_cache_key: 'k',
  prompt_cache_retention: '24h',
  service_tier: 'flex',
  truncation: 'auto',
  stream_options: { include_obfuscation: false },
  client_metadata: { session: 'x' },
  brand_new: true,
}

describe('round trip', () => {
  test('nothing is lost on the way through the neutral model', () => {
    expect(openaiResponses().request(openaiResponsesProtocol.decode(EVERYTHING))).toEqual(EVERYTHING)
  })

  test('a minimal request stays minimal', () => {
    expect(openaiResponses().request(decode({ input: 'Hi' }))).toEqual({
      model: 'm',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
    })
  })

  test("to Chat Completions go no fields of this format's alone", () => {
    const { tools: _, brand_new: __, tool_choice: ___, ...rest } = EVERYTHING
    const chat = decode({
      ...rest,
      input: EVERYTHING.input.filter(
        (item) =>
          item.type !== 'compaction' &&
          (!Array.isArray(item.content) || !item.content.some((part) => 'file_url' in part)),
      ),
      tools: EVERYTHING.tools.filter(({ type }) => type !== 'web_search'),
    })
    const body = openaiChat().request(chat) as Json
    expect(Object.keys(body).toSorted()).toEqual([
      'max_completion_tokens',
      'messages',
      'metadata',
      'model',
      'parallel_tool_calls',
      'prompt_cache_key',
      'reasoning_effort',
      'response_format',
      'service_tier',
      'store',
      'stream',
      'stream_options',
      'temperature',
      'tools',
      'top_p',
      'user',
      'verbosity',
    ])
    expect(listOf(body['tools']).map((tool) => Object.keys(tool).toSorted().join())).toEqual([
      'function,type',
      'function,type',
      'custom,type',
      'function,type',
      'function,type',
    ])
    expect(body['tools'][3].function.name).toBe('mcp__fs__read')
    const said = listOf(body['messages']).find((message) => message['role'] === 'assistant')
    expect(listOf(said?.['tool_calls']).map((call) => (call['function'] ?? call['custom']).name as unknown)).toEqual([
      'add',
      'mcp__fs__read',
      'patch',
    ])
    expect(said?.['content'][0]).toEqual({
      type: 'text',
      text: '[web_search_call: {"action":{"type":"search","query":"x"}}]',
    })
  })
})

describe('input', () => {
  test('what the model said is one message, and each result one', () => {
    expect(openaiResponsesProtocol.decode(EVERYTHING).messages.map(({ role }) => role)).toEqual([
      'system',
      'developer',
      'user',
      'assistant',
      'tool',
      'tool',
      'tool',
      'assistant',
    ])
  })

  test('an easy message needs no type and no list', () => {
    const { messages } = decode({
      input: [
        { role: 'assistant', content: 'Hello' },
        { role: 'user', content: 'Hi' },
      ],
    })
    expect(JSON.parse(JSON.stringify(messages))).toEqual([
      { role: 'assistant', content: [{ type: 'text', text: 'Hello', extra: {} }] },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    ])
  })

  test('a state kept elsewhere is left for the provider to refuse', () => {
    expect(decode({ previous_response_id: 'resp_1' }).extra).toMatchObject({ previous_response_id: 'resp_1' })
  })
})

describe("OpenAI's own items", () => {
  const SHELL = [
    { role: 'user', content: 'ls' },
    { type: 'local_shell_call', id: 'l', call_id: 'c', action: { type: 'exec', command: ['ls'], env: {} } },
    { type: 'local_shell_call_output', id: 'l', output: 'README.md', internal_chat_message_metadata_passthrough: {} },
    { role: 'user', content: 'What did ls say?' },
  ]
  const OFFER = {
    type: 'additional_tools',
    id: 'at_1',
    role: 'developer',
    tools: [
      { type: 'function', name: 'add', parameters: { type: 'object', properties: {} } },
      { type: 'namespace', name: 'fs', description: 'Files', tools: [{ type: 'custom', name: 'read' }] },
      { type: 'web_search' },
    ],
  }
  const wordsOf = (body: Json) =>
    listOf(body['messages']).map(({ role, content }) => [role, content] as [string, unknown])

  test('are told others in words, and no message is left empty', () => {
    const words: [string, unknown][] = [
      ['user', 'ls'],
      ['assistant', '[local_shell_call: {"call_id":"c","action":{"type":"exec","command":["ls"],"env":{}}}]'],
      ['user', '[local_shell_call_output: {"output":"README.md"}]'],
      ['user', 'What did ls say?'],
    ]
    expect(wordsOf(openaiChat().request(decode({ input: SHELL })))).toEqual(words)
    const claude = JSON.stringify(anthropicMessages().request(decode({ input: SHELL })))
    for (const [, said] of words) expect(claude).toContain(JSON.stringify(said).slice(1, -1))
  })

  test('a screenshot is an image', () => {
    const output = { type: 'computer_screenshot', image_url: 'data:image/png;base64,iVBO' }
    const { messages } = decode({ input: [{ type: 'computer_call_output', call_id: 'c', output }] })
    expect(messages).toMatchObject([
      {
        role: 'user',
        content: [
          { type: 'text', text: '[computer_call_output: {"call_id":"c"}]' },
          { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'iVBO' } },
        ],
      },
    ])
  })

  test('what only OpenAI can open is refused by name', () => {
    const chat = decode({ input: [...SHELL, { type: 'context_compaction', encrypted_content: 'zzz' }] })
    const refusal = expect.objectContaining({ status: 400, param: 'input[4]' })
    for (const other of [openaiChat(), anthropicMessages(), geminiGenerateContent(), kiro]) {
      expect(() => other.request(chat)).toThrow(refusal)
    }
  })

  test.each([
    ['first', [OFFER, say('developer', 'Be brief'), say('user', 'Hi')]],
    ['before an answer', [say('user', 'Hi'), OFFER, say('assistant', 'Ho')]],
    ['before a system message', [OFFER, say('system', 'Be brief')]],
    ['last', [say('user', 'Hi'), OFFER]],
  ])('tools that the input offers are offered to all (%s)', (_, input) => {
    const chat = decode({ input, parallel_tool_calls: true })
    const body = openaiChat().request(chat) as Json
    const names = listOf(body['tools']).map((tool) => (tool['function'] ?? tool['custom']).name as string)
    expect(names).toEqual(['add', 'fs__read'])
    expect(openaiResponses().request(chat)).toMatchObject({ input })
    expect(openaiResponses().request(chat)).not.toHaveProperty('tools')
    expect(openaiResponses({ system: 'instructions' }).request(chat)['input']).toContainEqual(OFFER)
  })

  test('a tool of the request stands before one of the same name in the input', () => {
    const own = { type: 'function', name: 'add', description: 'Own', parameters: { type: 'object' }, strict: true }
    const chat = decode({ input: [OFFER, { role: 'user', content: 'Hi' }], tools: [own] })
    expect(chat.tools).toMatchObject([{ name: 'add', description: 'Own' }, { name: 'fs__read' }])
    expect(openaiResponses().request(chat)['tools']).toEqual([own])
  })
})

describe('settings that change on the way', () => {
  const format = { type: 'json_schema', name: 'out', schema: { type: 'object' }, strict: true }
  const asked = {
    input: [
      { type: 'configuration_update', reasoning: { effort: 'low' }, text: { format } },
      say('user', 'Hi'),
      say('assistant', 'Ho'),
      { type: 'configuration_update', id: 'cu_1', reasoning: { effort: 'high' } },
      say('user', 'Think hard'),
    ],
    reasoning: { effort: 'medium', summary: 'auto' },
    text: { format: { type: 'text' } },
  }

  test('go to OpenAI where they stand, beside those the conversation began with', () => {
    expect(openaiResponses().request(decode(asked))).toMatchObject(asked)
    const { reasoning: _, text: __, ...bare } = asked
    const body = openaiResponses().request(decode(bare))
    expect(body).toMatchObject(bare)
    expect(body).not.toHaveProperty('reasoning')
    expect(body).not.toHaveProperty('text')
  })

  test('are what others are asked for, who are told no word of them', () => {
    expect(openaiChat().request(decode(asked))).toMatchObject({
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Ho' },
        { role: 'user', content: 'Think hard' },
      ],
      reasoning_effort: 'high',
      response_format: { type: 'json_schema', json_schema: { name: 'out' } },
    })
    const claude = anthropicMessages().request(decode({ ...asked, model: 'claude-opus-4-8' }))
    expect(claude).toMatchObject({ output_config: { effort: 'high', format: { type: 'json_schema' } } })
    for (const body of [claude, geminiGenerateContent().request(decode(asked))]) {
      expect(JSON.stringify(body)).not.toContain('configuration_update')
    }
  })

  test('stand where a hook has changed them', () => {
    const chat = { ...decode(asked), reasoning: { effort: 'xhigh' } }
    expect(openaiResponses().request(chat)).toMatchObject({ input: asked.input, reasoning: { effort: 'xhigh' } })
  })

  test('are not what an answer tells of: those of the request', () => {
    const answer = { choices: [{ content: [], finishReason: 'stop' as const }] }
    expect(
      openaiResponsesProtocol.encode(answer, { model: 'm', includeUsage: true, chat: decode(asked) }),
    ).toMatchObject({
      reasoning: { effort: 'medium', summary: 'auto' },
      text: { format: { type: 'text' } },
    })
  })

  test('are read before a compaction, and named where they are wrong', () => {
    const input = [...asked.input, { type: 'compaction_trigger' }]
    const chat = decode({ ...asked, input })
    expect(openaiResponses().request(chat)).toMatchObject({ ...asked, input })
    expect(openaiChat().request(chat)).toMatchObject({ reasoning_effort: 'high' })
    const wrong = [{ type: 'configuration_update', reasoning: { effort: 5 } }]
    expect(() => decode({ input: wrong })).toThrow(expect.objectContaining({ param: 'input[0].reasoning.effort' }))
  })
})

describe('a request for compaction', () => {
  const asked = {
    input: [say('user', 'Hi'), { type: 'compaction_trigger' }],
    tools: EVERYTHING.tools,
    tool_choice: { type: 'function', name: 'add' },
    text: { format: { type: 'json_object' } },
  }

  test('goes to OpenAI as it is', () => {
    expect(openaiResponses().request(decode(asked))).toMatchObject(asked)
  })

  test('asks others for a summary, without a call or a form of its own', () => {
    const body = openaiChat().request(decode({ ...asked, tools: EVERYTHING.tools.slice(0, 1) })) as Json
    expect(body).toMatchObject({
      tool_choice: 'none',
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'user', content: expect.stringContaining('summary') },
      ],
    })
    expect(body['response_format']).toBeUndefined()
  })
})

describe('faults are named', () => {
  test.each<[string, object]>([
    ['model', { model: '' }],
    ['input', {}],
    ['input', { input: 5 }],
    ['input[0].type', { input: [{}] }],
    ['input[0].role', { input: [{ role: 'tool', content: 'x' }] }],
    ['input[0].content', { input: [{ role: 'user' }] }],
    ['input[0].content[0].type', { input: [{ role: 'user', content: [{ type: 'image_url' }] }] }],
    ['input[0].content[0].image_url', { input: [{ role: 'user', content: [{ type: 'input_image' }] }] }],
    ['input[0].call_id', { input: [{ type: 'function_call_output', output: 'x' }] }],
    ['input[0].output', { input: [{ type: 'function_call_output', call_id: 'c' }] }],
    ['input[0]', { input: [{ type: 'compaction_trigger' }, { role: 'user', content: 'x' }] }],
    ['input[0].tools[0].name', { input: [{ type: 'additional_tools', tools: [{ type: 'function' }] }] }],
    ['input[0].id', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
    ['tools[0].name', { input: 'x', tools: [{ type: 'function', function: { name: 'a' } }] }],
    ['tools[0].tools[0].type', { input: 'x', tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'mcp' }] }] }],
    ['tool_choice', { input: 'x', tool_choice: 'maybe' }],
    ['text.format.name', { input: 'x', text: { format: { type: 'json_schema' } } }],
    ['max_output_tokens', { input: 'x', max_output_tokens: 1.5 }],
  ])('%s', (param, body) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ status: 400, param }))
  })
})
