import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChatError } from '../../../../src/core/chat/index.ts'
import type { ChatEvent } from '../../../../src/core/chat/index.ts'
import {
  anthropicMessages,
  anthropicMessagesProtocol as protocol,
  decodeCountTokens,
  withoutForeignBlocks,
} from '../../../../src/core/protocols/anthropic-messages/index.ts'
import type { Json } from '../../../upstreams/anthropic-check.ts'
import { interleaved } from '../interleaved.ts'
import { decodeBytes, encodeEvents, encodeWhole, eventsOf, fold, PNG, refusal, sdkMessage, wire } from './support.ts'

const start = (usage: Json = { input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 1 }): Json => ({
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-x',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  },
})
const begin = (index: number, block: Json): Json => ({ type: 'content_block_start', index, content_block: block })
const delta = (index: number, fields: Json): Json => ({ type: 'content_block_delta', index, delta: fields })
const stop = (index: number): Json => ({ type: 'content_block_stop', index })
const end = (reason: string, more: Json = {}): Json[] => [
  { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null, ...more }, usage: { output_tokens: 9 } },
  { type: 'message_stop' },
]

const CITATION = {
  type: 'web_search_result_location',
  url: 'https://x',
  title: 'X',
  cited_text: 'x',
  encrypted_index: 'e',
}
const RESULT = {
  type: 'web_search_tool_result',
  tool_use_id: 'srvtoolu_1',
  content: [{ type: 'web_search_result', url: 'https://x' }],
}

/** All there is in one answer. */
const STREAM: Json[] = [
  start(),
  begin(0, { type: 'thinking', thinking: '', signature: '' }),
  { type: 'ping' },
  delta(0, { type: 'thinking_delta', thinking: 'Überlegung 🤔' }),
  delta(0, { type: 'signature_delta', signature: 'sig==' }),
  stop(0),
  begin(1, { type: 'redacted_thinking', data: 'hidden' }),
  stop(1),
  begin(2, { type: 'text', text: '' }),
  delta(2, { type: 'text_delta', text: 'Grüße, 世界' }),
  stop(2),
  begin(3, { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }),
  delta(3, { type: 'input_json_delta', partial_json: '{"query":' }),
  delta(3, { type: 'input_json_delta', partial_json: '"x"}' }),
  stop(3),
  begin(4, RESULT),
  stop(4),
  begin(5, { type: 'text', text: '' }),
  delta(5, { type: 'text_delta', text: 'found' }),
  delta(5, { type: 'citations_delta', citation: CITATION }),
  stop(5),
  begin(6, { type: 'text', text: '' }),
  delta(6, { type: 'text_delta', text: ' it' }),
  stop(6),
  begin(7, { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }),
  delta(7, { type: 'input_json_delta', partial_json: '' }),
  delta(7, { type: 'input_json_delta', partial_json: '{"stadt":"Kö' }),
  delta(7, { type: 'input_json_delta', partial_json: 'ln"}' }),
  stop(7),
  begin(8, { type: 'tool_use', id: 'toolu_2', name: 'g', input: {} }),
  stop(8),
  { type: 'some_new_event' },
  ...end('tool_use'),
]

const CONTENT = [
  { type: 'thinking', thinking: 'Überlegung 🤔', signature: 'sig==' },
  { type: 'redacted_thinking', data: 'hidden' },
  { type: 'text', text: 'Grüße, 世界' },
  { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
  RESULT,
  { type: 'text', text: 'found', citations: [CITATION] },
  { type: 'text', text: ' it' },
  { type: 'tool_use', id: 'toolu_1', name: 'f', input: { stadt: 'Köln' } },
  { type: 'tool_use', id: 'toolu_2', name: 'g', input: {} },
]

describe('an answer of Claude', () => {
  it('is read event by event', () => {
    const events = decodeBytes(wire(...STREAM))
    expect(events.filter(({ type }) => type !== 'extra')).toEqual([
      { type: 'start', id: 'msg_1', model: 'claude-x' },
      { type: 'usage', usage: { input: 7, output: 1, cachedInput: 4 } },
      { type: 'reasoning', index: 0, text: 'Überlegung 🤔', format: 'anthropic-claude-v1' },
      { type: 'reasoning', index: 0, text: '', signature: 'sig==', format: 'anthropic-claude-v1' },
      { type: 'reasoning', index: 1, text: '', encrypted: 'hidden', format: 'anthropic-claude-v1' },
      { type: 'text', text: 'Grüße, 世界' },
      { type: 'text', text: 'found' },
      { type: 'text', text: ' it' },
      { type: 'tool-call', index: 0, id: 'toolu_1', name: 'f', kind: 'function' },
      { type: 'tool-call-delta', index: 0, arguments: '{"stadt":"Kö' },
      { type: 'tool-call-delta', index: 0, arguments: 'ln"}' },
      { type: 'tool-call', index: 1, id: 'toolu_2', name: 'g', kind: 'function' },
      { type: 'tool-call-delta', index: 1, arguments: '{}' },
      { type: 'usage', usage: { input: 7, output: 9, cachedInput: 4 } },
      { type: 'finish', reason: 'tool_calls', native: 'tool_use' },
    ])
  })

  it.each(['\n', '\r\n'])('is the same, its bytes cut anywhere (%j)', (ending) => {
    const bytes = Buffer.from(
      wire(...STREAM)
        .toString()
        .replaceAll('\n', ending),
    )
    const whole = decodeBytes(bytes)
    for (let at = 1; at < bytes.byteLength; at++) expect(decodeBytes(bytes, [at])).toEqual(whole)
    expect(decodeBytes(bytes, [...bytes.keys()])).toEqual(whole)
  })

  it('is the same in one piece', () => {
    const message = {
      ...start()['message'],
      content: CONTENT,
      stop_reason: 'tool_use',
      usage: { input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 9 },
    }
    const whole = anthropicMessages().answer?.(message) ?? []
    expect(fold(whole)).toEqual(fold(decodeBytes(wire(...STREAM))))
  })

  it('comes out as it went in: streamed, through the SDK, and whole', async () => {
    const events = decodeBytes(wire(...STREAM))
    const text = encodeEvents(events)
    const known = new Set(['some_new_event', 'ping'])
    const written = eventsOf(text).filter(({ type }) => !known.has(String(type)))
    const shape = ({ type, index, content_block: block }: Json): unknown[] => [type, index, block?.type]
    const expected = STREAM.filter(({ type }) => !known.has(String(type)))
    const once = (list: Json[]) =>
      list.map(shape).filter((item, at, all) => at === 0 || JSON.stringify(item) !== JSON.stringify(all[at - 1]))
    // The call without arguments gets its `{}`.
    expect(once(written).filter((item) => item[1] !== 8)).toEqual(once(expected).filter((item) => item[1] !== 8))
    expect((await sdkMessage(text))['content']).toEqual(CONTENT)
    expect(encodeWhole(events)).toMatchObject({
      id: 'msg_1',
      model: 'claude-x',
      stop_reason: 'tool_use',
      content: CONTENT,
    })
    expect(eventsOf(text).at(-2)).toMatchObject({
      usage: { input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 9 },
    })
  })

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['pause_turn', 'pause'],
    ['refusal', 'refusal'],
    ['tool_use', 'tool_calls'],
    ['brand_new', 'stop'],
  ])('ends with %s', (word, reason) => {
    const events = decodeBytes(wire(start(), ...end(word)))
    expect(events.at(-1)).toEqual({ type: 'finish', reason, native: word })
    const written = word === 'brand_new' ? 'end_turn' : word
    expect(encodeWhole(events)).toMatchObject({ stop_reason: written })
  })

  it('tells the stop sequence and why it refused', () => {
    const events = decodeBytes(wire(start(), ...end('refusal', { stop_details: { type: 'refusal', category: 'bio' } })))
    expect(encodeWhole(events)).toMatchObject({ stop_details: { category: 'bio' } })
    expect(eventsOf(encodeEvents(events)).at(-2)).toMatchObject({ delta: { stop_details: { category: 'bio' } } })
    const met = decodeBytes(wire(start(), ...end('stop_sequence', { stop_sequence: 'END' })))
    expect(met.at(-1)).toMatchObject({ reason: 'stop', stopSequence: 'END' })
  })

  it('is read where it stands in its first event, as calls of a program do', () => {
    const { message, ...event } = start()
    const caller = { type: 'code_execution_20250825', tool_id: 'srvtoolu_1' }
    const content = [{ type: 'tool_use', id: 'toolu_1', name: 'roll', input: { player: 'two' }, caller }]
    const whole = { ...(message as Json), content, stop_reason: 'tool_use' }
    const events = decodeBytes(wire({ ...event, message: whole }, { type: 'message_stop' }))
    expect(events).toEqual(anthropicMessages().answer?.(whole))
    expect(events).toContainEqual({ type: 'finish', reason: 'tool_calls', native: 'tool_use' })
  })

  it('is refused where another begins within it, and not where it says twice that it begins', () => {
    const half = [begin(0, { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} })]
    const [first, second] = [start(), { type: 'message_start', message: { id: 'msg_2', content: [] } }]
    expect(() => decodeBytes(wire(first, ...half, second))).toThrow(/`message_start` of another message/)
    expect(() => decodeBytes(wire(first, second, first, ...half))).not.toThrow()
  })

  it('gives a custom tool its free text back', () => {
    const chat = { model: 'm', messages: [], stream: true, tools: [{ type: 'custom' as const, name: 'patch' }] }
    const events = decodeBytes(
      wire(
        start(),
        begin(0, { type: 'tool_use', id: 't', name: 'patch', input: {} }),
        delta(0, { type: 'input_json_delta', partial_json: '{"input":"*** ' }),
        delta(0, { type: 'input_json_delta', partial_json: 'Begin"}' }),
        stop(0),
        ...end('tool_use'),
      ),
      [],
      chat,
    )
    expect(fold(events).choices[0]?.content).toEqual([
      { type: 'tool-call', id: 't', name: 'patch', kind: 'custom', arguments: '*** Begin' },
    ])
  })

  it('that is none is refused', () => {
    for (const data of ['<html>', '[]']) {
      expect(refusal(() => anthropicMessages().events().push({ data })).code).toBe('upstream_bad_answer')
    }
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_1' }
    const told = refusal(() => decodeBytes(wire(start(), error)))
    expect(told).toMatchObject({
      status: 529,
      type: 'overloaded_error',
      upstreamRequestId: 'req_1',
      message: 'Overloaded',
    })
  })
})

describe("another vendor's answer", () => {
  const finish: ChatEvent = { type: 'finish', reason: 'tool_calls' }

  it('keeps the proof of its reasoning in what a client sends back', () => {
    const proof = { id: 'rs_1', encrypted: 'gAAA', format: 'openai-responses-v1' as const, summary: true }
    const events: ChatEvent[] = [
      { type: 'start' },
      { type: 'reasoning', index: 0, text: '', id: 'rs_1', format: 'openai-responses-v1' },
      { type: 'reasoning', index: 0, text: 'shown', summary: true, format: 'openai-responses-v1' },
      { type: 'reasoning', index: 0, text: '', encrypted: 'gAAA', format: 'openai-responses-v1' },
      { type: 'reasoning', index: 1, text: '', encrypted: 'only', format: 'openai-responses-v1' },
      { type: 'text', text: 'A' },
      finish,
    ]
    const content: Json[] = encodeWhole(events)['content']
    expect(content.map(({ type }): unknown => type)).toEqual(['thinking', 'redacted_thinking', 'text'])
    const body = {
      model: 'm',
      max_tokens: 9,
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content },
        { role: 'user', content: 'y' },
      ],
    }
    expect(protocol.decode(body).messages[1]?.content).toEqual([
      { type: 'reasoning', text: 'shown', ...proof },
      { type: 'reasoning', text: '', encrypted: 'only', format: 'openai-responses-v1' },
      { type: 'text', text: 'A' },
    ])
    // Should the client go on with Claude itself, none of it is sent there.
    const clean: Json[] = withoutForeignBlocks(body)['messages'] as Json[]
    expect(clean[1]?.['content']).toEqual([{ type: 'text', text: 'A' }])
  })

  it('passes on to Claude what it takes of another model’s turns', () => {
    const tool_use = { type: 'tool_use', id: 'functions.weather:0', name: 'weather', input: {} }
    const text = (words: string) => ({ type: 'text', text: words })
    const messages = [
      { role: 'user', content: [text(' ')] },
      { role: 'assistant', content: [text('\n'), tool_use, { ...tool_use, id: 'toolu_1' }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'functions.weather:0', content: 'sunny' },
          { type: 'tool_result', tool_use_id: 'toolu_1', content: 'cold' },
        ],
      },
      { role: 'assistant', content: ' ' },
      { role: 'assistant', content: [text('')] },
      { role: 'user', content: 'y' },
    ]
    const silent = { role: 'assistant', content: [] }
    const [said, called, results, ...rest] = withoutForeignBlocks({ messages })['messages'] as Json[]
    expect([said, ...rest]).toEqual([messages[0], messages[5]])
    const id: unknown = called?.['content'][0].id
    expect(id).toMatch(/^[\w-]+$/)
    expect(called?.['content']).toEqual([
      { ...tool_use, id },
      { ...tool_use, id: 'toolu_1' },
    ])
    const ids: unknown[] = (results?.['content'] as Json[]).map(({ tool_use_id }): unknown => tool_use_id)
    expect(ids).toEqual([id, 'toolu_1'])
    const own = { messages: [messages[0], messages[5]] }
    expect(withoutForeignBlocks(own)).toBe(own)
    expect(withoutForeignBlocks({ messages: [messages[0], silent, messages[5]] })).toEqual(own)
  })

  it.each<[string, string, boolean]>([
    ['a budget', 'enabled', false],
    ['thinking without one', 'adaptive', true],
  ])('passes %s on to Claude in the middle of another model’s turn: %s', (_, type, kept) => {
    const asked = { role: 'user', content: 'x' }
    const call = { type: 'tool_use', id: 'a', name: 'f', input: {} }
    const results = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'y' }] }
    const clear = { type: 'clear_thinking_20251015' }
    const body = (content: object[], ...edits: object[]) => ({
      messages: [asked, { role: 'assistant', content }, results],
      thinking: { type, ...(type === 'enabled' && { budget_tokens: 2000 }) },
      context_management: { edits: [clear, ...edits] },
    })
    const other = body([{ type: 'thinking', thinking: 'Hm', signature: '' }, call])
    const uses = { type: 'clear_tool_uses_20250919' }
    const { messages } = body([call])
    expect(withoutForeignBlocks(other)).toEqual(kept ? { ...other, messages } : { messages })
    const both = body([call], uses)
    expect(withoutForeignBlocks(both)).toEqual(kept ? both : { messages, context_management: { edits: [uses] } })
    const own = body([{ type: 'thinking', thinking: 'Hm', signature: 'cHJvb2Y=' }, call])
    expect(withoutForeignBlocks(own)).toBe(own)
    const over = { ...own, messages: [...messages, { role: 'assistant', content: 'z' }, asked] }
    expect(withoutForeignBlocks(over)).toBe(over)
  })

  it('tells calls whose fragments interleave one after another', async () => {
    const text = encodeEvents([
      { type: 'start' },
      { type: 'tool-call', index: 0, id: 'a', name: 'f', kind: 'function' },
      { type: 'tool-call', index: 1, id: 'b', name: 'g', kind: 'function' },
      { type: 'tool-call-delta', index: 0, arguments: '{"x":' },
      { type: 'tool-call-delta', index: 1, arguments: '{"y"' },
      { type: 'tool-call-delta', index: 0, arguments: '1}' },
      { type: 'tool-call-delta', index: 1, arguments: ':2}' },
      finish,
    ])
    expect((await sdkMessage(text))['content']).toEqual([
      { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
      { type: 'tool_use', id: 'b', name: 'g', input: { y: 2 } },
    ])
    const order = eventsOf(text).flatMap(({ type, index }) =>
      /block_(?:start|stop)/.test(String(type)) ? [`${type} ${index}`] : [],
    )
    expect(order).toEqual([
      'content_block_start 0',
      'content_block_stop 0',
      'content_block_start 1',
      'content_block_stop 1',
    ])
  })

  it('keeps what comes within a call until its arguments are whole', async () => {
    const events: ChatEvent[] = [
      { type: 'tool-call', index: 0, id: 'a', name: 'f', kind: 'function' },
      { type: 'tool-call-delta', index: 0, arguments: '{"x":' },
      { type: 'text', text: 'Hm' },
      { type: 'tool-call', index: 1, id: 'b', name: 'g', kind: 'function' },
      { type: 'tool-call-delta', index: 1, arguments: '{}' },
      { type: 'tool-call-delta', index: 0, arguments: '1}' },
    ]
    expect((await sdkMessage(encodeEvents([...events, finish])))['content']).toEqual([
      { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
      { type: 'text', text: 'Hm' },
      { type: 'tool_use', id: 'b', name: 'g', input: {} },
    ])
    const more: ChatEvent = { type: 'tool-call-delta', index: 0, arguments: '2' }
    expect(() => encodeEvents([...events, { type: 'text', text: '.' }, more])).toThrow('a tool call that was whole')
    await fc.assert(
      fc.asyncProperty(interleaved, async (told) => {
        expect((await sdkMessage(encodeEvents(told)))['content']).toEqual(encodeWhole(told)['content'])
      }),
      { numRuns: 200 },
    )
  })

  it('says in words that there is an image, for which it has no block', async () => {
    const images = ['data:image/png;base64,QUE=', 'https://a.example/b.png'].map((url) => ({
      type: 'image_url',
      image_url: { url },
    }))
    const events: ChatEvent[] = [{ type: 'text', text: 'Here:' }, { type: 'extra', extra: { images } }, finish]
    const content = [
      { type: 'text', text: 'Here:' },
      { type: 'text', text: expect.stringContaining('an image (image/png) here') as string },
      { type: 'text', text: '![image](https://a.example/b.png)' },
    ]
    expect((await sdkMessage(encodeEvents(events)))['content']).toEqual(content)
    expect(encodeWhole(events)['content']).toEqual(content)
    for (const told of [encodeEvents(events), JSON.stringify(encodeWhole(events))]) expect(told).not.toContain('QUE=')
  })

  it('has a piece of each thought before its signature, without which `ai` 4 ends the stream', () => {
    const proof = { signature: 'sig', format: 'google-gemini-v1' } as const
    for (const text of ['Hm', '']) {
      const told = encodeEvents([{ type: 'reasoning', index: 0, text, ...proof }, finish])
      const kinds = told.matchAll(/"type":"(thinking_delta|signature_delta)"/g)
      expect(Array.from(kinds, ([, kind]) => kind)).toEqual(['thinking_delta', 'signature_delta'])
    }
  })

  it('is the same streamed and whole, however it is told', async () => {
    const words = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 3 })
    const step = fc.oneof(
      words.map((texts) => ({ kind: 'text' as const, texts })),
      fc.record({
        kind: fc.constant('reasoning' as const),
        texts: words,
        signature: fc.option(fc.string({ minLength: 1 })),
      }),
      fc.record({ kind: fc.constant('tool' as const), input: fc.dictionary(fc.string(), fc.string()), at: fc.nat(5) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        const events: ChatEvent[] = [{ type: 'start', id: 'msg_1', model: 'm' }]
        let [calls, reasonings] = [0, 0]
        for (const it of steps) {
          if (it.kind === 'text') for (const text of it.texts) events.push({ type: 'text', text })
          else if (it.kind === 'reasoning') {
            const base = { type: 'reasoning' as const, index: reasonings++, format: 'google-gemini-v1' as const }
            for (const text of it.texts) events.push({ ...base, text })
            if (it.signature !== null) events.push({ ...base, text: '', signature: it.signature })
          } else {
            const [index, json] = [calls++, JSON.stringify(it.input)]
            events.push({ type: 'tool-call', index, id: `c${index}`, name: 'f', kind: 'function' })
            for (const fragment of [json.slice(0, it.at), json.slice(it.at)]) {
              events.push({ type: 'tool-call-delta', index, arguments: fragment })
            }
          }
        }
        events.push(
          { type: 'finish', reason: 'stop' },
          { type: 'usage', usage: { input: 9, output: 2, cachedInput: 3 } },
        )
        const whole = encodeWhole(events)
        const streamed = await sdkMessage(encodeEvents(events))
        expect(streamed['content']).toEqual(whole['content'])
        expect(streamed['usage']).toEqual(whole['usage'])
      }),
      { numRuns: 60 },
    )
  })
})

describe('a request', () => {
  const body: Json = {
    model: 'claude-opus-4-8',
    max_tokens: 2000,
    stream: true,
    system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'See' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
          { type: 'image', source: { type: 'url', url: 'https://x/y.png' }, cache_control: { type: 'ephemeral' } },
          { type: 'image', source: { type: 'file', file_id: 'file_1' } },
          {
            type: 'document',
            title: 'a.pdf',
            source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' },
            citations: { enabled: true },
            context: 'c',
          },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'abc' } },
          { type: 'document', source: { type: 'url', url: 'https://x/a.pdf' } },
          { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'part' }] } },
          {
            type: 'search_result',
            source: 's',
            title: 't',
            content: [{ type: 'text', text: 'hit' }],
            cache_control: { type: 'ephemeral' },
          },
          { type: 'container_upload', file_id: 'file_2' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 'sig' },
          { type: 'redacted_thinking', data: 'hidden' },
          { type: 'text', text: 'Look', citations: [CITATION] },
          { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
          RESULT,
          { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 }, caller: { type: 'direct' } },
          { type: 'tool_use', id: 'toolu_2', name: 'f', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: 'plain' },
          {
            type: 'tool_result',
            tool_use_id: 'toolu_2',
            is_error: true,
            content: [
              { type: 'text', text: 'x' },
              { type: 'image', source: { type: 'url', url: 'https://x' } },
              { type: 'tool_reference', tool_name: 'f' },
            ],
          },
          { type: 'text', text: 'and?' },
        ],
      },
      { role: 'system', content: [{ type: 'text', text: 'Now briefly.' }] },
    ],
    tools: [
      {
        name: 'f',
        description: 'd',
        input_schema: { type: 'object' },
        cache_control: { type: 'ephemeral' },
        defer_loading: true,
        input_examples: [{}],
      },
      { type: 'web_search_20250305', name: 'web_search', max_uses: 2 },
    ],
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    thinking: { type: 'adaptive', display: 'omitted' },
    output_config: {
      effort: 'max',
      format: { type: 'json_schema', schema: { type: 'object', additionalProperties: false } },
      task_budget: { total: 9 },
    },
    stop_sequences: ['END'],
    temperature: 1,
    top_p: 0.99,
    top_k: 5,
    metadata: { user_id: 'u' },
    service_tier: 'standard_only',
    container: 'c',
    context_management: { edits: [] },
    cache_control: { type: 'ephemeral' },
  }

  it('comes out as it went in', () => {
    expect(anthropicMessages().request(protocol.decode(body))).toEqual(body)
    for (const thinking of [
      { type: 'enabled', budget_tokens: 1500 },
      { type: 'disabled' },
      { type: 'between_tools' },
      undefined,
    ]) {
      const { thinking: _, ...rest } = body
      const other = thinking ? { ...rest, thinking } : rest
      expect(anthropicMessages().request(protocol.decode(other))).toEqual(other)
    }
  })

  it('tells other vendors what they have words for', () => {
    const chat = protocol.decode(body)
    expect(chat).toMatchObject({
      protocol: 'anthropic-messages',
      maxCompletionTokens: 2000,
      includeUsage: true,
      parallelToolCalls: false,
      reasoning: { effort: 'max' },
      responseFormat: { type: 'json_schema' },
      user: 'u',
    })
    expect(chat.messages.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'tool',
      'tool',
      'user',
      'system',
    ])
    const texts = JSON.stringify(chat.messages[1]?.content)
    for (const words of ['hit', 'part', 'file_2']) expect(texts).toContain(words)
  })

  it.each<[Json, string]>([
    [{ max_tokens: undefined }, 'max_tokens: Field required'],
    [{ model: undefined }, 'model: Field required'],
    [{ messages: undefined }, 'messages: Field required'],
    [{ messages: [] }, 'messages: at least one message is required'],
    [{ max_tokens: 'x' }, 'max_tokens: Input should be a valid number'],
    [{ messages: [{ role: 'tool', content: 'x' }] }, "messages.0.role: Input should be 'user', 'assistant', 'system'"],
    [{ messages: [{ role: 'user' }] }, 'messages.0.content: Field required'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages.0.content.0.text: Field required'],
    [{ messages: [{ role: 'user', content: [{ type: 'image' }] }] }, 'messages.0.content.0.source: Field required'],
    [{ tool_choice: { type: 'maybe' } }, "tool_choice.type: Input should be 'auto', 'any', 'tool', 'none'"],
    [{ tools: [{}] }, 'tools.0.name: Field required'],
  ])("is refused in Anthropic's words: %j", (fields, message) => {
    const error = refusal(() =>
      protocol.decode({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'x' }], ...fields }),
    )
    expect(error).toMatchObject({ status: 400, message })
    expect(message.startsWith(`${error.param}:`)).toBe(true)
  })

  it('to count tokens needs no limit', () => {
    expect(decodeCountTokens({ model: 'm', messages: [{ role: 'user', content: 'x' }] })).toMatchObject({ model: 'm' })
  })
})

describe('errors', () => {
  it.each([
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [402, 'billing_error'],
    [403, 'permission_error'],
    [404, 'not_found_error'],
    [405, 'invalid_request_error'],
    [413, 'request_too_large'],
    [422, 'invalid_request_error'],
    [429, 'rate_limit_error'],
    [500, 'api_error'],
    [502, 'api_error'],
    [503, 'overloaded_error'],
    [504, 'timeout_error'],
    [529, 'overloaded_error'],
  ])('of status %i are %s', (status, type) => {
    const error = new ChatError('Oh.', { status, upstreamRequestId: 'req_1' })
    const body = { type: 'error', error: { type, message: 'Oh.' }, request_id: 'req_1' }
    expect(protocol.encodeError(error)).toEqual(body)
    expect(protocol.encodeStreamError(error)).toBe(`event: error\ndata: ${JSON.stringify(body)}\n\n`)
  })

  it.each([
    ['Kiro: Input is too long.', 'prompt is too long: Kiro: Input is too long.'],
    ['Claude: prompt is too long: 3 tokens > 2 maximum', 'Claude: prompt is too long: 3 tokens > 2 maximum'],
    ['input length and `max_tokens` exceed context limit: 2 + 2 > 3', undefined],
  ])('tell of a prompt that does not fit as Anthropic does: %s', (message, told = message) => {
    const error = new ChatError(message, { status: 400, code: 'context_length_exceeded' })
    expect(protocol.encodeError(error)).toMatchObject({ error: { type: 'invalid_request_error', message: told } })
  })

  it("reach Anthropic's own client from within a stream", async () => {
    const text = wire(start()).toString() + protocol.encodeStreamError(new ChatError('Cut.', { status: 502 }))
    await expect(sdkMessage(text)).rejects.toThrow(/api_error.*Cut\./)
  })
})

describe('the tail of a stream', () => {
  const usage = { input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 9 }
  const last = { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage }
  const counted = { input: 7, output: 9, cachedInput: 4 }

  it.each<[string, string, object]>([
    [
      'whole',
      wire(last, { type: 'message_stop' }).toString(),
      { complete: true, ended: true, append: '', usage: counted, finish: ['end_turn'] },
    ],
    [
      'whole, cut within its first line',
      wire(last, { type: 'message_stop' }).toString().slice(20),
      { complete: true, append: '' },
    ],
    [
      'without its last blank line',
      wire({ type: 'message_stop' }).toString().trimEnd(),
      { complete: true, append: '\n\n' },
    ],
    [
      'with a ping after it',
      wire({ type: 'message_stop' }, { type: 'ping' }).toString(),
      { complete: true, append: '' },
    ],
    [
      'an error',
      wire({ type: 'error', error: {} }).toString(),
      { complete: true, ended: true, failed: true, append: '' },
    ],
    [
      'without message_stop',
      wire(last).toString(),
      { complete: true, append: 'event: message_stop\ndata: {"type":"message_stop"}\n\n' },
    ],
    ['cut', wire(delta(0, { type: 'text_delta', text: 'x' })).toString(), { complete: false, append: '' }],
    ['cut within an event', wire(last).toString().slice(0, 60), { complete: false, append: '' }],
    ['empty', '', { complete: false, append: '' }],
  ])('%s', (_, text, expected) => expect(protocol.inspectTail(text)).toMatchObject(expected))
})
