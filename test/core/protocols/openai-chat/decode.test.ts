import { describe, expect, it } from 'vitest'
import type { ChatMessage, ChatRequest } from '../../../../src/core/chat/index.ts'
import { openaiChatProtocol } from '../../../../src/core/protocols/openai-chat/index.ts'
import { refusal } from '../support.ts'

const PNG = 'iVBORw0KGgo='
const hello = [{ role: 'user', content: 'Hello' }]

function decode(fields: object): ChatRequest {
  return openaiChatProtocol.decode({ model: 'gpt-4o', messages: hello, ...fields })
}

function messages(...list: object[]): ChatMessage[] {
  return decode({ messages: list }).messages
}

const refused = (body: unknown) => refusal(() => openaiChatProtocol.decode(body))

describe('parameters', () => {
  it('reads the least there is', () => {
    expect(decode({})).toEqual({
      protocol: 'openai-chat',
      model: 'gpt-4o',
      stream: false,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    })
  })

  it.each<[string, object, Partial<ChatRequest>]>([
    ['stream', { stream: true, stream_options: { include_usage: true } }, { stream: true, includeUsage: true }],
    [
      'sampling',
      { temperature: 0.5, top_p: 0.9, top_k: 40, frequency_penalty: 1, presence_penalty: -1, seed: 7, n: 2 },
      { temperature: 0.5, topP: 0.9, topK: 40, frequencyPenalty: 1, presencePenalty: -1, seed: 7, n: 2 },
    ],
    [
      'logprobs',
      { logprobs: true, top_logprobs: 3, logit_bias: { 50256: -100 } },
      { logprobs: true, topLogprobs: 3, logitBias: { 50256: -100 } },
    ],
    ['limits', { max_tokens: 10, max_completion_tokens: 20 }, { maxTokens: 10, maxCompletionTokens: 20 }],
    ['stop, one', { stop: 'END' }, { stop: ['END'] }],
    ['stop, several', { stop: ['a', 'b'] }, { stop: ['a', 'b'] }],
    [
      'the account',
      { user: 'u1', metadata: { a: 'b' }, service_tier: 'flex', prompt_cache_key: 'k', store: false },
      { user: 'u1', metadata: { a: 'b' }, serviceTier: 'flex', promptCacheKey: 'k', store: false },
    ],
    ['style', { verbosity: 'low', parallel_tool_calls: false }, { verbosity: 'low', parallelToolCalls: false }],
    ['JSON', { response_format: { type: 'json_object' } }, { responseFormat: { type: 'json_object' } }],
    [
      'a JSON schema',
      {
        response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema: { type: 'object' } } },
      },
      { responseFormat: { type: 'json_schema', name: 'x', strict: true, schema: { type: 'object' } } },
    ],
    ['null as absent', { temperature: null, stop: null, tools: null, response_format: null, stream: null }, {}],
    ['null of what is not read by name, too', { audio: null, web_search_options: null, modalities: null }, {}],
    ['no tools in a list', { tools: [] }, {}],
    ['reasoning_effort', { reasoning_effort: 'xhigh' }, { reasoning: { effort: 'xhigh' } }],
    [
      'reasoning',
      { reasoning: { max_tokens: 2000, summary: 'auto' } },
      { reasoning: { budgetTokens: 2000, summary: 'auto' } },
    ],
    ['reasoning on', { reasoning: { enabled: true } }, { reasoning: { effort: 'medium' } }],
    ['reasoning off', { reasoning: { enabled: false } }, { reasoning: { effort: 'none' } }],
    ['thinking', { thinking: { type: 'enabled', budget_tokens: 4096 } }, { reasoning: { budgetTokens: 4096 } }],
    ['thinking without a budget', { thinking: { type: 'enabled' } }, { reasoning: { effort: 'medium' } }],
    [
      'thinking without a budget beside an effort',
      { thinking: { type: 'enabled' }, reasoning_effort: 'high' },
      { reasoning: { effort: 'high' } },
    ],
    [
      "Kimi Code's thinking, with an effort",
      { thinking: { type: 'enabled', effort: 'high', keep: 'all' } },
      { reasoning: { effort: 'high' }, extra: { thinking: { keep: 'all' } } },
    ],
    ["Kimi's thinking off", { thinking: { type: 'disabled', keep: 'all' } }, { reasoning: { effort: 'none' } }],
    ["an effort of the model's own", { reasoning_effort: 'auto' }, { reasoning: { summary: 'auto' } }],
    [
      "Google's budget",
      { extra_body: { google: { thinking_config: { thinking_budget: 2048, include_thoughts: true } } } },
      { reasoning: { budgetTokens: 2048, summary: 'auto' } },
    ],
    [
      "Google's budget, of the model's own",
      { extra_body: { google: { thinking_config: { thinking_budget: -1, include_thoughts: true } } } },
      { reasoning: { summary: 'auto' } },
    ],
    [
      "Google's thinking off",
      { extra_body: { google: { thinking_config: { thinking_budget: 0 } } } },
      { reasoning: { effort: 'none' } },
    ],
    [
      "Google's level",
      { extra_body: { google: { thinking_config: { thinking_level: 'LOW' } } } },
      { reasoning: { effort: 'low' } },
    ],
    [
      "more of Google's",
      { extra_body: { google: { cached_content: 'c' } } },
      { extra: { extra_body: { google: { cached_content: 'c' } } } },
    ],
    ['thinking off', { thinking: { type: 'disabled' } }, { reasoning: { effort: 'none' } }],
    ['thinking of an unknown kind', { thinking: { type: 'adaptive' } }, { extra: { thinking: { type: 'adaptive' } } }],
    [
      'unknown fields, at each level',
      {
        safety_identifier: 's',
        web_search_options: { a: 1 },
        stream_options: { include_obfuscation: false },
        reasoning: { exclude: true },
        response_format: { type: 'json_schema', json_schema: { name: 'x', more: 1 } },
      },
      {
        responseFormat: { type: 'json_schema', name: 'x' },
        extra: {
          safety_identifier: 's',
          web_search_options: { a: 1 },
          stream_options: { include_obfuscation: false },
          reasoning: { exclude: true },
          response_format: { json_schema: { more: 1 } },
        },
      },
    ],
  ])('reads %s', (_, fields, expected) => {
    const { protocol, model, messages, stream, ...rest } = decode(fields)
    expect({ stream, ...rest }).toEqual({ stream: false, ...expected })
  })
})

describe('tools', () => {
  it('reads functions, custom tools and the ones a provider runs itself', () => {
    const parameters = { type: 'object', properties: {} }
    const grammar = { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "a"' } }
    const { tools } = decode({
      tools: [
        {
          type: 'function',
          function: { name: 'f', description: 'd', parameters, strict: true, more: 1 },
          cache_control: { type: 'ephemeral', ttl: '1h' },
          beside: 2,
        },
        { type: 'custom', custom: { name: 'c', description: 'd', format: grammar } },
        { type: 'web_search', user_location: 'x' },
      ],
    })
    expect(tools).toEqual([
      {
        type: 'function',
        name: 'f',
        description: 'd',
        parameters,
        strict: true,
        cacheControl: { type: 'ephemeral', ttl: '1h' },
        extra: { beside: 2, function: { more: 1 } },
      },
      { type: 'custom', name: 'c', description: 'd', format: grammar },
      { type: 'provider', protocol: 'openai-chat', tool: { type: 'web_search', user_location: 'x' } },
    ])
  })

  it.each<[unknown, ChatRequest['toolChoice']]>([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'required' }],
    [
      { type: 'function', function: { name: 'f' } },
      { type: 'tool', kind: 'function', name: 'f' },
    ],
    [
      { type: 'custom', custom: { name: 'c' } },
      { type: 'tool', kind: 'custom', name: 'c' },
    ],
    [
      {
        type: 'allowed_tools',
        allowed_tools: {
          mode: 'required',
          tools: [
            { type: 'function', function: { name: 'f' } },
            { type: 'custom', custom: { name: 'c' } },
          ],
        },
      },
      { type: 'allowed', mode: 'required', names: ['f', 'c'] },
    ],
    ['validated', { type: 'auto' }],
  ])('reads tool_choice %j', (choice, expected) => {
    expect(decode({ tool_choice: choice }).toolChoice).toEqual(expected)
  })

  it('converts the old functions and function_call', () => {
    const request = decode({ functions: [{ name: 'f', parameters: { type: 'object' } }], function_call: { name: 'f' } })
    expect(request.tools).toEqual([{ type: 'function', name: 'f', parameters: { type: 'object' } }])
    expect(request.toolChoice).toEqual({ type: 'tool', kind: 'function', name: 'f' })
    expect(decode({ function_call: 'none' }).toolChoice).toEqual({ type: 'none' })
  })
})

describe('messages', () => {
  it('reads every role', () => {
    expect(
      messages(
        { role: 'system', content: 'S', name: 'sys' },
        { role: 'developer', content: [{ type: 'text', text: 'D' }] },
        { role: 'user', content: 'U', name: 'ann' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
            { id: 'c2', type: 'custom', custom: { name: 'g', input: 'free text' } },
          ],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'one' },
        { role: 'tool', tool_call_id: 'c2', content: [{ type: 'text', text: 'two' }], is_error: true },
        { role: 'assistant', content: 'A', refusal: 'no' },
      ),
    ).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'S' }], name: 'sys' },
      { role: 'developer', content: [{ type: 'text', text: 'D' }] },
      { role: 'user', content: [{ type: 'text', text: 'U' }], name: 'ann' },
      {
        role: 'assistant',
        content: [
          { type: 'tool-call', id: 'c1', kind: 'function', name: 'f', arguments: '{"a":1}' },
          { type: 'tool-call', id: 'c2', kind: 'custom', name: 'g', arguments: 'free text' },
        ],
      },
      { role: 'tool', toolCallId: 'c1', content: [{ type: 'text', text: 'one' }] },
      { role: 'tool', toolCallId: 'c2', content: [{ type: 'text', text: 'two' }], isError: true },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'A' },
          { type: 'refusal', refusal: 'no' },
        ],
      },
    ])
  })

  it('pairs the old function messages with their calls', () => {
    const [, call, result] = messages(
      ...hello,
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
      { role: 'function', name: 'f', content: 'done' },
    )
    expect(call?.content).toEqual([
      { type: 'tool-call', id: 'call_function_1', kind: 'function', name: 'f', arguments: '{}' },
    ])
    expect(result).toEqual({
      role: 'tool',
      name: 'f',
      toolCallId: 'call_function_1',
      content: [{ type: 'text', text: 'done' }],
    })
  })

  it.each<[string, object, object]>([
    [
      'an image by URL',
      { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' }, detail: 'low' },
    ],
    [
      'an image as data',
      { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
      { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: PNG } },
    ],
    [
      'an image without its object',
      { type: 'image_url', image_url: `data:image/png;base64,${PNG}` },
      { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: PNG } },
    ],
    [
      'a data URL in plain text',
      { type: 'image_url', image_url: { url: 'data:image/svg+xml,%3Csvg/%3E' } },
      { type: 'image', source: { type: 'base64', mediaType: 'image/svg+xml', data: 'PHN2Zy8+' } },
    ],
    [
      'audio',
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
      { type: 'audio', data: 'AAAA', format: 'wav' },
    ],
    [
      'a file as data',
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERg==' } },
      { type: 'file', filename: 'a.pdf', source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBERg==' } },
    ],
    [
      'a file by id',
      { type: 'file', file: { file_id: 'file-1' } },
      { type: 'file', source: { type: 'file-id', id: 'file-1' } },
    ],
    [
      'a breakpoint and unknown fields',
      {
        type: 'image_url',
        image_url: { url: 'https://a/b', more: 1 },
        cache_control: { type: 'ephemeral' },
        beside: 2,
      },
      {
        type: 'image',
        source: { type: 'url', url: 'https://a/b' },
        cacheControl: { type: 'ephemeral' },
        extra: { beside: 2, image_url: { more: 1 } },
      },
    ],
  ])('reads %s', (_, part, expected) => {
    expect(messages({ role: 'user', content: [part] })[0]?.content).toEqual([expected])
  })

  it('puts a breakpoint on a whole message after its last part', () => {
    const cache = { cache_control: { type: 'ephemeral' } }
    const [system, , tool] = messages(
      { role: 'system', content: 'S', ...cache },
      { role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '' } }] },
      { role: 'tool', tool_call_id: 'c', content: 'T', ...cache },
    )
    expect(system).toEqual({
      role: 'system',
      content: [{ type: 'text', text: 'S', cacheControl: { type: 'ephemeral' } }],
    })
    expect(tool).toMatchObject({ cacheControl: { type: 'ephemeral' }, content: [{ type: 'text', text: 'T' }] })
  })

  it('keeps what the model has no word for', () => {
    const [message] = messages({ role: 'assistant', content: 'A', audio: { id: 'audio_1' }, annotations: [1] })
    expect(message?.extra).toEqual({ audio: { id: 'audio_1' }, annotations: [1] })
  })
})

describe('reasoning sent back', () => {
  const reasoning = (fields: object) =>
    messages(...hello, { role: 'assistant', content: 'A', ...fields })[1]?.content.slice(0, -1)

  it.each<[string, object, object[]]>([
    ['reasoning_content', { reasoning_content: 'R' }, [{ type: 'reasoning', text: 'R' }]],
    ['reasoning', { reasoning: 'R' }, [{ type: 'reasoning', text: 'R' }]],
    [
      'signed text, which both fields repeat',
      {
        reasoning_content: 'R',
        reasoning_details: [
          { type: 'reasoning.text', text: 'R', signature: 'sig', format: 'anthropic-claude-v1', index: 0 },
        ],
      },
      [{ type: 'reasoning', text: 'R', signature: 'sig', format: 'anthropic-claude-v1' }],
    ],
    [
      'fragments of a stream, as naive clients collect them',
      {
        reasoning_details: [
          { type: 'reasoning.text', text: 'on', index: 0 },
          { type: 'reasoning.text', text: 'e', index: 0 },
          { type: 'reasoning.text', text: '', signature: 's1', index: 0 },
          { type: 'reasoning.encrypted', data: 'X', index: 1 },
          { type: 'reasoning.text', text: 'two', signature: 's2', index: 2 },
        ],
      },
      [
        { type: 'reasoning', text: 'one', signature: 's1' },
        { type: 'reasoning', text: '', encrypted: 'X' },
        { type: 'reasoning', text: 'two', signature: 's2' },
      ],
    ],
    [
      "an OpenAI item's summary and encrypted content, which share an id",
      {
        reasoning_details: [
          { type: 'reasoning.summary', summary: 'S', id: 'rs_1', format: 'openai-responses-v1', index: 0 },
          { type: 'reasoning.encrypted', data: 'E', id: 'rs_1', format: 'openai-responses-v1', index: 1 },
        ],
      },
      [{ type: 'reasoning', text: 'S', summary: true, id: 'rs_1', encrypted: 'E', format: 'openai-responses-v1' }],
    ],
    [
      'two signed blocks without an index',
      {
        reasoning_details: [
          { type: 'reasoning.text', text: 'a', signature: '1' },
          { type: 'reasoning.text', text: 'b', signature: '2' },
        ],
      },
      [
        { type: 'reasoning', text: 'a', signature: '1' },
        { type: 'reasoning', text: 'b', signature: '2' },
      ],
    ],
    [
      'a signature whose text came beside it',
      { reasoning_content: 'R', reasoning_details: [{ type: 'reasoning.text', signature: 'sig', index: 0 }] },
      [{ type: 'reasoning', text: 'R', signature: 'sig' }],
    ],
    [
      'a signature after what went ahead of it',
      {
        reasoning_details: [
          { type: 'reasoning.text', text: 'R', format: 'anthropic-claude-v1', index: 0 },
          { type: 'reasoning.text', signature: 'sig', format: 'anthropic-claude-v1', index: 0 },
        ],
      },
      [{ type: 'reasoning', text: 'R', signature: 'sig', format: 'anthropic-claude-v1' }],
    ],
    [
      'a format as often as there were deltas, as openai-python joins them',
      {
        reasoning_content: 'R',
        reasoning_details: [
          { type: 'reasoning.text', text: 'R', signature: 'sig', format: 'anthropic-claude-v1'.repeat(3), index: 0 },
        ],
      },
      [{ type: 'reasoning', text: 'R', signature: 'sig', format: 'anthropic-claude-v1' }],
    ],
    [
      'a format byok does not know',
      { reasoning_details: [{ type: 'reasoning.text', text: 'R', format: 'xai-responses-v1' }] },
      [{ type: 'reasoning', text: 'R', format: 'unknown', extra: { format: 'xai-responses-v1' } }],
    ],
  ])('reads %s', (_, fields, expected) => {
    expect(reasoning(fields)).toEqual(expected)
  })
})

describe('refusals', () => {
  const with_ = (fields: object) => ({ model: 'gpt-4o', messages: hello, ...fields })

  it.each<[string, unknown, string | null, string | null, RegExp]>([
    ['no object', [], null, null, /JSON object/],
    ['no model', { messages: hello }, 'model', null, /model parameter/],
    [
      'no messages',
      { model: 'm' },
      'messages',
      'missing_required_parameter',
      /^Missing required parameter: 'messages'\.$/,
    ],
    ['empty messages', with_({ messages: [] }), 'messages', 'empty_array', /empty array/],
    [
      'a message that is none',
      with_({ messages: ['x'] }),
      'messages[0]',
      'invalid_type',
      /expected an object, but got a string/,
    ],
    ['no role', with_({ messages: [{ content: 'x' }] }), 'messages[0].role', 'missing_required_parameter', /Missing/],
    [
      'an unknown role',
      with_({ messages: [{ role: 'bot', content: 'x' }] }),
      'messages[0].role',
      'invalid_value',
      /^Invalid value: 'bot'\. Supported/,
    ],
    [
      'content of the wrong type',
      with_({ messages: [{ role: 'user', content: 7 }] }),
      'messages[0].content',
      'invalid_type',
      /^Invalid type for 'messages\[0\]\.content': expected one of a string or array of objects, but got an integer instead\.$/,
    ],
    [
      'no content',
      with_({ messages: [{ role: 'user' }] }),
      'messages[0].content',
      'missing_required_parameter',
      /Missing/,
    ],
    [
      'a part without type',
      with_({ messages: [{ role: 'user', content: [{}] }] }),
      'messages[0].content[0].type',
      'missing_required_parameter',
      /Missing/,
    ],
    [
      'an unknown part',
      with_({ messages: [{ role: 'user', content: [{ type: 'hologram' }] }] }),
      'messages[0].content[0].type',
      'invalid_value',
      /'hologram'/,
    ],
    [
      'a video that is nowhere',
      with_({ messages: [{ role: 'user', content: [{ type: 'video_url', video_url: { url: 'a.mp4' } }] }] }),
      'messages[0].content[0].video_url.url',
      'invalid_value',
      /Invalid video/,
    ],
    [
      'a part by an inherited name',
      with_({ messages: [{ role: 'user', content: [{ type: 'constructor' }] }] }),
      'messages[0].content[0].type',
      'invalid_value',
      /constructor/,
    ],
    [
      'an image in a system message',
      with_({ messages: [{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://a/b' } }] }] }),
      'messages[0].content[0].type',
      'invalid_value',
      /image_url/,
    ],
    [
      'an image that is no URL',
      with_({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'c:/x.png' } }] }] }),
      'messages[0].content[0].image_url.url',
      'invalid_value',
      /data URL/,
    ],
    [
      'a tool message without id',
      with_({ messages: [{ role: 'tool', content: 'x' }] }),
      'messages[0].tool_call_id',
      'missing_required_parameter',
      /Missing/,
    ],
    [
      'a call without id',
      with_({ messages: [{ role: 'assistant', tool_calls: [{ type: 'function', function: { name: 'f' } }] }] }),
      'messages[0].tool_calls[0].id',
      'missing_required_parameter',
      /Missing/,
    ],
    [
      'a wrong temperature',
      with_({ temperature: 'hot' }),
      'temperature',
      'invalid_type',
      /expected a decimal, but got a string/,
    ],
    [
      'half a token',
      with_({ max_tokens: 1.5 }),
      'max_tokens',
      'invalid_type',
      /expected an integer, but got a decimal/,
    ],
    ['a wrong stop', with_({ stop: [1] }), 'stop[0]', 'invalid_type', /string/],
    ['an unknown tool_choice', with_({ tool_choice: 'maybe' }), 'tool_choice', 'invalid_value', /'maybe'/],
    [
      'a tool without name',
      with_({ tools: [{ type: 'function', function: {} }] }),
      'tools[0].function.name',
      'missing_required_parameter',
      /Missing/,
    ],
    [
      'an unknown response_format',
      with_({ response_format: { type: 'xml' } }),
      'response_format.type',
      'invalid_value',
      /'xml'/,
    ],
    [
      'a schema without name',
      with_({ response_format: { type: 'json_schema', json_schema: {} } }),
      'response_format.json_schema.name',
      'missing_required_parameter',
      /Missing/,
    ],
  ])('refuses %s', (_, body, param, code, message) => {
    const error = refused(body)
    expect({ status: error.status, type: error.type, param: error.param, code: error.code }).toEqual({
      status: 400,
      type: 'invalid_request_error',
      param,
      code,
    })
    expect(error.message).toMatch(message)
  })

  it('never quotes a prompt', () => {
    const prompt = 'my secret diary, in many words'
    expect(refused(with_({ messages: [{ role: prompt, content: 'x' }] })).message).not.toContain('diary')
  })
})

describe('reasoning among the words of an answer', () => {
  it.each<[string, object, object]>([
    [
      "Anthropic's",
      { type: 'thinking', thinking: 'Hm', signature: 'sig' },
      { text: 'Hm', signature: 'sig', format: 'anthropic-claude-v1' },
    ],
    [
      "Anthropic's, hidden",
      { type: 'redacted_thinking', data: 'xyz' },
      { text: '', encrypted: 'xyz', format: 'anthropic-claude-v1' },
    ],
    [
      "Mistral's",
      {
        type: 'thinking',
        closed: true,
        thinking: [
          { type: 'text', text: 'H' },
          { type: 'text', text: 'm' },
        ],
      },
      { text: 'Hm' },
    ],
    ["the AI SDK's", { type: 'reasoning', text: 'Hm' }, { text: 'Hm' }],
    ["LangChain's", { type: 'reasoning', reasoning: 'Hm' }, { text: 'Hm' }],
  ])('%s', (_, part, expected) => {
    const content = [part, { type: 'text', text: 'Hi' }]
    expect(messages({ role: 'assistant', content })[0]?.content).toMatchObject([
      { type: 'reasoning', ...expected },
      { type: 'text', text: 'Hi' },
    ])
  })

  it('is told once where it stands beside them too', () => {
    const content = [
      { type: 'thinking', thinking: 'Hm' },
      { type: 'text', text: 'Hi' },
    ]
    expect(messages({ role: 'assistant', reasoning_content: 'Hm', content })[0]?.content).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Hi' },
    ])
  })
})

it.each<[object, object | undefined]>([
  [{ enable_thinking: false }, { effort: 'none' }],
  [{ enable_thinking: true }, { effort: 'medium' }],
  [{ enable_thinking: true, thinking_budget: 2000 }, { budgetTokens: 2000 }],
  [{ enable_thinking: true, reasoning_effort: 'high' }, { effort: 'high' }],
  [{ chat_template_kwargs: { enable_thinking: false } }, { effort: 'none' }],
  [{ chat_template_kwargs: { thinking: true } }, { effort: 'medium' }],
  [{ chat_template_kwargs: { other: 1 } }, undefined],
])("reads Qwen's words for thinking: %j", (said, expected) => {
  const read = decode(said)
  expect(read.reasoning).toEqual(expected)
  expect(read.extra?.['chat_template_kwargs']).toEqual(Reflect.get(said, 'chat_template_kwargs'))
})
