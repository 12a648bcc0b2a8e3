import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../../../src/core/chat/index.ts'
import { openaiChat } from '../../../../src/core/protocols/openai-chat/index.ts'
import { decodeChunks, delta, fold } from './support.ts'

/** The events but the first, which is the start. */
function read(...chunks: unknown[]): ChatEvent[] {
  return decodeChunks(chunks).slice(1)
}

const call = (fields: object) => delta({ tool_calls: [fields] })
const ended = delta({}, 'tool_calls')

describe("OpenAI's stream", () => {
  // After the example of platform.openai.com/docs/api-reference/chat-streaming.
  it('is read whole', () => {
    const frame = {
      id: 'chatcmpl-123',
      object: 'chat.completion.chunk',
      created: 1694268190,
      model: 'gpt-4o-mini',
      service_tier: 'default',
      system_fingerprint: 'fp_44709d6fcb',
    }
    const chunk = (fields: object, finish: string | null = null) => ({
      ...frame,
      choices: [{ index: 0, delta: fields, logprobs: null, finish_reason: finish }],
      usage: null,
      obfuscation: 'x1y2',
    })
    const events = decodeChunks([
      chunk({ role: 'assistant', content: '', refusal: null }),
      chunk({ content: 'Hel' }),
      chunk({ content: 'lo' }),
      chunk({}, 'stop'),
      {
        ...frame,
        choices: [],
        usage: {
          prompt_tokens: 19,
          completion_tokens: 10,
          total_tokens: 29,
          prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
          completion_tokens_details: {
            reasoning_tokens: 6,
            audio_tokens: 0,
            accepted_prediction_tokens: 0,
            rejected_prediction_tokens: 0,
          },
        },
      },
      '[DONE]',
    ])
    expect(events).toEqual([
      {
        type: 'start',
        id: 'chatcmpl-123',
        model: 'gpt-4o-mini',
        created: 1694268190,
        extra: { service_tier: 'default', system_fingerprint: 'fp_44709d6fcb' },
      },
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
      {
        type: 'usage',
        usage: {
          input: 19,
          output: 10,
          cachedInput: 4,
          reasoning: 6,
          extra: {
            prompt_tokens_details: { audio_tokens: 0 },
            completion_tokens_details: {
              audio_tokens: 0,
              accepted_prediction_tokens: 0,
              rejected_prediction_tokens: 0,
            },
          },
        },
      },
      { type: 'finish', reason: 'stop', native: 'stop' },
    ])
  })

  it('keeps parallel calls apart', () => {
    expect(
      read(
        delta({ role: 'assistant', content: null }),
        call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
        call({ index: 0, function: { arguments: '{"x"' } }),
        call({ index: 1, id: 'b', type: 'custom', custom: { name: 'g', input: '' } }),
        call({ index: 0, function: { arguments: ':1}' } }),
        call({ index: 1, custom: { input: 'free' } }),
        ended,
      ),
    ).toEqual([
      { type: 'tool-call', index: 0, id: 'a', name: 'f', kind: 'function' },
      { type: 'tool-call-delta', index: 0, arguments: '{"x"' },
      { type: 'tool-call', index: 1, id: 'b', name: 'g', kind: 'custom' },
      { type: 'tool-call-delta', index: 0, arguments: ':1}' },
      { type: 'tool-call-delta', index: 1, arguments: 'free' },
      { type: 'finish', reason: 'tool_calls', native: 'tool_calls' },
    ])
  })

  it('keeps choices apart', () => {
    const answer = fold(
      decodeChunks([
        delta({ content: 'a' }),
        delta({ content: 'b' }, null, 1),
        delta({}, 'stop', 1),
        delta({}, 'length'),
        '[DONE]',
      ]),
    )
    expect(answer.choices).toMatchObject([
      { content: [{ text: 'a' }], finishReason: 'length' },
      { content: [{ text: 'b' }], finishReason: 'stop' },
    ])
  })

  it('puts log probabilities on their words, and on an empty text where there are none', () => {
    const logprobs = { content: [{ token: 'a', logprob: -1, bytes: null, top_logprobs: [] }], refusal: null }
    const chunk = (fields: object) => ({ id: '1', choices: [{ index: 0, delta: fields, logprobs }] })
    expect(read(chunk({ content: 'a' }), chunk({}))).toEqual([
      { type: 'text', text: 'a', logprobs: { content: logprobs.content } },
      { type: 'text', text: '', logprobs: { content: logprobs.content } },
    ])
  })

  it('passes on what is no text', () => {
    const annotations = [
      { type: 'url_citation', url_citation: { url: 'https://a', title: 'A', start_index: 0, end_index: 1 } },
    ]
    expect(read(delta({ content: 'x', annotations, audio: null }))).toEqual([
      { type: 'text', text: 'x' },
      { type: 'extra', extra: { annotations } },
    ])
  })
})

describe('how it ends', () => {
  it.each<[string, object[], object]>([
    ['a filter', [delta({ content: 'x' }, 'content_filter')], { reason: 'content_filter' }],
    ['the limit', [delta({ content: 'x' }, 'length')], { reason: 'length' }],
    [
      'the old call',
      [delta({ function_call: { name: 'f', arguments: '{}' } }), delta({}, 'function_call')],
      { reason: 'tool_calls', native: 'function_call' },
    ],
    [
      'a call that ends with stop',
      [call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }), delta({}, 'stop')],
      { reason: 'tool_calls', native: 'stop' },
    ],
    ['a refusal', [delta({ refusal: 'no' }), delta({}, 'stop')], { reason: 'refusal' }],
    [
      "Claude's pause, through OpenRouter",
      [{ id: '1', choices: [{ delta: { content: 'x' }, finish_reason: 'stop', native_finish_reason: 'pause_turn' }] }],
      { reason: 'pause', native: 'pause_turn' },
    ],
    [
      "vLLM's stop sequence",
      [{ id: '1', choices: [{ delta: {}, finish_reason: 'stop', stop_reason: 'END' }] }],
      { reason: 'stop', stopSequence: 'END' },
    ],
    ['an unknown word', [delta({ content: 'x' }, 'because')], { reason: 'stop', native: 'because' }],
    ['a reason on every chunk', [delta({ content: 'x' }, 'stop'), delta({ content: 'y' }, 'stop')], { reason: 'stop' }],
    [
      'an empty reason until the end',
      [{ id: '1', choices: [{ delta: { content: 'x' }, finish_reason: '' }] }, delta({}, 'length')],
      { reason: 'length' },
    ],
  ])('%s', (_, chunks, expected) => {
    const events = decodeChunks([...chunks, '[DONE]'])
    expect(events.filter(({ type }) => type === 'finish')).toEqual([expect.objectContaining(expected)])
    expect(events.at(-1)).toMatchObject(expected)
  })

  it('is told without [DONE] too', () => {
    expect(read(delta({ content: 'x' }, 'stop')).at(-1)).toMatchObject({ type: 'finish' })
  })

  it('ends with [DONE], whatever a server sends after it', () => {
    const whole = read(delta({ content: 'x' }, 'stop'), '[DONE]')
    const more = [
      { choices: [], cost: '0' },
      { error: { message: 'gone' } },
      delta({ content: 'y' }),
      'no JSON',
      '[DONE]',
    ]
    for (const one of more) expect(read(delta({ content: 'x' }, 'stop'), '[DONE] ', one)).toEqual(whole)
  })

  it('is never made up: a stream without a reason has no finish', () => {
    expect(read(delta({ content: 'x' }), '[DONE]')).toEqual([{ type: 'text', text: 'x' }])
  })
})

describe('tool calls of other servers', () => {
  const folded = (...chunks: unknown[]) =>
    fold(decodeChunks([...chunks, ended])).choices[0]?.content.map((part) =>
      part.type === 'tool-call' ? [part.id, part.name, part.arguments] : part,
    )

  it.each<[string, object[], unknown[]]>([
    [
      'whole in one delta',
      [
        delta({
          tool_calls: [
            { index: 0, id: 'a', function: { name: 'f', arguments: '{}' } },
            { index: 1, id: 'b', function: { name: 'g', arguments: '[]' } },
          ],
        }),
      ],
      [
        ['a', 'f', '{}'],
        ['b', 'g', '[]'],
      ],
    ],
    [
      'counted from 1, with a gap',
      [
        call({ index: 1, id: 'a', function: { name: 'f', arguments: '1' } }),
        call({ index: 4, id: 'b', function: { name: 'g', arguments: '2' } }),
      ],
      [
        ['a', 'f', '1'],
        ['b', 'g', '2'],
      ],
    ],
    [
      'all under index 0',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '1' } }),
        call({ index: 0, id: 'b', function: { name: 'g', arguments: '2' } }),
      ],
      [
        ['a', 'f', '1'],
        ['b', 'g', '2'],
      ],
    ],
    [
      'all under index 0 without ids',
      [
        call({ index: 0, id: '', function: { name: 'f', arguments: '{"x":' } }),
        call({ index: 0, id: '', function: { name: 'f', arguments: '1}' } }),
        call({ index: 0, id: '', function: { name: 'f', arguments: '{"x":2}' } }),
        call({ index: 0, function: { name: 'g', arguments: '{}' } }),
      ],
      [
        [expect.stringMatching(/^call_/), 'f', '{"x":1}'],
        [expect.stringMatching(/^call_/), 'f', '{"x":2}'],
        [expect.stringMatching(/^call_/), 'g', '{}'],
      ],
    ],
    [
      'without index',
      [
        call({ id: 'a', function: { name: 'f', arguments: '' } }),
        call({ function: { arguments: '1' } }),
        call({ id: 'b', function: { name: 'g', arguments: '2' } }),
      ],
      [
        ['a', 'f', '1'],
        ['b', 'g', '2'],
      ],
    ],
    [
      'with arguments before id and name',
      [
        call({ index: 0, function: { arguments: '{"a' } }),
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '":1' } }),
        call({ index: 0, function: { arguments: '}' } }),
      ],
      [['a', 'f', '{"a":1}']],
    ],
    [
      'with id and name repeated',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '1' } }),
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '2' } }),
      ],
      [['a', 'f', '12']],
    ],
    [
      'without an id',
      [
        call({ index: 0, function: { name: 'f', arguments: '1' } }),
        call({ index: 1, function: { name: 'g', arguments: '2' } }),
      ],
      [
        [expect.stringMatching(/^call_\w{32}$/), 'f', '1'],
        [expect.stringMatching(/^call_/), 'g', '2'],
      ],
    ],
    [
      'with arguments that are no text',
      [call({ index: 0, id: 'a', function: { name: 'f', arguments: { x: 1 } } })],
      [['a', 'f', '{"x":1}']],
    ],
    [
      'with null for what is left out',
      [
        call({ index: 0, id: 'a', function: { name: 'f', arguments: null } }),
        call({ index: 0, id: null, function: { name: null, arguments: '1' } }),
      ],
      [['a', 'f', '1']],
    ],
  ])('%s', (_, chunks, expected) => {
    expect(folded(...chunks)).toEqual(expected)
  })

  it('are none without a name and arguments, beside words and beside other calls', () => {
    const none = { index: 0, id: 'x', type: 'function', function: { name: '', arguments: '' } }
    expect(read(call({}), delta({ content: 'Hi' }), ended)).toEqual([
      { type: 'text', text: 'Hi' },
      { type: 'finish', reason: 'stop', native: 'tool_calls' },
    ])
    const real = { index: 1, id: 'y', function: { name: 'f', arguments: '{}' } }
    expect(read(delta({ tool_calls: [none, real] }), ended)).toEqual([
      { type: 'tool-call', index: 0, id: 'y', name: 'f', kind: 'function' },
      { type: 'tool-call-delta', index: 0, arguments: '{}' },
      { type: 'finish', reason: 'tool_calls', native: 'tool_calls' },
    ])
  })

  it('are an error without a name', () => {
    expect(() => folded(call({ index: 0, id: 'a', function: { arguments: '1' } }))).toThrow(/tool call without a name/)
  })
})

describe('reasoning of other servers', () => {
  const parts = (...deltas: object[]) => fold(decodeChunks(deltas.map((fields) => delta(fields)))).choices[0]?.content

  it.each<[string, object[], object[]]>([
    [
      'DeepSeek',
      [{ reasoning_content: 'a' }, { reasoning_content: 'b', content: null }, { content: 'c' }],
      [
        { type: 'reasoning', text: 'ab' },
        { type: 'text', text: 'c' },
      ],
    ],
    [
      'vLLM',
      [{ reasoning: 'a' }, { content: 'c' }],
      [
        { type: 'reasoning', text: 'a' },
        { type: 'text', text: 'c' },
      ],
    ],
    ['both fields at once', [{ reasoning: 'a', reasoning_content: 'a' }], [{ type: 'reasoning', text: 'a' }]],
    [
      'OpenRouter',
      [
        {
          reasoning: 'a',
          reasoning_details: [{ type: 'reasoning.text', text: 'a', format: 'anthropic-claude-v1', index: 0 }],
        },
        {
          reasoning: null,
          reasoning_details: [{ type: 'reasoning.text', signature: 'sig', format: 'anthropic-claude-v1', index: 0 }],
        },
        { reasoning_details: [{ type: 'reasoning.encrypted', data: 'E', format: 'anthropic-claude-v1', index: 1 }] },
        { content: 'c' },
      ],
      [
        { type: 'reasoning', text: 'a', signature: 'sig', format: 'anthropic-claude-v1' },
        { type: 'reasoning', text: '', encrypted: 'E', format: 'anthropic-claude-v1' },
        { type: 'text', text: 'c' },
      ],
    ],
    [
      'Mistral',
      [
        {
          content: [
            { type: 'thinking', thinking: [{ type: 'text', text: 'a' }] },
            { type: 'text', text: 'c' },
          ],
        },
      ],
      [
        { type: 'reasoning', text: 'a' },
        { type: 'text', text: 'c' },
      ],
    ],
  ])('%s', (_, deltas, expected) => {
    expect(parts(...deltas)).toEqual(expected)
  })
})

it('passes on content parts that it does not know', () => {
  const part = { type: 'reference', reference_ids: [1] }
  expect(read(delta({ content: [{ type: 'text', text: 'a' }, part] }))).toEqual([
    { type: 'text', text: 'a' },
    { type: 'extra', extra: { content_parts: [part] } },
  ])
})

describe('usage, wherever it stands', () => {
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
  it.each<[string, object, object]>([
    ['a chunk of its own', { id: '1', choices: [], usage }, {}],
    ['the finish chunk', { id: '1', choices: [{ delta: {}, finish_reason: 'stop' }], usage }, {}],
    [
      "Moonshot's choice",
      { id: '1', choices: [{ delta: {}, finish_reason: 'stop', usage: { ...usage, cached_tokens: 1 } }] },
      { cachedInput: 1 },
    ],
    ["Groq's own field", { id: '1', choices: [{ delta: {}, finish_reason: 'stop' }], x_groq: { id: 'r', usage } }, {}],
    ["DeepSeek's cache", { id: '1', choices: [], usage: { ...usage, prompt_cache_hit_tokens: 2 } }, { cachedInput: 2 }],
    [
      'cache writes',
      { id: '1', choices: [], usage: { ...usage, prompt_tokens_details: { cache_write_tokens: 2 } } },
      { cacheWrite: 2 },
    ],
    [
      "xAI's reasoning beside the output",
      {
        id: '1',
        choices: [],
        usage: {
          prompt_tokens: 3,
          completion_tokens: 2,
          total_tokens: 12,
          completion_tokens_details: { reasoning_tokens: 7 },
        },
      },
      { output: 9, reasoning: 7 },
    ],
    ['a cost', { id: '1', choices: [], usage: { ...usage, cost: 0.1 } }, { extra: { cost: 0.1 } }],
  ])('%s', (_, chunk, expected) => {
    const events = decodeChunks([delta({ content: 'x' }), chunk])
    expect(events.filter(({ type }) => type === 'usage')).toEqual([
      { type: 'usage', usage: { input: 3, output: 2, ...expected } },
    ])
  })
})

describe('odd streams', () => {
  it("starts at the first chunk that is one, and keeps Azure's", () => {
    const azure = { id: '', model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] }
    expect(decodeChunks([azure, delta({ content: 'x' })])[0]).toMatchObject({
      type: 'start',
      id: 'chatcmpl-1',
      extra: { prompt_filter_results: [{ prompt_index: 0 }] },
    })
  })

  it('tells a field that every chunk repeats once', () => {
    const cited = { ...delta({ content: 'x' }), citations: ['https://a'] }
    expect(decodeChunks([delta({ content: 'a' }), cited, cited]).filter(({ type }) => type === 'extra')).toEqual([
      { type: 'extra', extra: { citations: ['https://a'] } },
    ])
  })

  it.each<[string, string, object]>([
    [
      "OpenAI's",
      '{"error":{"message":"Overloaded, sorry","type":"server_error","param":null,"code":null}}',
      { status: 502, type: 'server_error', message: 'Overloaded, sorry' },
    ],
    [
      "OpenRouter's, with a status",
      '{"id":"1","choices":[{"delta":{"content":""},"finish_reason":"error"}],"error":{"code":429,"message":"slow down"}}',
      { status: 429, upstreamStatus: 429, type: 'rate_limit_error' },
    ],
    [
      'OpenRouter, within a choice',
      '{"id":"1","choices":[{"delta":{"content":""},"finish_reason":"error","error":{"code":502,"message":"Upstream is gone"}}]}',
      { status: 502, upstreamStatus: 502, message: 'Upstream is gone' },
    ],
    [
      'DashScope, in place of words',
      '{"id":"1","choices":[{"index":0,"delta":{"content":"Throttling: TPM(1/1)"},"finish_reason":"error_finish"}]}',
      { status: 502, type: 'server_error', code: 'Throttling', message: 'Throttling: TPM(1/1)' },
    ],
    [
      'one by its code',
      '{"error":{"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"}}',
      { status: 400, code: 'context_length_exceeded' },
    ],
    ['text', '{"error":"it broke"}', { status: 502, message: 'it broke' }],
    ['no words', '{"error":{}}', { status: 502 }],
    ['no JSON', '<html>', { status: 502, code: 'upstream_bad_answer' }],
    ['a list', '[]', { status: 502, code: 'upstream_bad_answer' }],
  ])('throws on an error within: %s', (_, data, expected) => {
    const decoder = openaiChat().events()
    expect(() => decoder.push({ data })).toThrow(expect.objectContaining(expected))
  })

  it('throws on an event named error', () => {
    const decoder = openaiChat().events()
    expect(() => decoder.push({ event: 'error', data: '{"message":"gone"}' })).toThrow('gone')
  })
})

describe('a whole answer', () => {
  const answer = (body: unknown) => openaiChat().answer?.(body) ?? []

  it('is the same events', () => {
    // A tool call of platform.openai.com/docs/api-reference/chat/object, with the fields that are null there.
    const body = {
      id: 'chatcmpl-abc',
      object: 'chat.completion',
      created: 1699896916,
      model: 'gpt-4o-mini',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'One moment.',
            reasoning_content: 'hm',
            refusal: null,
            annotations: [],
            audio: null,
            function_call: null,
            tool_calls: [
              { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
              { id: 'call_2', type: 'custom', custom: { name: 'g', input: 'text' } },
            ],
          },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
      ],
      usage: { prompt_tokens: 82, completion_tokens: 17, total_tokens: 99 },
    }
    expect(answer(body)).toEqual([
      { type: 'start', id: 'chatcmpl-abc', model: 'gpt-4o-mini', created: 1699896916 },
      { type: 'reasoning', index: 0, text: 'hm' },
      { type: 'text', text: 'One moment.' },
      { type: 'tool-call', index: 0, id: 'call_1', name: 'f', kind: 'function' },
      { type: 'tool-call-delta', index: 0, arguments: '{"a":1}' },
      { type: 'tool-call', index: 1, id: 'call_2', name: 'g', kind: 'custom' },
      { type: 'tool-call-delta', index: 1, arguments: 'text' },
      { type: 'usage', usage: { input: 82, output: 17 } },
      { type: 'finish', reason: 'tool_calls', native: 'tool_calls' },
    ])
  })

  it('throws on an error with status 200', () => {
    expect(() => answer({ error: { message: 'no', code: 'model_not_found' } })).toThrow(
      expect.objectContaining({ status: 404, message: 'no' }),
    )
  })

  it.each([['text'], [null], [{}], [{ choices: 'x' }]])('refuses %j', (body) => {
    expect(() => answer(body)).toThrow(expect.objectContaining({ code: 'upstream_bad_answer' }))
  })
})
