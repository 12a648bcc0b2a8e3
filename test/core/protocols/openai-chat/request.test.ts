import { describe, expect, it } from 'vitest'
import type { ChatMessage, ChatRequest, FilePart, ToolChoice } from '../../../../src/core/chat/index.ts'
import { openaiChat } from '../../../../src/core/protocols/openai-chat/index.ts'
import type { OpenAIChatFeature, OpenAIChatOptions } from '../../../../src/core/protocols/openai-chat/index.ts'
import { refusal } from '../support.ts'

const PNG = { type: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' } as const
const user: ChatMessage = { role: 'user', content: [{ type: 'text', text: 'Hi' }] }
const tool = { type: 'function', name: 'f' } as const

function write(chat: Partial<ChatRequest>, options?: OpenAIChatOptions): Record<string, unknown> {
  return openaiChat(options).request({ model: 'm', messages: [user], stream: false, ...chat })
}

function written(messages: ChatMessage[], options?: OpenAIChatOptions): unknown {
  return write({ messages }, options)['messages']
}

const refused = (chat: Partial<ChatRequest>, options?: OpenAIChatOptions) => refusal(() => write(chat, options))

describe('system messages of a server that takes one', () => {
  const says = (role: 'system' | 'developer', text: string, more: object = {}): ChatMessage => ({
    role,
    content: [{ type: 'text', text, ...more }],
  })
  const first = { systemMessages: 'first', developerRole: 'system' } as const

  it('joins those that lead, and has later ones said by the user', () => {
    const later = says('system', 'Now in French.')
    expect(written([says('system', 'Be kind.'), says('developer', 'Be brief.'), user, later], first)).toEqual([
      { role: 'system', content: 'Be kind.\n\nBe brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'user', content: '<system>\nNow in French.\n</system>' },
    ])
    expect(written([user, later], first)).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'user', content: '<system>\nNow in French.\n</system>' },
    ])
  })

  it('keeps breakpoints apart', () => {
    const cached = says('system', 'Be kind.', { cacheControl: { type: 'ephemeral' } })
    expect(written([cached, says('system', 'Be brief.'), user], { ...first, extensions: ['cache_control'] })).toEqual([
      {
        role: 'system',
        content: [
          { type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } },
          { type: 'text', text: 'Be brief.' },
        ],
      },
      { role: 'user', content: 'Hi' },
    ])
  })

  it('leaves one as it is, and all of them to other servers', () => {
    const one = { ...says('system', 'Be kind.'), name: 'Ann' }
    expect(written([one, user], first)).toEqual([
      { role: 'system', content: 'Be kind.', name: 'Ann' },
      { role: 'user', content: 'Hi' },
    ])
    expect(written([one, user, says('developer', 'Be brief.')])).toMatchObject([
      { role: 'system' },
      { role: 'user' },
      { role: 'developer' },
    ])
  })
})

describe('what else a server does not know', () => {
  const other = { type: 'function', name: 'g' } as const
  it.each(['auto', 'required'] as const)('tells allowed tools by no others, in mode %s', (mode) => {
    const toolChoice: ToolChoice = { type: 'allowed', mode, names: ['g'] }
    const body = write({ tools: [tool, other], toolChoice }, { allowedTools: 'fewer' })
    expect(body).toMatchObject({ tools: [{ function: { name: 'g' } }], tool_choice: mode })
  })

  it('leaves out the hints it does not know, and no other', () => {
    const chat = {
      verbosity: 'low',
      metadata: { a: 'b' },
      store: true,
      serviceTier: 'flex',
      promptCacheKey: 'p1',
      extra: { prediction: { type: 'content', content: 'x' }, safety_identifier: 'u1', enable_search: true },
      seed: 7,
    }
    const rest = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], seed: 7, enable_search: true }
    expect(write(chat, { hints: [] })).toEqual(rest)
    expect(write(chat, { hints: ['metadata'] })).toEqual({ ...rest, metadata: { a: 'b' } })
    expect(write(chat)).toMatchObject({ verbosity: 'low', store: true, service_tier: 'flex', safety_identifier: 'u1' })
  })

  it('refuses a search of the web', () => {
    const chat = { extra: { web_search_options: {} } }
    expect(refused(chat, { refuses: ['web_search'] })).toMatchObject({ status: 400, param: 'web_search_options' })
    expect(write(chat)).toMatchObject({ web_search_options: {} })
  })
})

describe('the body', () => {
  it('has no more than was said', () => {
    expect(write({})).toEqual({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] })
  })

  it('says how many probabilities only where there are to be any, as Responses needs not', () => {
    const asked = { protocol: 'openai-responses', topLogprobs: 0 }
    expect(write(asked)).not.toHaveProperty('top_logprobs')
    expect(write({ ...asked, logprobs: true })).toMatchObject({ logprobs: true, top_logprobs: 0 })
    expect(write({ protocol: 'openai-chat', topLogprobs: 2 })).toMatchObject({ top_logprobs: 2 })
  })

  it('names a user by a hash of 64 letters where the name is longer than OpenAI takes', () => {
    const long = 'u'.repeat(65)
    const { user: name } = write({ user: long })
    expect(name).toMatch(/^[0-9a-f]{64}$/)
    expect(write({ user: long })['user']).toBe(name)
    expect(write({ user: `${long}v` })['user']).not.toBe(name)
    expect(write({ user: 'u'.repeat(64) })['user']).toBe('u'.repeat(64))
  })

  const LONG = 'a'.repeat(1_000_000)
  it.each<[string, FilePart, object]>([
    [
      'a PDF without a name',
      { type: 'file', source: { ...PNG, mediaType: 'application/pdf' } },
      { type: 'file', file: { filename: 'file.pdf', file_data: `data:application/pdf;base64,${PNG.data}` } },
    ],
    [
      // What looks for the last word from each character never comes to an end of it.
      'a file of a type as long as a body may be',
      { type: 'file', source: { ...PNG, mediaType: `${LONG}!pdf` } },
      { type: 'file', file: { filename: 'file.pdf', file_data: `data:${LONG}!pdf;base64,${PNG.data}` } },
    ],
    [
      'a text',
      { type: 'file', source: { type: 'text', mediaType: 'text/plain', text: 'hé' } },
      { type: 'text', text: 'hé' },
    ],
    [
      'a text by its data',
      { type: 'file', filename: 'a.md', source: { type: 'base64', mediaType: 'text/markdown', data: 'aMOp' } },
      { type: 'text', text: 'a.md:\n\nhé' },
    ],
    ...['application/json', 'application/ld+json; charset=UTF-8', 'Application/XML', 'application/x-yaml'].map(
      (mediaType): [string, FilePart, object] => [
        mediaType,
        { type: 'file', source: { type: 'base64', mediaType, data: 'aMOp' }, extra: { title: 'A' } },
        { type: 'text', text: 'hé' },
      ],
    ),
    [
      'a text of another charset',
      { type: 'file', source: { type: 'base64', mediaType: 'text/plain;charset=iso-8859-1', data: 'aOk=' } },
      { type: 'text', text: 'hé' },
    ],
  ])('has %s as OpenAI takes it', (_, part, expected) => {
    expect(written([{ role: 'user', content: [part] }])).toEqual([{ role: 'user', content: [expected] }])
  })

  it.each([
    ['text/plain', 'aOk='],
    ['text/plain; charset=utf-8', 'aOk='],
    ['text/csv; charset=unheard-of', 'aGU='],
  ])('refuses %s that cannot be read', (mediaType, data) => {
    const part: FilePart = { type: 'file', source: { type: 'base64', mediaType, data } }
    const refused = { status: 400, code: 'unsupported_feature', param: 'messages[0].content[0]' }
    expect(() => written([{ role: 'user', content: [part] }])).toThrow(expect.objectContaining(refused))
  })

  it('asks for usage in streams, beside what the client asked', () => {
    expect(write({ stream: true, extra: { stream_options: { include_obfuscation: false } } })).toMatchObject({
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
    })
    expect(write({ stream: true }, { streamUsage: false })).not.toHaveProperty('stream_options')
    expect(write({ extra: { stream_options: { include_obfuscation: false } } })).not.toHaveProperty('stream_options')
  })

  it.each<[Partial<ChatRequest>, OpenAIChatOptions, object]>([
    [{ maxTokens: 5 }, {}, { max_completion_tokens: 5 }],
    [{ maxTokens: 5, maxCompletionTokens: 9 }, { maxTokens: 'max_tokens' }, { max_tokens: 9 }],
    [{ serviceTier: 'standard_only' }, {}, { service_tier: 'default' }],
    [{ serviceTier: 'flex' }, {}, { service_tier: 'flex' }],
    [{ topK: 3 }, { extensions: ['top_k'] }, { top_k: 3 }],
    [{ topK: 3 }, {}, {}],
    [{ reasoning: { effort: 'high' } }, {}, { reasoning_effort: 'high' }],
    [{ reasoning: { budgetTokens: 8000 } }, {}, { reasoning_effort: 'medium' }],
    [{ reasoning: { budgetTokens: 0 } }, {}, { reasoning_effort: 'none' }],
    [
      { reasoning: { budgetTokens: 8000, summary: 'auto' } },
      { reasoning: 'reasoning' },
      { reasoning: { max_tokens: 8000, summary: 'auto' } },
    ],
    [{ reasoning: { effort: 'none' } }, { reasoning: 'thinking' }, { thinking: { type: 'disabled' } }],
    [{ reasoning: { effort: 'low' } }, { reasoning: 'thinking' }, { thinking: { type: 'enabled' } }],
    [
      { reasoning: { effort: 'low' } },
      { reasoning: ({ effort }) => ({ enable_thinking: effort !== 'none' }) },
      { enable_thinking: true },
    ],
    [{ toolChoice: { type: 'auto' }, parallelToolCalls: true }, {}, {}],
    [{ toolChoice: { type: 'required' } }, {}, { tool_choice: 'required' }],
    [{ extra: { safety_identifier: 's' } }, {}, { safety_identifier: 's' }],
    [{ extra: { model: 'other' } }, {}, {}],
    [{}, { adapt: (body) => ({ ...body, model: 'changed' }) }, { model: 'changed' }],
  ])('writes %j with %j', (chat, options, expected) => {
    expect(write(chat, options)).toEqual({ ...write({}), ...expected })
  })

  it('says which of the allowed tools is custom', () => {
    const body = write({
      tools: [tool, { type: 'custom', name: 'c' }],
      toolChoice: { type: 'allowed', mode: 'auto', names: ['f', 'c'] },
    })
    expect(body['tool_choice']).toEqual({
      type: 'allowed_tools',
      allowed_tools: {
        mode: 'auto',
        tools: [
          { type: 'function', function: { name: 'f' } },
          { type: 'custom', custom: { name: 'c' } },
        ],
      },
    })
  })
})

describe('messages', () => {
  it('moves what a tool returned beside text into a user message after the last result', () => {
    const messages: ChatMessage[] = [
      user,
      {
        role: 'assistant',
        content: [
          { type: 'tool-call', id: 'a', name: 'f', kind: 'function', arguments: '{}' },
          { type: 'tool-call', id: 'b', name: 'f', kind: 'function', arguments: '{}' },
        ],
      },
      { role: 'tool', toolCallId: 'a', content: [{ type: 'image', source: PNG }] },
      { role: 'tool', toolCallId: 'b', content: [{ type: 'text', text: 'fine' }] },
    ]
    const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG.data}` } }
    expect(written(messages)).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: null },
      { role: 'tool', tool_call_id: 'a', content: 'The result follows in the next user message.' },
      { role: 'tool', tool_call_id: 'b', content: 'fine' },
      { role: 'user', content: [{ type: 'text', text: 'The result of tool call a:' }, image] },
    ])
    expect(written([...messages, user])).toHaveLength(6)
    expect(written(messages, { extensions: ['tool_media'] })).toMatchObject([{}, {}, { content: [image] }, {}])
  })

  it('sends reasoning back only where the server takes it', () => {
    const messages: ChatMessage[] = [
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'R', signature: 's', format: 'anthropic-claude-v1' },
          { type: 'text', text: 'A' },
        ],
      },
    ]
    const bare = { role: 'assistant', content: 'A' }
    expect(written(messages)).toEqual([bare])
    expect(written(messages, { reasoningField: 'reasoning_content' })).toEqual([{ ...bare, reasoning_content: 'R' }])
    expect(written(messages, { reasoningField: 'reasoning' })).toEqual([{ ...bare, reasoning: 'R' }])
    expect(written(messages, { reasoningField: 'reasoning_details' })).toEqual([
      {
        ...bare,
        reasoning_details: [
          { type: 'reasoning.text', text: 'R', signature: 's', format: 'anthropic-claude-v1', index: 0 },
        ],
      },
    ])
  })

  it('writes breakpoints only where the server reads them', () => {
    const messages: ChatMessage[] = [
      { role: 'system', content: [{ type: 'text', text: 'S', cacheControl: { type: 'ephemeral' } }] },
    ]
    expect(written(messages)).toEqual([{ role: 'system', content: 'S' }])
    expect(written(messages, { extensions: ['cache_control'] })).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }] },
    ])
  })

  it('writes a breakpoint on a whole result on its last part, as no server takes it beside', () => {
    const messages: ChatMessage[] = [
      { role: 'assistant', content: [{ type: 'tool-call', kind: 'function', id: 'c', name: 'f', arguments: '{}' }] },
      {
        role: 'tool',
        toolCallId: 'c',
        content: [{ type: 'text', text: 'T' }],
        cacheControl: { type: 'ephemeral' },
      },
    ]
    expect((written(messages) as unknown[])[1]).toEqual({ role: 'tool', tool_call_id: 'c', content: 'T' })
    expect((written(messages, { extensions: ['cache_control'] }) as unknown[])[1]).toEqual({
      role: 'tool',
      tool_call_id: 'c',
      content: [{ type: 'text', text: 'T', cache_control: { type: 'ephemeral' } }],
    })
  })

  it('writes no sampling for a model that reasons, and no effort for one that does not, where the server says so', () => {
    const chat = { messages: [user], stream: false, temperature: 1, topP: 0.9, reasoning: { effort: 'low' } }
    const fields = (model: string, options: OpenAIChatOptions) => {
      const { temperature, top_p, reasoning_effort } = openaiChat(options).request({ ...chat, model })
      return { temperature, top_p, reasoning_effort }
    }
    const reasons = (model: string) => model === 'o3'
    expect(fields('o3', { reasons })).toEqual({ reasoning_effort: 'low' })
    expect(fields('gpt-4o', { reasons })).toEqual({ temperature: 1, top_p: 0.9 })
    expect(fields('o3', {})).toEqual({ temperature: 1, top_p: 0.9, reasoning_effort: 'low' })
  })

  it('writes developer messages as system ones where the server knows no other', () => {
    const messages: ChatMessage[] = [{ role: 'developer', content: [{ type: 'text', text: 'D' }] }]
    expect(written(messages)).toMatchObject([{ role: 'developer' }])
    expect(written(messages, { developerRole: 'system' })).toMatchObject([{ role: 'system' }])
  })

  it.each<[string, ChatMessage['content'], object]>([
    ['nothing', [], { content: '' }],
    ['a refusal', [{ type: 'refusal', refusal: 'no' }], { content: null, refusal: 'no' }],
    [
      'words and a refusal',
      [
        { type: 'text', text: 'well' },
        { type: 'refusal', refusal: 'no' },
      ],
      {
        content: [
          { type: 'text', text: 'well' },
          { type: 'refusal', refusal: 'no' },
        ],
      },
    ],
  ])('writes an assistant that said %s', (_, content, expected) => {
    expect(written([{ role: 'assistant', content }])).toEqual([{ role: 'assistant', ...expected }])
  })
})

describe('what cannot be said', () => {
  const say = (...content: object[]) => ({ messages: [{ role: 'user', content } as ChatMessage] })
  const image = { type: 'image', source: PNG }

  it.each<[string, Partial<ChatRequest>, string]>([
    ['a file by URL', say({ type: 'file', source: { type: 'url', url: 'https://a/b' } }), 'messages[0].content[0]'],
    ['an image by id', say({ type: 'image', source: { type: 'file-id', id: 'x' } }), 'messages[0].content[0]'],
    [
      'an image in an assistant message',
      { messages: [{ role: 'assistant', content: [image] } as ChatMessage] },
      'messages[0].content[0]',
    ],
    [
      "another protocol's own tool",
      { tools: [{ type: 'provider', protocol: 'anthropic-messages', tool: { type: 'bash_20250124' } }] },
      'tools[0]',
    ],
  ])('refuses %s', (_, chat, param) => {
    expect(refused(chat)).toMatchObject({ status: 400, code: 'unsupported_feature', param })
  })

  it.each<[OpenAIChatFeature, Partial<ChatRequest>]>([
    ['images', say(image)],
    ['image_urls', say({ type: 'image', source: { type: 'url', url: 'https://a/b' } })],
    ['files', say({ type: 'file', source: { ...PNG, mediaType: 'application/pdf' } })],
    ['audio', say({ type: 'audio', data: 'A', format: 'wav' })],
    ['tools', { tools: [tool] }],
    ['required_tool_choice', { tools: [tool], toolChoice: { type: 'required' } }],
    ['named_tool_choice', { tools: [tool], toolChoice: { type: 'tool', kind: 'function', name: 'f' } }],
    ['allowed_tools', { tools: [tool], toolChoice: { type: 'allowed', mode: 'auto', names: ['f'] } }],
    ['json_object', { responseFormat: { type: 'json_object' } }],
    ['json_schema', { responseFormat: { type: 'json_schema', name: 'x' } }],
    ['n', { n: 2 }],
    ['logprobs', { logprobs: true }],
    ['logit_bias', { logitBias: { 1: 1 } }],
  ])('refuses %s for a server that cannot do it, and for no other', (feature, chat) => {
    expect(refused(chat, { provider: 'Acme', refuses: [feature] })).toMatchObject({
      code: 'unsupported_feature',
      provider: 'Acme',
    })
    expect(() => write(chat)).not.toThrow()
  })
})
