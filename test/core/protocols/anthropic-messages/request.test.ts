import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ChatMessage, ChatRequest } from '../../../../src/core/chat/index.ts'
import {
  anthropicMessages,
  anthropicMessagesProtocol,
  claudeTraits,
} from '../../../../src/core/protocols/anthropic-messages/index.ts'
import type { ClaudeTraits } from '../../../../src/core/protocols/anthropic-messages/index.ts'
import { openaiChat } from '../../../../src/core/protocols/openai-chat/index.ts'
import { openaiResponses } from '../../../../src/core/protocols/openai-responses/index.ts'
import type { Json } from '../../../upstreams/anthropic-check.ts'
import { PNG, refusal, request } from './support.ts'

const sha256 = (words: string) => createHash('sha256').update(words).digest('hex')
const say = (text: string) => ({ type: 'text' as const, text })
const user = (text: string): ChatMessage => ({ role: 'user', content: [say(text)] })
const assistant = (text: string): ChatMessage => ({ role: 'assistant', content: [say(text)] })
const call = (id: string, words = '{}') =>
  ({ type: 'tool-call', kind: 'function', id, name: 'f', arguments: words }) as const
const claude = 'anthropic-claude-v1' as const
const called: ChatMessage = { role: 'assistant', content: [call('1')] }
const thought: ChatMessage = {
  role: 'assistant',
  content: [{ type: 'reasoning', text: 'hm', signature: 's', format: claude }, call('1')],
}
const result: ChatMessage = { role: 'tool', toolCallId: '1', content: [say('r')] }

function messages(...list: ChatMessage[]): Json[] {
  return request({ messages: list })['messages'] as Json[]
}

describe('messages', () => {
  it('puts what opens a conversation in `system`, block by block', () => {
    const body = request({
      messages: [
        { role: 'system', content: [{ ...say('One'), cacheControl: { type: 'ephemeral', ttl: '1h' } }] },
        { role: 'developer', content: [say('Two')] },
        user('Hi'),
      ],
    })
    expect(body['system']).toEqual([
      { type: 'text', text: 'One', cache_control: { type: 'ephemeral', ttl: '1h' } },
      { type: 'text', text: 'Two' },
    ])
  })

  it.each([
    ['claude-sonnet-4-5', [{ role: 'user', content: [say('A'), say('<system>\nNow\n</system>')] }]],
    [
      'claude-opus-4-8',
      [
        { role: 'user', content: [say('A')] },
        { role: 'system', content: [say('Now')] },
      ],
    ],
  ])('keeps a later system message in its place on %s', (model, expected) => {
    const body = request({ model, messages: [user('A'), { role: 'system', content: [say('Now')] }] })
    expect(body['messages']).toEqual(expected)
  })

  it('joins turns of one role and leaves out what says nothing', () => {
    expect(messages(user('A'), user(' '), user('B'), assistant(''), assistant('C'), assistant('D'), user('E'))).toEqual(
      [
        { role: 'user', content: [say('A'), say('B')] },
        { role: 'assistant', content: [say('C'), say('D')] },
        { role: 'user', content: [say('E')] },
      ],
    )
  })

  it('begins with a user, and asks what only a system message says', () => {
    expect(messages(assistant('Hello'), user('Hi'))[0]).toMatchObject({ role: 'user' })
    const body = request({ messages: [{ role: 'system', content: [say('Say hi')] }] })
    expect(body).toMatchObject({ messages: [{ role: 'user', content: [say('Say hi')] }] })
    expect(body).not.toHaveProperty('system')
    expect(refusal(() => messages(user(''))).param).toBe('messages')
  })

  it('puts results of tools first in the turn that follows their calls', () => {
    const list = messages(
      user('A'),
      { role: 'assistant', content: [say('B'), call('1', '{"x":1}'), call('2', '')] },
      { role: 'tool', toolCallId: '1', isError: true, content: [say('r1')] },
      user('By the way'),
      {
        role: 'tool',
        toolCallId: '2',
        cacheControl: { type: 'ephemeral' },
        content: [say('r2'), { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: PNG } }],
      },
    )
    expect(list).toEqual([
      { role: 'user', content: [say('A')] },
      {
        role: 'assistant',
        content: [
          say('B'),
          { type: 'tool_use', id: '1', name: 'f', input: { x: 1 } },
          { type: 'tool_use', id: '2', name: 'f', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: '1', is_error: true, content: 'r1' },
          {
            type: 'tool_result',
            tool_use_id: '2',
            cache_control: { type: 'ephemeral' },
            content: [say('r2'), { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }],
          },
          say('By the way'),
        ],
      },
    ])
  })

  it('gives ids of other vendors letters Anthropic takes, the same for call and result', () => {
    const [
      ,
      {
        content: [used],
      },
      {
        content: [result],
      },
    ] = messages(
      user('A'),
      { role: 'assistant', content: [call('functions.f:0')] },
      { role: 'tool', toolCallId: 'functions.f:0', content: [] },
    ) as [Json, { content: Json[] }, { content: Json[] }]
    expect(used?.['id']).toMatch(/^[\w-]+$/)
    expect(result).toEqual({ type: 'tool_result', tool_use_id: used?.['id'] })
  })

  it('gives a repeated id to nobody twice, and results to the calls of their turn', () => {
    const answered = (text: string): ChatMessage => ({ role: 'tool', toolCallId: 'c', content: [say(text)] })
    const calls = (...ids: string[]): ChatMessage => ({ role: 'assistant', content: ids.map((id) => call(id)) })
    const list = messages(
      user('A'),
      calls('c'),
      user('Stop'),
      calls('c'),
      calls('c', 'c_2'),
      answered('1'),
      answered('2'),
    )
    expect(list.flatMap(({ content }) => content as Json[]).map(({ id, tool_use_id: of }) => id ?? of)).toEqual([
      ...[undefined, 'c', undefined],
      ...['c_2', 'c_3', 'c_2_2'],
      ...['c_2', 'c_3'],
    ])
  })

  it('gives ids to as many calls of one as there is room for in a body', () => {
    const many = 200_000
    const calls = Array.from({ length: many }, () => call('c'))
    const content = messages(user('A'), { role: 'assistant', content: calls })[1]?.['content'] as Json[]
    // What looks for each from the first on takes hours.
    expect(content.at(-1)?.['id']).toBe(`c_${many}`)
  })

  it("sends Claude's own thinking back in its place, and nobody else's", () => {
    const [, { content }] = messages(user('A'), {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'mine', signature: 's', format: claude },
        { type: 'reasoning', text: '', signature: 'hidden', format: claude },
        { type: 'reasoning', text: '', encrypted: 'e', format: claude },
        { type: 'reasoning', text: 'unsigned', format: claude },
        { type: 'reasoning', text: 'theirs', encrypted: 'x', id: 'rs_1', format: 'openai-responses-v1' },
        { type: 'reasoning', text: 'theirs', signature: 'x', format: 'google-gemini-v1' },
        { type: 'reasoning', text: 'whose?', signature: 'x' },
        say('B'),
      ],
    }) as [Json, Json]
    expect(content).toEqual([
      { type: 'thinking', thinking: 'mine', signature: 's' },
      { type: 'thinking', thinking: '', signature: 'hidden' },
      { type: 'redacted_thinking', data: 'e' },
      say('B'),
    ])
  })

  it('ends a begun answer without white space', () => {
    expect(messages(user('A'), assistant('The answer is ('), assistant('x \n')).at(-1)).toEqual({
      role: 'assistant',
      content: [say('The answer is ('), say('x')],
    })
  })
})

describe('parts', () => {
  const block = (part: unknown): unknown =>
    (messages({ role: 'user', content: [part] } as ChatMessage)[0]?.['content'] as unknown[])[0]

  it.each<[string, object, object]>([
    [
      'an image by URL',
      { type: 'image', source: { type: 'url', url: 'https://x/y.png' }, detail: 'low' },
      { type: 'image', source: { type: 'url', url: 'https://x/y.png' } },
    ],
    [
      'an image the provider holds',
      { type: 'image', source: { type: 'file-id', id: 'file_1' } },
      { type: 'image', source: { type: 'file', file_id: 'file_1' } },
    ],
    [
      'a PDF',
      { type: 'file', filename: 'a.pdf', source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBE' } },
      { type: 'document', title: 'a.pdf', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' } },
    ],
    [
      'a PDF by URL',
      { type: 'file', source: { type: 'url', url: 'https://x/a.pdf' } },
      { type: 'document', source: { type: 'url', url: 'https://x/a.pdf' } },
    ],
    [
      'a text file',
      { type: 'file', source: { type: 'base64', mediaType: 'text/csv', data: Buffer.from('ä,b').toString('base64') } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'ä,b' } },
    ],
    [
      'a text',
      { type: 'file', source: { type: 'text', mediaType: 'text/plain', text: 'abc' } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'abc' } },
    ],
    [
      'a file that is an image',
      { type: 'file', source: { type: 'base64', mediaType: 'image/webp', data: 'AA==' } },
      { type: 'image', source: { type: 'base64', media_type: 'image/webp', data: 'AA==' } },
    ],
    [
      'a file the provider holds',
      { type: 'file', source: { type: 'file-id', id: 'file_1' } },
      { type: 'document', source: { type: 'file', file_id: 'file_1' } },
    ],
  ])('%s', (_, part, expected) => expect(block(part)).toEqual(expected))

  it.each<[string, object, RegExp]>([
    ['a sound', { type: 'audio', data: 'AA==', format: 'wav' }, /audio input/],
    ['a TIFF', { type: 'image', source: { type: 'base64', mediaType: 'image/tiff', data: 'AA==' } }, /image\/tiff/],
    [
      'a Word file',
      { type: 'file', source: { type: 'base64', mediaType: 'application/msword', data: 'AA==' } },
      /msword/,
    ],
  ])('refuses %s by name', (_, part, words) => {
    const error = refusal(() => block(part))
    expect(error).toMatchObject({ status: 400, code: 'unsupported_feature', param: 'messages[0].content[0]' })
    expect(error.message).toMatch(words)
  })

  it("takes another protocol's extra fields for no words of its own", () => {
    const part = { ...say('A'), extra: { annotations: [] } }
    expect(request({ protocol: 'openai-chat', messages: [{ role: 'user', content: [part] }] })['messages']).toEqual([
      { role: 'user', content: [say('A')] },
    ])
  })
})

describe('tools', () => {
  const tool = {
    type: 'function',
    name: 'f',
    description: 'd',
    parameters: { type: 'object', properties: {} },
  } as const

  it('writes definitions, strict ones in the subset that Claude takes', () => {
    const parameters = { type: 'object', properties: { n: { type: 'integer', minimum: 1 }, o: { type: 'object' } } }
    const body = request({
      tools: [
        { ...tool, cacheControl: { type: 'ephemeral' } },
        { type: 'function', name: 'bare' },
        { ...tool, name: 's', parameters, strict: true },
        { ...tool, name: 'loose', parameters, strict: false },
        { type: 'provider', protocol: 'anthropic-messages', tool: { type: 'web_search_20250305', name: 'web_search' } },
      ],
    })
    expect(body['tools']).toEqual([
      { name: 'f', description: 'd', input_schema: tool.parameters, cache_control: { type: 'ephemeral' } },
      { name: 'bare', input_schema: { type: 'object' } },
      {
        name: 's',
        description: 'd',
        strict: true,
        input_schema: {
          type: 'object',
          additionalProperties: false,
          properties: {
            n: { type: 'integer', description: '{minimum: 1}' },
            o: { type: 'object', additionalProperties: false },
          },
        },
      },
      { name: 'loose', description: 'd', input_schema: parameters },
      { type: 'web_search_20250305', name: 'web_search' },
    ])
    const foreign = { type: 'provider' as const, protocol: 'openai-responses', tool: { type: 'web_search' } }
    expect(refusal(() => request({ tools: [foreign] })).message).toContain('`web_search`')
  })

  it.each<[string, Partial<ChatRequest>, unknown]>([
    ['nothing said', {}, undefined],
    ['auto', { toolChoice: { type: 'auto' } }, { type: 'auto' }],
    ['none', { toolChoice: { type: 'none' }, parallelToolCalls: false }, { type: 'none' }],
    ['required', { toolChoice: { type: 'required' } }, { type: 'any' }],
    ['one tool', { toolChoice: { type: 'tool', kind: 'function', name: 'f' } }, { type: 'tool', name: 'f' }],
    ['one at a time', { parallelToolCalls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [
      'one at a time, required',
      { toolChoice: { type: 'required' }, parallelToolCalls: false },
      { type: 'any', disable_parallel_tool_use: true },
    ],
  ])('writes the choice: %s', (_, fields, expected) => {
    expect(request({ tools: [tool], ...fields })['tool_choice']).toEqual(expected)
  })

  it('offers the allowed tools alone', () => {
    const body = request({
      tools: [tool, { ...tool, name: 'g' }],
      toolChoice: { type: 'allowed', mode: 'required', names: ['g'] },
    })
    expect(body).toMatchObject({ tools: [{ name: 'g' }], tool_choice: { type: 'any' } })
    expect(body['tools']).toHaveLength(1)
  })

  it('speaks of no choice without tools', () => {
    expect(request({ tools: [], toolChoice: { type: 'auto' }, parallelToolCalls: false })).not.toHaveProperty(
      'tool_choice',
    )
  })

  it('makes a tool that takes free text one with a single text', () => {
    const body = request({
      tools: [{ type: 'custom', name: 'patch', description: 'Patches', format: { type: 'grammar', syntax: 'lark' } }],
      messages: [user('A'), { role: 'assistant', content: [{ ...call('1', '*** Begin'), kind: 'custom' }] }],
    })
    expect(body['tools']).toMatchObject([{ name: 'patch', input_schema: { required: ['input'] } }])
    expect(JSON.stringify(body['tools'])).toContain('lark')
    expect(JSON.stringify(body['messages'])).toContain('"input":{"input":"*** Begin"}')
  })
})

describe('parameters', () => {
  it.each<[string, Partial<ChatRequest>, Json]>([
    ['the limit the client gives', { maxTokens: 5 }, { max_tokens: 5 }],
    ['the newer limit first', { maxTokens: 5, maxCompletionTokens: 6 }, { max_tokens: 6 }],
    ["the model's own limit", { model: 'claude-opus-5-5' }, { max_tokens: 128_000 }],
    ['sampling', { temperature: 0.5, topK: 3 }, { temperature: 0.5, top_k: 3 }],
    ['top_p alone', { topP: 0.5 }, { top_p: 0.5 }],
    ['temperature within the range', { temperature: 1.8, topP: 0.5 }, { temperature: 1, top_p: undefined }],
    [
      'no sampling where the model has none',
      { model: 'claude-opus-4-7', temperature: 0, topK: 1 },
      { temperature: undefined, top_k: undefined },
    ],
    [
      'no sampling but top_p while it thinks',
      { reasoning: { effort: 'low' }, temperature: 0, topP: 0.97 },
      { temperature: undefined, top_p: 0.97 },
    ],
    ['stop sequences', { stop: ['END', ''] }, { stop_sequences: ['END'] }],
    ['no email for the user', { user: 'a@b.c' }, { metadata: { user_id: sha256('a@b.c') } }],
    ['no phone number either', { user: '+49 30 123456' }, { metadata: { user_id: sha256('+49 30 123456') } }],
    ['no long name', { user: 'u'.repeat(257) }, { metadata: { user_id: sha256('u'.repeat(257)) } }],
    ['the user', { user: 'u', metadata: { a: 1 } }, { metadata: { user_id: 'u' } }],
    ['a service tier', { serviceTier: 'default' }, { service_tier: 'standard_only' }],
    ['no service tier of another vendor', { serviceTier: 'flex' }, { service_tier: undefined }],
    [
      "Anthropic's own fields",
      { protocol: 'openai-chat', extra: { container: 'c', stream_options: {} } },
      { container: 'c', stream_options: undefined },
    ],
    ['a stream', { stream: true }, { stream: true }],
    [
      'hints left out',
      { seed: 1, presencePenalty: 1, frequencyPenalty: 1, store: true, promptCacheKey: 'k', verbosity: 'low' },
      {},
    ],
  ])('%s', (_, fields, expected) => {
    const body = request(fields)
    for (const [name, value] of Object.entries(expected)) expect(body[name]).toEqual(value)
    const known = ['model', 'messages', 'max_tokens', 'thinking', ...Object.keys(expected)]
    expect(Object.keys(body).filter((name) => !known.includes(name))).toEqual([])
  })

  it.each<[string, Partial<ChatRequest>, string]>([
    ['choices', { n: 2 }, 'n'],
    ['log probabilities', { logprobs: true }, 'logprobs'],
    ['a bias', { logitBias: { 1: 1 } }, 'logit_bias'],
    ['white space as a stop', { stop: [' '] }, 'stop'],
    ['web search', { extra: { web_search_options: {} } }, 'web_search_options'],
    ['a forced call', { model: 'claude-opus-5-5', toolChoice: { type: 'required' } }, 'tool_choice'],
  ])('refuses %s by name', (_, fields, param) => {
    expect(refusal(() => request(fields))).toMatchObject({ status: 400, code: 'unsupported_feature', param })
  })

  it.each<[string, Partial<ChatRequest>, Json]>([
    [
      'budget, of an effort',
      { reasoning: { effort: 'medium' } },
      { thinking: { type: 'enabled', budget_tokens: 8192 }, max_tokens: 64_000 },
    ],
    [
      'budget, as counted',
      { reasoning: { budgetTokens: 5000 }, maxCompletionTokens: 6000 },
      { thinking: { type: 'enabled', budget_tokens: 5000 }, max_tokens: 6000 },
    ],
    [
      'budget, within the limit',
      { reasoning: { budgetTokens: 5000 }, maxCompletionTokens: 4000 },
      { thinking: { type: 'enabled', budget_tokens: 3999 }, max_tokens: 4000 },
    ],
    [
      'budget, beside what is visible',
      { reasoning: { effort: 'low' }, maxTokens: 100 },
      { thinking: undefined, max_tokens: 100 },
    ],
    [
      'budget, beside more that is visible',
      { reasoning: { effort: 'low' }, maxTokens: 4000 },
      { thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 5024 },
    ],
    ['no room', { reasoning: { effort: 'high' }, maxCompletionTokens: 900 }, { thinking: undefined, max_tokens: 900 }],
    ['off', { reasoning: { effort: 'none' } }, { thinking: { type: 'disabled' } }],
    [
      'adaptive',
      { model: 'claude-opus-4-8', reasoning: { effort: 'xhigh' } },
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'xhigh' } },
    ],
    [
      'adaptive, minimal',
      { model: 'claude-opus-4-8', reasoning: { effort: 'minimal' } },
      { output_config: { effort: 'low' } },
    ],
    [
      'adaptive, of a budget',
      { model: 'claude-opus-5', reasoning: { budgetTokens: 9000 } },
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'high' } },
    ],
    [
      'either, with a budget',
      { model: 'claude-opus-4-6', reasoning: { budgetTokens: 2000 } },
      { thinking: { type: 'enabled', budget_tokens: 2000 } },
    ],
    [
      'either, without xhigh',
      { model: 'claude-opus-4-6', reasoning: { effort: 'xhigh' } },
      { output_config: { effort: 'high' } },
    ],
    [
      'never off',
      { model: 'claude-opus-5-5', reasoning: { effort: 'none' } },
      { thinking: undefined, output_config: { effort: 'low' } },
    ],
    [
      'off between tools only',
      { model: 'claude-sonnet-5-5', reasoning: { effort: 'none' } },
      { thinking: { type: 'between_tools' } },
    ],
    [
      "the client's own",
      { extra: { thinking: { type: 'adaptive' } }, model: 'claude-opus-4-8' },
      { thinking: { type: 'adaptive' } },
    ],
  ])('thinking: %s', (_, fields, expected) => {
    const body = request(fields)
    for (const [name, value] of Object.entries(expected)) expect(body[name]).toEqual(value)
  })

  it.each<[string, ChatMessage[], boolean]>([
    ['a question', [user('A')], true],
    ['a result', [user('A'), called, result], false],
    ["a user's words after a result, which are of its turn", [user('A'), called, result, user('Be brief')], false],
    ['a result, of a call that was thought about', [user('A'), thought, result, user('Be brief')], true],
    ['another question', [user('A'), called, result, assistant('B'), user('C')], true],
  ])('thinks by a budget where the end is %s: %#', (_, said, thinks) => {
    const { thinking } = request({ messages: said, reasoning: { effort: 'high' } })
    expect(thinking !== undefined).toBe(thinks)
    const own = { thinking: { type: 'enabled', budget_tokens: 2000 } }
    expect(request({ messages: said, extra: own })['thinking']).toEqual(thinks ? own.thinking : undefined)
  })

  it('asks for JSON in the way the model has', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }
    const format = { type: 'json_schema', name: 'n', schema } as const
    expect(request({ responseFormat: format })).toMatchObject({
      output_config: { format: { type: 'json_schema', schema: { ...schema, additionalProperties: false } } },
    })
    const old = request({ model: 'claude-sonnet-4-0', responseFormat: format })
    expect(old).not.toHaveProperty('output_config')
    expect(JSON.stringify(old['system'])).toContain('JSON Schema')
    const plain = request({
      responseFormat: { type: 'json_object' },
      messages: [{ role: 'system', content: [say('S')] }, user('A')],
    })
    expect(plain['system']).toMatchObject([say('S'), { text: expect.stringContaining('one JSON object') }])
  })
})

describe('traits', () => {
  it.each<[string, Partial<ClaudeTraits>]>([
    ['claude-3-haiku-20240307', { thinking: 'none', maxOutput: 4096 }],
    ['claude-3-7-sonnet-20250219', { thinking: 'budget' }],
    ['claude-sonnet-4-20250514', { thinking: 'budget', maxOutput: 64_000, structured: false }],
    ['claude-opus-4-1-20250805', { maxOutput: 32_000, structured: true }],
    ['anthropic/claude-opus-4.5', { thinking: 'budget', maxOutput: 64_000, sampling: true }],
    ['claude-opus-4-6', { thinking: 'either', sampling: true }],
    ['claude-opus-4-7', { thinking: 'adaptive', sampling: false, systemMessages: false }],
    ['claude-opus-4-8', { systemMessages: true, off: 'disabled', forcedTools: true }],
    ['claude-haiku-5-5', { off: 'disabled', forcedTools: true }],
    ['claude-sonnet-5-5', { off: 'between_tools', forcedTools: false }],
    ['claude-fable-5', { off: undefined, forcedTools: true }],
    ['claude-fable-5-2', { off: undefined, forcedTools: false }],
    ['claude-opus-9', { thinking: 'adaptive', off: undefined, sampling: false }],
    ['kimi-k2', { thinking: 'budget', maxOutput: 8192, sampling: true }],
  ])('%s', (model, expected) => expect(claudeTraits(model)).toMatchObject(expected))
})

describe('an effort that the conversation is set to on its way', () => {
  const said = (role: string, content: unknown = role) => ({ role, content })
  const set = (effort: string, more: object = {}) => ({
    role: 'system',
    content: [],
    output_config: { effort },
    ...more,
  })
  const asked = (...list: object[]): ChatRequest =>
    anthropicMessagesProtocol.decode({
      model: 'claude-fable-5-1',
      max_tokens: 100,
      output_config: { effort: 'high' },
      messages: list,
    })
  const results = said('user', [{ type: 'tool_result', tool_use_id: '1', content: 'r' }])

  // platform.claude.com/docs/build-with-claude/effort-per-message: where it begins to hold.
  it.each<[string, object[], string]>([
    ['after what a user says', [said('user'), set('low')], 'low'],
    ['before what a user says', [said('user'), said('assistant'), set('low'), said('user')], 'low'],
    ['before results of tools', [said('user'), said('assistant'), set('low'), results], 'high'],
    ['after results of tools', [said('user'), said('assistant'), results, set('low')], 'high'],
    ['first', [set('low'), said('user')], 'low'],
    ['until the next', [set('low'), said('user'), said('assistant'), set('max'), said('user')], 'max'],
  ])('is what other vendors are asked for: %s', (_, list, effort) => {
    const chat = { ...asked(...list), model: 'gpt-5.6-sol' }
    expect(chat.reasoning).toEqual({ effort })
    expect(openaiResponses().request(chat)).toMatchObject({ reasoning: { effort } })
    const { messages: told } = openaiChat().request(chat)
    expect(told).not.toContainEqual(expect.objectContaining({ role: 'system' }))
  })

  it('goes to Claude where it stands, as does for how long a message is shown', () => {
    const list = [
      set('low'),
      { role: 'user', content: [say('A')] },
      { role: 'system', content: [say('Now')], clear_at: 'next_user_message' },
      { role: 'assistant', content: [say('B')] },
      set('max'),
      { role: 'user', content: [say('C')] },
    ]
    expect(anthropicMessages().request(asked(...list))).toMatchObject({
      messages: list,
      output_config: { effort: 'high' },
    })
  })

  // `content?` of `BetaSystemMessageParam`, @anthropic-ai/sdk: "a message with neither content nor output_config fields is rejected".
  it('needs no words beside it', () => {
    const chat = asked(said('user'), { role: 'system', output_config: { effort: 'low' } })
    expect(chat.reasoning).toEqual({ effort: 'low' })
    expect(() => asked(said('user'), { role: 'system' })).toThrow('messages.1.content: Field required')
  })
})

// `clear_at` of `BetaSystemMessageParam`, @anthropic-ai/sdk.
describe('a system message for the turn that it stands in', () => {
  const reminder = { role: 'system', content: 'Be quick', clear_at: 'next_user_message' }
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: '1', content: 'r' }] }
  const told = (...list: object[]) => {
    const body = { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }, reminder, ...list] }
    const { messages } = openaiChat().request(anthropicMessagesProtocol.decode(body))
    return (messages as Json[]).map(({ role, content }) => (role === 'system' ? content : role))
  }

  it.each<[string, object[], unknown[]]>([
    ['is told in that turn', [], ['user', 'Be quick']],
    ['is told until the next', [{ role: 'assistant', content: 'Hm' }], ['user', 'Be quick', 'assistant']],
    ['is told to nobody later', [{ role: 'user', content: 'And?' }], ['user', 'user']],
    [
      'is told to nobody after the result of a tool',
      [{ role: 'assistant', content: [{ type: 'tool_use', id: '1', name: 'f', input: {} }] }, result],
      ['user', 'assistant', 'tool'],
    ],
    [
      'is told where it stays',
      [
        { ...reminder, content: 'Be kind', clear_at: 'never' },
        { role: 'user', content: 'And?' },
      ],
      ['user', 'Be kind', 'user'],
    ],
  ])('%s', (_, list, expected) => expect(told(...list)).toEqual(expected))
})

describe('tools that come and go on the way', () => {
  const tool = (name: string, more: object = {}) => ({ name, input_schema: { type: 'object', ...more } })
  const adding = (definition: object) => ({ type: 'tool_addition', tool: { type: 'tool_definition', definition } })
  const naming = (type: 'tool_addition' | 'tool_removal', name: string) => ({
    type,
    tool: { type: 'tool_reference', name },
  })
  const changing = (...content: object[]) => ({ role: 'system', content })
  const asked = (...list: object[]) =>
    anthropicMessagesProtocol.decode({
      model: 'claude-opus-5',
      max_tokens: 100,
      tools: [tool('a'), tool('b')],
      messages: [{ role: 'user', content: 'Hi' }, ...list],
    })
  const offered = (chat: ChatRequest) => {
    const { tools = [] } = openaiResponses().request({ ...chat, model: 'gpt-5.6-sol' })
    return (tools as Json[]).map(({ name, parameters }) =>
      [name, (parameters as Json)['title']].filter(Boolean).join(' '),
    )
  }

  it.each<[string, object[], string[]]>([
    ['one more', [changing(adding(tool('c')))], ['a', 'b', 'c']],
    ['one less', [changing(naming('tool_removal', 'a'))], ['b']],
    ['one in the place of another', [changing(adding(tool('a', { title: 'new' })))], ['b', 'a new']],
    ['one that came and went', [changing(adding(tool('c'))), changing(naming('tool_removal', 'c'))], ['a', 'b']],
    [
      'one that went and is back',
      [changing(naming('tool_removal', 'a')), changing(naming('tool_addition', 'a'))],
      ['a', 'b'],
    ],
    [
      'those of a conversation that was compacted',
      [
        {
          role: 'assistant',
          content: [
            { type: 'compaction', content: 'x', tool_changes: [adding(tool('c')), naming('tool_removal', 'b')] },
          ],
        },
        { role: 'user', content: 'Go on' },
      ],
      ['a', 'c'],
    ],
  ])('are what other vendors are offered: %s', (_, list, names) => {
    const chat = asked(...list)
    expect(offered(chat)).toEqual(names)
    const { messages: told } = openaiChat().request(chat)
    expect(told).not.toContainEqual(expect.objectContaining({ role: 'system' }))
  })

  it('stand in no summary of a conversation', () => {
    const block = { type: 'compaction', content: 'All of it', signature: 'sig', tool_changes: [adding(tool('c'))] }
    const { messages } = openaiChat().request(
      asked({ role: 'assistant', content: [block] }, { role: 'user', content: 'Go on' }),
    )
    expect(messages).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: '[summary of the conversation so far]\nAll of it' },
      { role: 'user', content: 'Go on' },
    ])
  })

  it('have names as the provider takes them, and the client its own back', () => {
    const chat = asked(changing(adding(tool('mcp.search'))))
    const chatWire = openaiChat()
    const { tools } = chatWire.request(chat) as { tools: { function: { name: string } }[] }
    const name = tools.at(-1)?.function.name ?? ''
    expect(name).toMatch(/^mcp_search_[0-9a-f]+$/)
    const calls = [{ id: '1', type: 'function', function: { name, arguments: '{}' } }]
    const events = chatWire.answer?.(
      { choices: [{ message: { tool_calls: calls }, finish_reason: 'tool_calls' }] },
      chat,
    )
    expect(events).toContainEqual(expect.objectContaining({ type: 'tool-call', name: 'mcp.search' }))
  })

  // What is cached begins with `tools`: @anthropic-ai/sdk `BetaToolRunner.addTools`, "without changing `params.tools`".
  it('go to Claude where they stand, beside those it began with', () => {
    const list = [
      { role: 'user', content: [say('Hi')] },
      changing(adding(tool('c')), naming('tool_removal', 'a'), say('Mind the tools')),
    ]
    expect(anthropicMessages().request(asked(...list.slice(1)))).toMatchObject({
      tools: [tool('a'), tool('b')],
      messages: list,
    })
  })
})
