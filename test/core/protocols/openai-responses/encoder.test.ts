import OpenAI from 'openai'
import { zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ChatError } from '../../../../src/core/chat/index.ts'
import type { ChatEvent, ChatRequest } from '../../../../src/core/chat/index.ts'
import { openaiResponses, openaiResponsesProtocol } from '../../../../src/core/protocols/openai-responses/index.ts'
import { startFakeServer } from '../../../../src/testing/fake-server.ts'
import type { FakeServer } from '../../../../src/testing/fake-server.ts'
import { answerOf, decodeStream, listOf, sse } from './support.ts'
import type { Json } from './support.ts'

const { decode, encode, encoder, encodeStreamError, inspectTail } = openaiResponsesProtocol

/** Everything an answer may hold, in an order a model might write it. */
const EVENTS: ChatEvent[] = [
  { type: 'start', id: 'msg_of_anthropic', model: 'claude-x', created: 1_764_000_000 },
  { type: 'reasoning', index: 0, text: 'Let me', format: 'anthropic-claude-v1' },
  { type: 'reasoning', index: 0, text: ' see.' },
  { type: 'reasoning', index: 0, text: '', signature: 'sig-' },
  { type: 'reasoning', index: 0, text: '', signature: 'nature' },
  { type: 'reasoning', index: 1, text: '', encrypted: 'redacted', format: 'anthropic-claude-v1' },
  { type: 'text', text: 'Hél' },
  { type: 'text', text: 'lo "you"\n🌍' },
  { type: 'refusal', text: 'but no' },
  { type: 'tool-call', index: 0, id: 'call_a', name: 'add', kind: 'function' },
  { type: 'tool-call-delta', index: 0, arguments: '{"a":' },
  { type: 'tool-call', index: 1, id: 'call_b', name: 'patch', kind: 'custom' },
  { type: 'tool-call-delta', index: 1, arguments: '*** Begin' },
  { type: 'tool-call-delta', index: 0, arguments: '1}' },
  { type: 'finish', reason: 'tool_calls', native: 'tool_use' },
  { type: 'usage', usage: { input: 10, output: 7, cachedInput: 4, reasoning: 3 } },
]

function streamOf(events: ChatEvent[], chat?: ChatRequest): string {
  const output = encoder({ model: 'asked', includeUsage: true, ...(chat && { chat }) })
  return events.map((event) => output.push(event)).join('') + output.end()
}

function parse(text: string): Json[] {
  return text
    .trim()
    .split('\n\n')
    .map((message) => {
      const [event, data] = message.split('\n')
      const parsed = JSON.parse(data?.slice('data: '.length) ?? '') as Json
      expect(event).toBe(`event: ${parsed['type']}`)
      return parsed
    })
}

test("OpenAI's own items stay in their places, though many come at once", () => {
  const search = (id: string) => ({ id, type: 'web_search_call', status: 'completed' })
  const says = { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hm.' }] }
  const items = [search('ws_1'), says, search('ws_2')]
  const told = items.map((item, output_index) => ({ type: 'response.output_item.done', output_index, item }))
  const end = { type: 'response.completed', response: { id: 'resp_1', output: [] } }
  const events = parse(streamOf(decodeStream(Buffer.from(sse([...told, end])))))
  const { output } = events.at(-1)?.['response'] as Json
  expect(listOf(output).map(({ type }) => type as unknown)).toEqual(['web_search_call', 'message', 'web_search_call'])
})

describe.each([true, false])('what a message cites (streamed: %s)', (streamed) => {
  const says = (text: string, ...urls: string[]) => ({
    type: 'message',
    role: 'assistant',
    content: [
      {
        type: 'output_text',
        text,
        annotations: urls.map((url) => ({ type: 'url_citation', url, title: url, start_index: 0, end_index: 3 })),
      },
    ],
  })

  test.each([
    ['stays with it', [says('It rains.', 'https://a.test')]],
    ['is of no other', [says('It rains in Bern.', 'https://a.test'), says('Dry.', 'https://b.test'), says('Bye')]],
  ])('%s', (_, output) => {
    const chat = decode({ model: 'gpt-6', input: 'Weather?' })
    const events = openaiResponses().answer?.({ id: 'resp_1', status: 'completed', output }, chat) ?? []
    const told = streamed
      ? (parse(streamOf(events)).at(-1)?.['response'] as Json)
      : (encode(answerOf(events), { model: 'gpt-6', chat, includeUsage: false }) as Json)
    expect(listOf(told['output'])).toMatchObject(output)
  })
})

describe('the stream', () => {
  test('has images as calls of the tool that makes them', () => {
    const image = (url: string) => ({ type: 'image_url', image_url: { url } })
    const [first, second] = [image('data:image/png;base64,QUE='), image('data:image/webp;base64,QkI=')]
    const events: ChatEvent[] = [
      { type: 'start', id: 'r', model: 'm' },
      { type: 'text', text: 'Here:' },
      { type: 'extra', extra: { images: [first] } },
      // Some providers tell all so far, some what is new.
      { type: 'extra', extra: { images: [first, second, image('https://a.example/b.png')] } },
      { type: 'finish', reason: 'stop' },
    ]
    const told = parse(streamOf(events)).filter(({ output_index: at }) => at === 1)
    expect(told.map(({ type }) => String(type))).toEqual([
      'response.output_item.added',
      'response.image_generation_call.in_progress',
      'response.image_generation_call.generating',
      'response.image_generation_call.completed',
      'response.output_item.done',
    ])
    expect(told[0]?.['item']).toMatchObject({ status: 'in_progress', result: null })
    expect(new Set(told.slice(1, 4).map(({ item_id: id }) => id as unknown))).toEqual(new Set([told[0]?.['item'].id]))
    const whole = encode(answerOf(events.toSpliced(2, 1)), { model: 'asked', includeUsage: true }) as Json
    for (const { output } of [parse(streamOf(events)).at(-1)?.['response'] as Json, whole]) {
      expect(output).toMatchObject([
        { type: 'message', content: [{ text: 'Here:' }] },
        { type: 'image_generation_call', id: expect.stringMatching(/^ig_/), status: 'completed', result: 'QUE=' },
        { type: 'image_generation_call', status: 'completed', result: 'QkI=' },
        { type: 'message', content: [{ text: '![image](https://a.example/b.png)' }] },
      ])
    }
  })

  test("has OpenAI's events in OpenAI's order, numbered", () => {
    const events = parse(streamOf(EVENTS))
    expect(events.map(({ sequence_number: number }) => number as unknown)).toEqual(events.map((_, index) => index))
    expect(events.map(({ type, output_index: at }) => (at === undefined ? String(type) : `${at} ${type}`))).toEqual([
      'response.created',
      'response.in_progress',
      '0 response.output_item.added',
      '0 response.reasoning_summary_part.added',
      '0 response.reasoning_summary_text.delta',
      '0 response.reasoning_summary_text.delta',
      '0 response.reasoning_summary_text.done',
      '0 response.reasoning_summary_part.done',
      '0 response.output_item.done',
      '1 response.output_item.added',
      '1 response.output_item.done',
      '2 response.output_item.added',
      '2 response.content_part.added',
      '2 response.output_text.delta',
      '2 response.output_text.delta',
      '2 response.output_text.done',
      '2 response.content_part.done',
      '2 response.content_part.added',
      '2 response.refusal.delta',
      '2 response.refusal.done',
      '2 response.content_part.done',
      '2 response.output_item.done',
      '3 response.output_item.added',
      '3 response.function_call_arguments.delta',
      '4 response.output_item.added',
      '4 response.custom_tool_call_input.delta',
      '3 response.function_call_arguments.delta',
      '3 response.function_call_arguments.done',
      '3 response.output_item.done',
      '4 response.custom_tool_call_input.done',
      '4 response.output_item.done',
      'response.completed',
    ])
    const last = events.at(-1)?.['response']
    expect(last).toMatchObject({
      object: 'response',
      status: 'completed',
      model: 'claude-x',
      created_at: 1_764_000_000,
      usage: {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 4 },
        output_tokens: 7,
        output_tokens_details: { reasoning_tokens: 3 },
        total_tokens: 17,
      },
    })
    const done = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item as unknown)
    expect(last.output).toEqual(done)
    expect(last.id).toMatch(/^resp_/)
  })

  test('read again it tells the same answer', () => {
    const { id: _, ...before } = answerOf(EVENTS)
    const { id: __, ...after } = answerOf(decodeStream(Buffer.from(streamOf(EVENTS))))
    const withoutProofs = (answer: typeof before) =>
      answer.choices[0]?.content.map((part) => (part.type === 'reasoning' ? part.text : part))
    expect(withoutProofs(after)).toEqual(withoutProofs(before))
    expect(after.usage).toMatchObject(before.usage ?? {})
  })

  test("another vendor's proof comes back on the next turn, from a stream and from a whole answer", () => {
    const streamed = parse(streamOf(EVENTS)).at(-1)?.['response'].output
    const whole = (encode(answerOf(EVENTS), { model: 'asked', includeUsage: true }) as Json).output
    for (const output of [streamed, whole]) {
      const { messages } = decode({ model: 'm', input: [...listOf(output), { role: 'user', content: 'Go on' }] })
      const [said] = messages
      const reasoning = said?.role === 'assistant' ? said.content.filter(({ type }) => type === 'reasoning') : []
      expect(reasoning).toMatchObject([
        { text: 'Let me see.', signature: 'sig-nature', format: 'anthropic-claude-v1' },
        { text: '', encrypted: 'redacted', format: 'anthropic-claude-v1' },
      ])
    }
  })

  test("OpenAI's own encrypted content and id go as they are", () => {
    const events = parse(
      streamOf([
        { type: 'start' },
        { type: 'reasoning', index: 0, text: 'Bare', format: 'openai-responses-v1' },
        { type: 'reasoning', index: 0, text: '', id: 'rs_1', encrypted: 'gAAA', format: 'openai-responses-v1' },
        { type: 'finish', reason: 'stop' },
      ]),
    )
    expect(events.map(({ type }) => String(type))).toContain('response.reasoning_text.delta')
    expect(events.at(-1)?.['response'].output).toMatchObject([
      {
        type: 'reasoning',
        summary: [],
        content: [{ type: 'reasoning_text', text: 'Bare' }],
        encrypted_content: 'gAAA',
      },
    ])
  })

  test("a namespace's tool is called by the name the client gave it", () => {
    const tools = [
      { type: 'namespace', name: 'mcp__fs', description: 'd', tools: [{ type: 'function', name: 'read' }] },
    ]
    const chat = decode({ model: 'm', input: 'x', tools })
    expect(chat.tools).toMatchObject([{ type: 'function', name: 'mcp__fs__read' }])
    const events = parse(
      streamOf(
        [
          { type: 'start' },
          { type: 'tool-call', index: 0, id: 'c', name: 'mcp__fs__read', kind: 'function' },
          { type: 'tool-call-delta', index: 0, arguments: '{}' },
          { type: 'finish', reason: 'tool_calls' },
        ],
        chat,
      ),
    )
    const { output, tools: echoed } = events.at(-1)?.['response'] ?? {}
    expect(output).toMatchObject([{ type: 'function_call', namespace: 'mcp__fs', name: 'read', call_id: 'c' }])
    expect(echoed).toMatchObject(tools)
  })

  test("what OpenAI's own tools did goes through, from one stream to the other", () => {
    const search = { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } }
    const citation = { type: 'url_citation', url: 'https://x.test', title: 'X', start_index: 0, end_index: 2 }
    const message = {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'Hi', annotations: [citation] }],
    }
    const source = [
      { type: 'response.created', response: { id: 'resp_1' } },
      { type: 'response.output_item.done', output_index: 0, item: search },
      { type: 'response.output_text.delta', output_index: 1, content_index: 0, delta: 'Hi' },
      { type: 'response.output_item.done', output_index: 1, item: message },
      { type: 'response.completed', response: { id: 'resp_1' } },
    ]
    const decoded = decodeStream(Buffer.from(source.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')))
    const events = parse(streamOf(decoded))
    const whole = encode(answerOf(decoded), { model: 'm', includeUsage: true }) as Json
    for (const response of [events.at(-1)?.['response'], whole]) {
      expect(response.id).toBe('resp_1')
      expect(response.output[0]).toEqual(search)
      expect(response.output[1].content).toMatchObject([{ text: 'Hi', annotations: [citation] }])
    }
    expect(events.map(({ type }) => String(type))).toContain('response.output_text.annotation.added')
  })

  test.each<[Extract<ChatEvent, { type: 'finish' }>['reason'], object]>([
    ['stop', { status: 'completed', incomplete_details: null }],
    ['pause', { status: 'completed' }],
    ['length', { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }],
    ['content_filter', { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }],
    ['refusal', { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }],
    ['error', { status: 'failed', error: { code: 'server_error' } }],
  ])('an answer that ends with %s', (reason, expected) => {
    const events: ChatEvent[] = [{ type: 'start' }, { type: 'text', text: 'x' }, { type: 'finish', reason }]
    const last = parse(streamOf(events)).at(-1)
    expect(last?.['response']).toMatchObject(expected)
    expect(last?.['type']).toBe(`response.${last?.['response'].status}`)
    expect(encode(answerOf(events), { model: 'm', includeUsage: true })).toMatchObject(expected)
  })
})

test.each(['max_messages', 'steered'])('an answer that OpenAI ended for %s says so', (reason) => {
  const response = { id: 'resp_1', status: 'incomplete', incomplete_details: { reason }, output: [] }
  const decoded = decodeStream(Buffer.from(`data: ${JSON.stringify({ type: 'response.incomplete', response })}\n\n`))
  const expected = { status: 'incomplete', incomplete_details: { reason }, error: null }
  expect(parse(streamOf(decoded)).at(-1)?.['response']).toMatchObject(expected)
  expect(encode(answerOf(decoded), { model: 'm', includeUsage: true })).toMatchObject(expected)
})

describe('the openai client, unchanged', () => {
  let server: FakeServer | undefined
  afterEach(() => server?.close())

  /** Answers each request with these events, as byok would. */
  async function clientOf(events: ChatEvent[], failure?: ChatError): Promise<OpenAI> {
    server = await startFakeServer(async (request, reply) => {
      const chat = decode(request.json)
      if (!chat.stream) {
        return reply.json(200, encode(answerOf(events), { model: chat.model, includeUsage: true, chat }))
      }
      reply.begin(200, { 'content-type': 'text/event-stream' })
      const output = encoder({ model: chat.model, includeUsage: true, chat })
      for (const event of events) await reply.write(output.push(event))
      await reply.write(failure ? encodeStreamError(failure, undefined, output.begun?.()) : output.end())
      reply.end()
    })
    server.chunking = { size: 11 }
    return new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'sk-x', maxRetries: 0 })
  }

  test('accumulates the stream', async () => {
    const client = await clientOf(EVENTS)
    const stream = client.responses.stream({ model: 'm', input: 'Hi' })
    const seen: string[] = []
    stream.on('response.output_text.delta', ({ snapshot }) => void seen.push(snapshot))
    const response = await stream.finalResponse()
    expect(seen).toEqual(['Hél', 'Héllo "you"\n🌍'])
    expect(response.output_text).toBe('Héllo "you"\n🌍')
    expect(response.output.map(({ type }) => type)).toEqual([
      'reasoning',
      'reasoning',
      'message',
      'function_call',
      'custom_tool_call',
    ])
  })

  test('parses structured output and function arguments', async () => {
    const client = await clientOf([
      { type: 'start' },
      { type: 'text', text: '{"city":"Bern"}' },
      { type: 'tool-call', index: 0, id: 'c', name: 'add', kind: 'function' },
      { type: 'tool-call-delta', index: 0, arguments: '{"a":1}' },
      { type: 'finish', reason: 'tool_calls' },
    ])
    const response = await client.responses.parse({
      model: 'm',
      input: 'Hi',
      text: { format: zodTextFormat(z.object({ city: z.string() }), 'place') },
      tools: [zodResponsesFunction({ name: 'add', parameters: z.object({ a: z.number() }) })],
    })
    expect(response.output_parsed).toEqual({ city: 'Bern' })
    expect(response.output[1]).toMatchObject({ type: 'function_call', parsed_arguments: { a: 1 } })
    expect(response.text?.format).toMatchObject({ type: 'json_schema', name: 'place' })
  })

  test('throws what broke the stream', async () => {
    const failure = new ChatError('It broke.', { status: 502, code: 'upstream_stream_cut' })
    const client = await clientOf([{ type: 'start' }, { type: 'text', text: 'Hal' }], failure)
    await expect(client.responses.stream({ model: 'm', input: 'Hi' }).finalResponse()).rejects.toThrow('It broke.')
  })
})

describe('the end of a stream that passed through', () => {
  const whole = streamOf(EVENTS)

  test('is known by its last event', () => {
    const usage = { input: 10, output: 7 }
    expect(inspectTail(whole)).toMatchObject({ complete: true, ended: true, append: '', usage })
  })

  test('is known where that event is longer than what was kept', () => {
    const long = streamOf([{ type: 'start' }, { type: 'text', text: 'x'.repeat(9000) }, ...EVENTS.slice(-2)])
    expect(inspectTail(long.slice(-4096))).toMatchObject({ complete: true, usage: { input: 10 } })
  })

  test('is known by an error', () => {
    const failure = encodeStreamError(new ChatError('x', { status: 500 }))
    expect(inspectTail(whole.slice(0, 2000) + failure)).toMatchObject({ complete: true, failed: true })
    const [failed = ''] = failure.split(/(?<=\n\n)/)
    expect(failed).toContain('response.failed')
    expect(inspectTail(whole.slice(0, 2000) + failed)).toMatchObject({ complete: true, failed: true })
    expect(inspectTail(whole).failed).toBeUndefined()
  })

  test('is missed wherever it was cut', () => {
    const last = whole.indexOf('event: response.completed')
    for (let at = 0; at < last; at += 13) expect(inspectTail(whole.slice(0, at).slice(-4096)).complete).toBe(false)
    expect(inspectTail(whole.slice(0, -40)).complete).toBe(false)
  })

  test('is closed where the last blank line is missing', () => {
    expect(inspectTail(whole.trimEnd())).toEqual({ ...inspectTail(whole), append: '\n\n', ended: undefined })
  })
})
