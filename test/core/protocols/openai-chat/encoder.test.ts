import OpenAI from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { ChatEvent } from '../../../../src/core/chat/index.ts'
import { ChatError } from '../../../../src/core/chat/index.ts'
import { openaiChatProtocol } from '../../../../src/core/protocols/openai-chat/index.ts'
import { chunksOf, deltasOf, encodeEvents, fold } from './support.ts'

const start: ChatEvent = {
  type: 'start',
  id: 'chatcmpl-1',
  model: 'm',
  created: 5,
  extra: { system_fingerprint: 'fp' },
}
const stop: ChatEvent = { type: 'finish', reason: 'stop', native: 'stop' }
const usage: ChatEvent = { type: 'usage', usage: { input: 5, output: 3, cachedInput: 2, reasoning: 1, cacheWrite: 4 } }
const tool: ChatEvent[] = [
  { type: 'tool-call', index: 0, id: 'a', name: 'f', kind: 'function' },
  { type: 'tool-call-delta', index: 0, arguments: '{"x"' },
  { type: 'tool-call-delta', index: 0, arguments: ':"\u2028é"}' },
  { type: 'tool-call', index: 1, id: 'b', name: 'g', kind: 'custom' },
  { type: 'tool-call-delta', index: 1, arguments: 'free' },
]

const frame = '"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","system_fingerprint":"fp"'
const line = (delta: string, finish = 'null', end = '') =>
  `data: {${frame},"choices":[{"index":0,"delta":{${delta}},"logprobs":null,"finish_reason":${finish}}]${end}}\n\n`

describe('the stream', () => {
  it("is OpenAI's, byte by byte", () => {
    expect(encodeEvents([start, { type: 'text', text: 'a"\n' }, stop, usage], false)).toBe(
      line('"role":"assistant","content":"","refusal":null') +
        line(String.raw`"content":"a\"\n"`) +
        line('', '"stop"') +
        'data: [DONE]\n\n',
    )
  })

  it('tells usage where it was asked for, in a chunk without choices', () => {
    const text = encodeEvents([start, { type: 'text', text: 'a' }, usage, stop])
    expect(text).toContain(line('"content":"a"', 'null', ',"usage":null'))
    const chunks = chunksOf(text)
    expect(chunks.at(-1)).toMatchObject({
      id: 'chatcmpl-1',
      choices: [],
      usage: {
        prompt_tokens: 5,
        completion_tokens: 3,
        total_tokens: 8,
        prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 1 },
      },
    })
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  it('sends calls as fragments under their index', () => {
    const deltas = deltasOf(encodeEvents([start, ...tool, stop])).map((delta) => delta['tool_calls'])
    expect(deltas.filter(Boolean)).toEqual([
      [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }],
      [{ index: 0, function: { arguments: '{"x"' } }],
      [{ index: 0, function: { arguments: ':"\u2028é"}' } }],
      [{ index: 1, id: 'b', type: 'custom', custom: { name: 'g', input: '' } }],
      [{ index: 1, custom: { input: 'free' } }],
    ])
  })

  it('sends reasoning to show and to send back', () => {
    const deltas = deltasOf(
      encodeEvents([
        start,
        { type: 'reasoning', index: 0, text: 'R', format: 'anthropic-claude-v1' },
        { type: 'reasoning', index: 0, text: '', signature: 's', format: 'anthropic-claude-v1' },
        { type: 'reasoning', index: 1, text: '', encrypted: 'E' },
        { type: 'reasoning', index: 2, text: 'S', summary: true, id: 'rs_1', format: 'openai-responses-v1' },
        { type: 'reasoning', index: 3, text: '', signature: 'unshown', format: 'anthropic-claude-v1' },
      ]),
    )
    expect(deltas.slice(1)).toEqual([
      {
        reasoning_content: 'R',
        reasoning_details: [{ type: 'reasoning.text', text: 'R', format: 'anthropic-claude-v1', index: 0 }],
      },
      {
        reasoning_content: null,
        reasoning_details: [{ type: 'reasoning.text', signature: 's', format: 'anthropic-claude-v1', index: 0 }],
      },
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'E', format: 'unknown', index: 1 }] },
      {
        reasoning_content: 'S',
        reasoning_details: [
          { type: 'reasoning.summary', summary: 'S', id: 'rs_1', format: 'openai-responses-v1', index: 2 },
        ],
      },
      {
        reasoning_details: [
          { type: 'reasoning.text', text: '', signature: 'unshown', format: 'anthropic-claude-v1', index: 3 },
        ],
      },
    ])
  })

  it('gives each choice its role once', () => {
    const chunks = chunksOf(
      encodeEvents([
        start,
        { type: 'text', text: 'b', choice: 1 },
        { type: 'text', text: 'a' },
        { ...stop, choice: 1 },
        stop,
      ]),
    )
    const roles = chunks.flatMap(({ choices }) => choices).filter((choice) => choice.delta['role'] !== undefined)
    expect(roles.map((choice) => choice.index)).toEqual([0, 1])
    expect(chunks.map(({ choices: [choice] }) => choice?.index)).toEqual([0, 1, 1, 0, 1, 0])
  })

  it('makes up what a provider leaves out', () => {
    const [first] = chunksOf(encodeEvents([{ type: 'text', text: 'a' }, stop]))
    expect(first).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-\w{32}$/),
      model: 'asked-for',
      created: expect.any(Number),
    })
  })

  it.each<[Partial<Extract<ChatEvent, { type: 'finish' }>>, ChatEvent[], object]>([
    [{ reason: 'length', native: 'max_tokens' }, [], { finish_reason: 'length', native_finish_reason: 'max_tokens' }],
    [{ reason: 'stop', stopSequence: 'END' }, [], { finish_reason: 'stop', stop_reason: 'END' }],
    [{ reason: 'refusal' }, [{ type: 'refusal', text: 'no' }], { finish_reason: 'stop' }],
    [{ reason: 'refusal' }, [], { finish_reason: 'content_filter' }],
    [{ reason: 'pause' }, [], { finish_reason: 'stop', native_finish_reason: 'pause_turn' }],
    [{ reason: 'error' }, [], { finish_reason: 'error' }],
    [
      { reason: 'tool_calls', native: 'tool_use' },
      tool,
      { finish_reason: 'tool_calls', native_finish_reason: 'tool_use' },
    ],
  ])('ends with %j as %j', (finish, before, expected) => {
    const events: ChatEvent[] = [start, ...before, { ...stop, native: undefined, ...finish }]
    const streamed = chunksOf(encodeEvents(events)).at(-1)?.choices[0]
    const { delta: _, index: __, logprobs: ___, ...rest } = streamed ?? {}
    expect(rest).toEqual(expected)
    expect(openaiChatProtocol.encode(fold(events), { model: 'm', includeUsage: true })).toMatchObject({
      choices: [expected],
    })
  })

  it('refuses a fragment of a call that has not begun', () => {
    expect(() => encodeEvents([start, { type: 'tool-call-delta', index: 0, arguments: 'x' }])).toThrow(TypeError)
  })
})

describe("OpenAI's own client", () => {
  /** A client whose every request is answered with this. */
  function client(answer: () => Response): OpenAI {
    return new OpenAI({ apiKey: 'k', baseURL: 'http://127.0.0.1:1/v1', maxRetries: 0, fetch: async () => answer() })
  }
  const streamed = (text: string) =>
    client(() => new Response(text, { headers: { 'content-type': 'text/event-stream' } }))
  const whole = (events: ChatEvent[]) =>
    client(() => Response.json(openaiChatProtocol.encode(fold(events), { model: 'm', includeUsage: true })))
  const ask = { model: 'm', messages: [{ role: 'user' as const, content: 'Hi' }] }
  const functionCall = tool.slice(0, 3)

  it('collects a stream', async () => {
    const events: ChatEvent[] = [
      start,
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
      ...functionCall,
      { ...stop, reason: 'tool_calls' },
      usage,
    ]
    const completion = await streamed(encodeEvents(events)).chat.completions.stream(ask).finalChatCompletion()
    expect(completion).toMatchObject({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: 'Hello',
            tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{"x":"\u2028é"}' } }],
          },
        },
      ],
      usage: { total_tokens: 8 },
    })
  })

  it.each<[string, ChatEvent['type'][], object[]]>([
    ['has lost the words of a thought, of which the proof alone is nothing', ['reasoning', 'reasoning'], []],
    ['has the proof of a thought that is not shown', ['reasoning'], [{ type: 'reasoning', text: '', signature: 's' }]],
  ])('%s, when it sends back what it collected', async (_, types, expected) => {
    const words = types.length > 1 ? ['Hm, ', 'well.'] : []
    const events: ChatEvent[] = [...words, ''].map((text) => ({
      type: 'reasoning',
      index: 0,
      text,
      format: 'anthropic-claude-v1',
      ...(text === '' && { signature: 's' }),
    }))
    const stream = streamed(encodeEvents([start, ...events, { type: 'text', text: 'A' }, stop]))
    const { choices } = await stream.chat.completions.stream(ask).finalChatCompletion()
    const { messages } = openaiChatProtocol.decode({ ...ask, messages: [...ask.messages, choices[0]?.message] })
    expect(messages[1]?.content).toMatchObject([...expected, { type: 'text', text: 'A' }])
  })

  it('throws on an error within a stream', async () => {
    const error = new ChatError('It broke.', { status: 502, code: 'upstream_stream_cut' })
    const text = encodeEvents([start, { type: 'text', text: 'Hel' }]).replace('data: [DONE]\n\n', '')
    const stream = await streamed(text + openaiChatProtocol.encodeStreamError(error)).chat.completions.create({
      ...ask,
      stream: true,
    })
    const words: unknown[] = []
    const reading = (async () => {
      for await (const chunk of stream) words.push(chunk.choices[0]?.delta.content)
    })()
    await expect(reading).rejects.toMatchObject({
      message: 'It broke.',
      code: 'upstream_stream_cut',
      type: 'server_error',
    })
    expect(words).toEqual(['', 'Hel'])
  })

  it('parses a JSON schema, whole and streamed', async () => {
    const response_format = zodResponseFormat(z.object({ x: z.number() }), 'answer')
    const events: ChatEvent[] = [start, { type: 'text', text: '{"x":' }, { type: 'text', text: '1}' }, stop]
    const parsed = await whole(events).chat.completions.parse({ ...ask, response_format })
    expect(parsed.choices[0]?.message.parsed).toEqual({ x: 1 })
    const stream = streamed(encodeEvents(events)).chat.completions.stream({ ...ask, response_format })
    expect((await stream.finalChatCompletion()).choices[0]?.message.parsed).toEqual({ x: 1 })
  })

  it('reads a refusal, whole and streamed', async () => {
    const events: ChatEvent[] = [
      start,
      { type: 'refusal', text: 'I ca' },
      { type: 'refusal', text: "n't" },
      { ...stop, reason: 'refusal' },
    ]
    const [one] = (await whole(events).chat.completions.create(ask)).choices
    expect(one).toMatchObject({ message: { content: null, refusal: "I can't" }, finish_reason: 'stop' })
    const [other] = (await streamed(encodeEvents(events)).chat.completions.stream(ask).finalChatCompletion()).choices
    // openai-node 7 has no words where those before it have none.
    const content = expect.toBeOneOf([null, '']) as null
    expect(other).toMatchObject({ message: { content, refusal: "I can't" }, finish_reason: 'stop' })
  })
})

describe('a whole answer', () => {
  it("has OpenAI's shape", () => {
    const logprobs = { content: [{ token: 'a', logprob: -1, bytes: [97], top_logprobs: [] }] }
    const answer = fold([
      start,
      { type: 'reasoning', index: 0, text: 'R', signature: 's', format: 'anthropic-claude-v1' },
      { type: 'text', text: 'a', logprobs },
      ...tool,
      { type: 'extra', extra: { annotations: [1], content_filter_results: { hate: {} } } },
      { type: 'finish', reason: 'tool_calls' },
      usage,
    ])
    expect(openaiChatProtocol.encode(answer, { model: 'x', includeUsage: true })).toEqual({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 5,
      model: 'm',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'a',
            refusal: null,
            reasoning_content: 'R',
            reasoning_details: [
              { type: 'reasoning.text', text: 'R', signature: 's', format: 'anthropic-claude-v1', index: 0 },
            ],
            tool_calls: [
              { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":"\u2028é"}' } },
              { id: 'b', type: 'custom', custom: { name: 'g', input: 'free' } },
            ],
            annotations: [1],
          },
          logprobs: { ...logprobs, refusal: null },
          finish_reason: 'tool_calls',
          content_filter_results: { hate: {} },
        },
      ],
      usage: {
        prompt_tokens: 5,
        completion_tokens: 3,
        total_tokens: 8,
        prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 1 },
      },
      system_fingerprint: 'fp',
    })
  })

  it.each<[ChatEvent[], string | null]>([
    [[stop], ''],
    [[...tool, stop], null],
    [[{ type: 'refusal', text: 'no' }, stop], null],
  ])('has content %#', (events, content) => {
    const body = openaiChatProtocol.encode(fold([start, ...events]), { model: 'm', includeUsage: true })
    expect(body).toMatchObject({ choices: [{ message: { content } }] })
  })
})
