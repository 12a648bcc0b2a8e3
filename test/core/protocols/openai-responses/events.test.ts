import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChatRequest } from '../../../../src/core/chat/index.ts'
import { openaiChatProtocol } from '../../../../src/core/protocols/openai-chat/index.ts'
import { openaiResponses, openaiResponsesProtocol } from '../../../../src/core/protocols/openai-responses/index.ts'
import { answerOf, decodeStream, sse } from './support.ts'
import type { Json } from './support.ts'

const RESPONSE = {
  id: 'resp_1',
  object: 'response',
  created_at: 1_764_000_000,
  model: 'gpt-5.1-2025-11-13',
  status: 'in_progress',
  error: null,
  output: [],
  usage: null,
}
const USAGE = {
  input_tokens: 36,
  input_tokens_details: { cached_tokens: 12, cache_write_tokens: 0 },
  output_tokens: 87,
  output_tokens_details: { reasoning_tokens: 64 },
  total_tokens: 123,
}

/** A stream as the API reference shows it: reasoning with its summary, text, a function call and a custom one. */
const STREAM = [
  { type: 'response.created', sequence_number: 0, response: RESPONSE },
  { type: 'response.in_progress', sequence_number: 1, response: RESPONSE },
  {
    type: 'response.output_item.added',
    output_index: 0,
    item: { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'gAAAearly' },
  },
  summaryEvent('part.added', 0, { part: { type: 'summary_text', text: '' } }),
  summaryEvent('text.delta', 0, { delta: '**Plan' }),
  summaryEvent('text.delta', 0, { delta: '**' }),
  summaryEvent('text.done', 0, { text: '**Plan**' }),
  summaryEvent('part.added', 1, { part: { type: 'summary_text', text: '' } }),
  summaryEvent('text.delta', 1, { delta: 'Then act 🌍' }),
  {
    type: 'response.output_item.done',
    output_index: 0,
    item: {
      id: 'rs_1',
      type: 'reasoning',
      summary: [
        { type: 'summary_text', text: '**Plan**' },
        { type: 'summary_text', text: 'Then act 🌍' },
      ],
      encrypted_content: 'gAAAwhole',
    },
  },
  {
    type: 'response.output_item.added',
    output_index: 1,
    item: { id: 'msg_1', type: 'message', status: 'in_progress', role: 'assistant', content: [] },
  },
  textEvent('response.content_part.added', { part: { type: 'output_text', text: '', annotations: [] } }),
  textEvent('response.output_text.delta', { delta: 'Héllo', logprobs: [], obfuscation: 'x' }),
  textEvent('response.output_text.delta', { delta: ' wörld', logprobs: [] }),
  textEvent('response.output_text.done', { text: 'Héllo wörld', logprobs: [] }),
  {
    type: 'response.output_item.done',
    output_index: 1,
    item: {
      id: 'msg_1',
      type: 'message',
      status: 'completed',
      role: 'assistant',
      content: [
        {
          type: 'output_text',
          text: 'Héllo wörld',
          annotations: [{ type: 'url_citation', url: 'https://x.test', title: 'X', start_index: 0, end_index: 5 }],
        },
      ],
    },
  },
  call('added', 2, { type: 'function_call', name: 'add', arguments: '', call_id: 'call_a' }),
  { type: 'response.function_call_arguments.delta', output_index: 2, delta: '{"a"' },
  { type: 'response.function_call_arguments.delta', output_index: 2, delta: ':1}' },
  { type: 'response.function_call_arguments.done', output_index: 2, arguments: '{"a":1}', name: 'add' },
  call('done', 2, { type: 'function_call', name: 'add', arguments: '{"a":1}', call_id: 'call_a' }),
  call('done', 3, { type: 'custom_tool_call', name: 'patch', input: '*** Begin', call_id: 'call_b' }),
  { type: 'response.completed', response: { ...RESPONSE, status: 'completed', usage: USAGE } },
]

const ANSWER = {
  id: 'resp_1',
  model: 'gpt-5.1-2025-11-13',
  created: 1_764_000_000,
  usage: {
    input: 36,
    output: 87,
    cachedInput: 12,
    reasoning: 64,
  },
  choices: [
    {
      content: [
        {
          type: 'reasoning',
          text: '**Plan**\n\nThen act 🌍',
          summary: true,
          id: 'rs_1',
          encrypted: 'gAAAwhole',
          format: 'openai-responses-v1',
        },
        { type: 'text', text: 'Héllo wörld' },
        { type: 'tool-call', id: 'call_a', kind: 'function', name: 'add', arguments: '{"a":1}' },
        { type: 'tool-call', id: 'call_b', kind: 'custom', name: 'patch', arguments: '*** Begin' },
      ],
      extra: {
        annotations: [
          {
            type: 'url_citation',
            url_citation: { url: 'https://x.test', title: 'X', start_index: 0, end_index: 5 },
          },
        ],
      },
      finishReason: 'tool_calls',
      native: 'completed',
    },
  ],
}

const bytes = Buffer.from(sse(STREAM))

describe('a stream', () => {
  test('tells each thing once', () => {
    expect(plain(answerOf(decodeStream(bytes)))).toEqual(ANSWER)
  })

  test('however its bytes are cut', () => {
    const whole = decodeStream(bytes)
    for (let size = 1; size <= 64; size++) expect(decodeStream(bytes, size)).toEqual(whole)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: bytes.byteLength }), (size) => {
        expect(decodeStream(bytes, size)).toEqual(whole)
      }),
    )
  })

  test('cut at any byte it is not taken for whole', () => {
    const last = bytes.lastIndexOf('event: response.completed')
    for (let at = 0; at < last; at += 7) {
      const events = decodeLenient(bytes.subarray(0, at))
      expect(events.some(({ type }) => type === 'finish')).toBe(false)
    }
  })

  test('an answer told only by its whole items is told all the same', () => {
    const whole = STREAM.filter(
      ({ type }) => !/delta|part|text|arguments/.test(type) && type !== 'response.output_item.added',
    )
    expect(plain(answerOf(decodeStream(Buffer.from(sse(whole)))))).toEqual(ANSWER)
  })

  test('an answer told by its last event alone is told, and so is what it tells of a call that was begun', () => {
    const output = STREAM.flatMap((event) => ('item' in event && event.type.endsWith('.done') ? [event.item] : []))
    const end = { type: 'response.completed', response: { ...RESPONSE, status: 'completed', usage: USAGE, output } }
    const created = { type: 'response.created', response: RESPONSE }
    expect(plain(answerOf(decodeStream(Buffer.from(sse([created, end])))))).toEqual(ANSWER)

    const begun = call('added', 2, { type: 'function_call', name: 'add', arguments: '', call_id: 'call_a' })
    const { content } = answerOf(decodeStream(Buffer.from(sse([created, begun, end])))).choices[0] ?? {}
    const calls = ANSWER.choices[0]?.content.filter(({ type }) => type === 'tool-call')
    expect(content?.filter(({ type }) => type === 'tool-call')).toEqual(calls)
  })

  test('reasoning in the open is no summary', () => {
    const events = decodeStream(
      Buffer.from(
        sse([
          { type: 'response.created', response: RESPONSE },
          { type: 'response.reasoning_text.delta', output_index: 0, content_index: 0, delta: 'I think' },
          { type: 'response.completed', response: RESPONSE },
        ]),
      ),
    )
    expect(events[1]).toEqual({ type: 'reasoning', index: 0, text: 'I think', format: 'openai-responses-v1' })
  })

  test.each([
    ['max_output_tokens', 'length'],
    ['content_filter', 'content_filter'],
    ['max_messages', 'length'],
    ['steered', 'pause'],
    ['something_new', 'error'],
  ])('incomplete for %s is %s', (reason, expected) => {
    const response = { ...RESPONSE, status: 'incomplete', incomplete_details: { reason } }
    const events = decodeStream(Buffer.from(sse([{ type: 'response.incomplete', response }])))
    expect(events.at(-1)).toEqual({ type: 'finish', reason: expected, native: reason })
  })

  test('a refusal in words ends as one', () => {
    const events = decodeStream(
      Buffer.from(
        sse([
          { type: 'response.created', response: RESPONSE },
          { type: 'response.refusal.delta', output_index: 0, content_index: 0, delta: 'I cannot.' },
          { type: 'response.completed', response: { ...RESPONSE, usage: null } },
        ]),
      ),
    )
    expect(events.slice(1)).toEqual([
      { type: 'refusal', text: 'I cannot.' },
      { type: 'finish', reason: 'refusal', native: 'completed' },
    ])
  })

  test.each<[string, object, object]>([
    [
      'response.failed',
      {
        type: 'response.failed',
        response: { ...RESPONSE, status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Slow down.' } },
      },
      { status: 429, code: 'rate_limit_exceeded', message: 'Slow down.' },
    ],
    [
      'a flat error',
      { type: 'error', code: 'server_error', message: 'Oops.', param: null, sequence_number: 3 },
      { status: 502, code: 'server_error', message: 'Oops.' },
    ],
    [
      'a nested error with its status',
      { type: 'error', status: 400, error: { type: 'invalid_request_error', code: null, message: 'Bad.' } },
      { status: 400, type: 'invalid_request_error', message: 'Bad.' },
    ],
  ])('%s is thrown', (_, event, expected) => {
    expect(() => decodeStream(Buffer.from(sse([event])))).toThrow(expect.objectContaining(expected))
  })

  test('what is no JSON is said to be none', () => {
    expect(() => decodeStream(Buffer.from('data: {"type"\n\n'))).toThrow(expect.objectContaining({ status: 502 }))
  })
})

describe('a whole answer', () => {
  const { answer } = openaiResponses()
  const output = STREAM.flatMap((event) =>
    event.type === 'response.output_item.done' ? [(event as Json)['item'] as unknown] : [],
  )

  test('tells what its stream tells', () => {
    const events = answer?.({ ...RESPONSE, status: 'completed', output, usage: USAGE }) ?? []
    expect(plain(answerOf(events))).toEqual(ANSWER)
  })

  test.each<[string, unknown]>([
    ['text', 'hello'],
    ['a chat completion', { choices: [] }],
    ['a job in the background', { ...RESPONSE, status: 'queued' }],
  ])('%s is no response', (_, body) => {
    expect(() => answer?.(body)).toThrow(expect.objectContaining({ status: 502 }))
  })

  // openai-node `ResponseOutputItem.ImageGenerationCall`.
  test('shows what OpenAI drew to clients of other formats, and leaves the call to those of this one', () => {
    const drawn = ['iVBORw0KGgo=', '/9j/4AAQ'].map((result, at) => ({
      id: `ig_${at}`,
      type: 'image_generation_call',
      status: 'completed',
      output_format: 'png',
      result,
    }))
    const body = { ...RESPONSE, status: 'completed', output: drawn, usage: USAGE }
    const tools = [{ type: 'image_generation' }]
    const context = (chat: ChatRequest) => ({ model: 'm', includeUsage: true, chat })
    const theirs = openaiChatProtocol.decode({ model: 'm', messages: [{ role: 'user', content: 'Draw' }], tools })
    const urls = ['data:image/png;base64,iVBORw0KGgo=', 'data:image/jpeg;base64,/9j/4AAQ']
    const images = urls.map((url) => ({ type: 'image_url', image_url: { url } }))
    expect(openaiChatProtocol.encode(answerOf(answer?.(body, theirs) ?? []), context(theirs))).toMatchObject({
      choices: [{ message: { images } }],
    })
    const own = openaiResponsesProtocol.decode({ model: 'm', input: 'Draw', tools })
    expect(openaiResponsesProtocol.encode(answerOf(answer?.(body, own) ?? []), context(own))).toMatchObject({
      output: drawn,
    })
  })

  test('a failed one is an error', () => {
    const body = { ...RESPONSE, status: 'failed', error: { code: 'server_error', message: 'Oops.' } }
    expect(() => answer?.(body)).toThrow('Oops.')
  })
})

/** Without what is kept for this format alone. */
function plain(answer: object): unknown {
  return JSON.parse(JSON.stringify(answer))
}

function decodeLenient(piece: Uint8Array) {
  try {
    return decodeStream(piece)
  } catch {
    // Half an event.
    return []
  }
}

function summaryEvent(what: string, index: number, fields: object) {
  return {
    type: `response.reasoning_summary_${what}`,
    item_id: 'rs_1',
    output_index: 0,
    summary_index: index,
    ...fields,
  }
}

function textEvent(type: string, fields: object) {
  return { type, item_id: 'msg_1', output_index: 1, content_index: 0, ...fields }
}

function call(what: 'added' | 'done', index: number, item: object) {
  return { type: `response.output_item.${what}`, output_index: index, item: { id: `fc_${index}`, ...item } }
}
