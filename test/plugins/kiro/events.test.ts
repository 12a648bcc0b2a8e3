import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../../src/core/chat/index.ts'
import { KiroEvents } from '../../../src/plugins/kiro/events.ts'
import { fold } from '../../core/protocols/support.ts'

type WireEvent = [event: string, payload: unknown]

const text = (content: string, more = {}): WireEvent => ['assistantResponseEvent', { content, ...more }]
const reason = (payload: unknown): WireEvent => ['reasoningContentEvent', payload]
const tool = (payload: object): WireEvent => ['toolUseEvent', { toolUseId: 't1', name: 'look', ...payload }]
const stop = (stopReason: string, more = {}): WireEvent => ['metadataEvent', { stopReason, ...more }]

function events(...wire: WireEvent[]): ChatEvent[] {
  const decoder = new KiroEvents()
  const pushed = wire.flatMap(([event, payload]) => decoder.push({ event, data: JSON.stringify(payload) }))
  return [...pushed, ...decoder.end()]
}

const answer = (...wire: WireEvent[]) => fold(events(...wire))
const content = (...wire: WireEvent[]) => answer(...wire, stop('END_TURN')).choices[0]?.content

describe('events of an answer', () => {
  it.each(['__proto__', 'constructor', 'toString'])(
    'that byok does not know are kept, whatever they are called: %s',
    (name) => {
      const extra = answer([name, { a: 1 }], [name, { a: 2 }], text('Hi'), stop('END_TURN')).choices[0]?.extra
      expect(Object.entries(extra ?? {})).toContainEqual([name, [{ a: 1 }, { a: 2 }]])
      expect(({} as Record<string, unknown>)['a']).toBeUndefined()
    },
  )

  it('begin with the model that answers, and end with why it stopped', () => {
    const wire = [
      ['initial-response', { conversationId: '' }],
      text('Hel', { modelId: 'claude-opus-5.5' }),
      text('lo'),
      stop('END_TURN'),
    ] satisfies WireEvent[]
    expect(events(...wire)).toEqual([
      { type: 'start', model: 'claude-opus-5.5' },
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
      { type: 'finish', reason: 'stop', native: 'END_TURN' },
    ])
  })

  it.each([
    ['END_TURN', 'stop'],
    ['TOOL_USE', 'tool_calls'],
    ['MAX_TOKENS', 'length'],
    ['MODEL_CONTEXT_WINDOW_EXCEEDED', 'length'],
    ['CONTENT_FILTERED', 'content_filter'],
    ['PAUSE_TURN', 'pause'],
    ['UNKNOWN', 'error'],
    ['SOMETHING_NEW', 'stop'],
  ])('read %s as %s', (native, reason) => {
    expect(events(text('a'), stop(native)).at(-1)).toEqual({ type: 'finish', reason, native })
  })

  it('read the end of a turn with calls as tool_calls, whatever Kiro calls it', () => {
    expect(answer(tool({ stop: true }), stop('END_TURN')).choices[0]?.finishReason).toBe('tool_calls')
    expect(answer(tool({ stop: true }), stop('MAX_TOKENS')).choices[0]?.finishReason).toBe('length')
  })

  it('finish an answer with nothing in it', () => {
    expect(events(stop('END_TURN'))).toEqual([
      { type: 'start' },
      { type: 'finish', reason: 'stop', native: 'END_TURN' },
    ])
  })

  it('finish an older answer, which ends with its credits alone', () => {
    expect(answer(text('hi'), ['meteringEvent', { unit: 'credit', usage: 0.2 }]).choices[0]?.finishReason).toBe('stop')
  })

  it('finish an answer that just ends, and one that says so by itself', () => {
    expect(answer(text('hi')).choices[0]?.finishReason).toBe('stop')
    expect(answer(tool({ stop: true })).choices[0]?.finishReason).toBe('tool_calls')
    const stopped: WireEvent = ['messageStopEvent', { stopReason: 'MAX_TOKENS' }]
    expect(answer(text('hi'), stopped).choices[0]?.finishReason).toBe('length')
  })

  it.each<[string, WireEvent[]]>([
    ['reasoning alone', [['reasoningContentEvent', { text: 'Hm' }]]],
    ['no event at all', []],
    ['a call that is still open', [tool({ input: '{"a":' }), ['meteringEvent', { usage: 1 }]]],
  ])('leave an answer with %s unfinished, which byok reports as cut', (_name, wire) => {
    expect(events(...wire).some((event) => event.type === 'finish')).toBe(false)
  })

  it('finish a call that the limit cut short', () => {
    expect(answer(tool({ input: '{"a":' }), stop('MAX_TOKENS')).choices[0]?.finishReason).toBe('length')
  })

  it('read a refusal with its words', () => {
    const stopDetails = { refusal: { category: 'OTHER', explanation: 'I will not.' } }
    expect(answer(stop('CONTENT_FILTERED', { stopDetails })).choices[0]).toEqual({
      content: [{ type: 'refusal', refusal: 'I will not.' }],
      finishReason: 'refusal',
      native: 'CONTENT_FILTERED',
      extra: { stopDetails },
    })
  })

  it('keep what they have no word for', () => {
    const reference = { references: [{ repository: 'a/b' }] }
    const wire: WireEvent[] = [text('x'), ['codeReferenceEvent', reference], ['codeReferenceEvent', { references: [] }]]
    expect(answer(...wire, stop('END_TURN')).choices[0]?.extra).toEqual({
      codeReferenceEvent: [reference, { references: [] }],
    })
  })
})

describe('text', () => {
  it('joins fragments, equal ones too', () => {
    expect(content(text('ha'), text('ha'), text(' 1'), text('10'))).toEqual([{ type: 'text', text: 'haha 110' }])
  })

  it('takes from a snapshot only what it adds', () => {
    const all = 'The quick brown fox jumps over the lazy dog.'
    const wire = [24, 30, 30, 44].map((length) => text(all.slice(0, length)))
    expect(content(...wire)).toEqual([{ type: 'text', text: all }])
  })

  it('takes it for a snapshot after any number of fragments', () => {
    const fragments = Array.from({ length: 200 }, (_, index) => `${index} `)
    const all = fragments.join('')
    const wire = [...fragments, `${all}and `, `${all}and all.`, 'More.'].map((piece) => text(piece))
    expect(content(...wire)).toEqual([{ type: 'text', text: `${all}and all.More.` }])
  })

  it('is what was sent, however it was cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 12 }), (pieces) => {
        const joined = pieces.join('')
        // Pieces that begin with all before them, at length, are snapshots by definition.
        fc.pre(
          !pieces.some((piece, at) => at > 0 && piece.startsWith(pieces.slice(0, at).join('')) && piece.length > 24),
        )
        const said = content(...pieces.map((piece) => text(piece)))
        expect(said).toEqual(joined === '' ? [] : [{ type: 'text', text: joined }])
      }),
    )
  })
})

describe('tool calls', () => {
  it('come in fragments, in parallel, with the text around them', () => {
    const wire = [
      text('Looking.'),
      tool({}),
      tool({ input: '' }),
      tool({ input: '{"q":' }),
      tool({ toolUseId: 't2', name: 'read', input: '{"p":1}' }),
      tool({ input: '"é"}' }),
      tool({ stop: true }),
      tool({ toolUseId: 't2', name: 'read', stop: true }),
    ]
    expect(content(...wire)).toEqual([
      { type: 'text', text: 'Looking.' },
      { type: 'tool-call', id: 't1', name: 'look', kind: 'function', arguments: '{"q":"é"}' },
      { type: 'tool-call', id: 't2', name: 'read', kind: 'function', arguments: '{"p":1}' },
    ])
  })

  it.each<[string, object[], string]>([
    ['none', [{}, { stop: true }], '{}'],
    ['an empty object before fragments', [{ input: {} }, { input: '{"a":1}' }, { stop: true }], '{"a":1}'],
    ['an object', [{ input: { a: 1 }, stop: true }], '{"a":1}'],
    [
      'a snapshot',
      [{ input: '{"text":"as long as can be' }, { input: '{"text":"as long as can be!"}', stop: true }],
      '{"text":"as long as can be!"}',
    ],
    [
      'the whole call once more',
      [
        { input: '{"a":1}', stop: true },
        { input: '{"a":1}', stop: true },
      ],
      '{"a":1}',
    ],
  ])('take arguments as %s', (_name, payloads, expected) => {
    expect(content(...payloads.map(tool))).toEqual([
      { type: 'tool-call', id: 't1', name: 'look', kind: 'function', arguments: expected },
    ])
  })

  it.each([
    ['id', { toolUseId: undefined }],
    ['name', { name: undefined }],
  ])('need their %s', (_name, payload) => {
    expect(() => events(tool(payload))).toThrow(expect.objectContaining({ code: 'upstream_bad_answer' }))
  })
})

describe('reasoning', () => {
  it('keeps its proof, marked as Kiro’s own', () => {
    const wire = [reason({ text: 'Let me ' }), reason({ text: 'think.' }), reason({ signature: 'sig==' }), text('42')]
    expect(content(...wire)).toEqual([
      { type: 'reasoning', text: 'Let me think.', signature: 'kiro.sig==', format: 'unknown' },
      { type: 'text', text: '42' },
    ])
  })

  it('is a new piece after a proof, a call, a text, and where it is sealed', () => {
    const wire = [
      reason({ text: 'a', signature: 's1' }),
      reason({ text: 'b' }),
      tool({ stop: true }),
      reason({ text: 'c' }),
      reason({ redactedContent: 'c2VhbGVk' }),
    ]
    const pieces = content(...wire)?.filter((part) => part.type === 'reasoning')
    expect(pieces).toEqual([
      { type: 'reasoning', text: 'a', signature: 'kiro.s1', format: 'unknown' },
      { type: 'reasoning', text: 'b', format: 'unknown' },
      { type: 'reasoning', text: 'c', format: 'unknown' },
      { type: 'reasoning', text: '', encrypted: 'kiro.c2VhbGVk', format: 'unknown' },
    ])
  })
})

describe('usage', () => {
  it('counts as OpenAI does, where Kiro counts', () => {
    const tokenUsage = {
      uncachedInputTokens: 10,
      cacheReadInputTokens: 100,
      cacheWriteInputTokens: 5,
      outputTokens: 7,
      totalTokens: 122,
      contextUsagePercentage: 1.5,
    }
    expect(answer(text('x'), ['metadataEvent', { tokenUsage }], stop('END_TURN')).usage).toEqual({
      input: 115,
      output: 7,
      cachedInput: 100,
      cacheWrite: 5,
      extra: { contextUsagePercentage: 1.5 },
    })
  })

  it('counts nothing where Kiro tells credits and a share of the window only', () => {
    const credits = { unit: 'credit', unitPlural: 'credits', usage: 0.34 }
    const wire: WireEvent[] = [
      text('x'),
      ['meteringEvent', credits],
      ['contextUsageEvent', { contextUsagePercentage: 54.36 }],
    ]
    expect(
      answer(...wire, stop('END_TURN', { tokenUsage: { uncachedInputTokens: 0, outputTokens: 0 } })).usage,
    ).toEqual({
      input: 0,
      output: 0,
      extra: { contextUsagePercentage: 54.36, meteringEvent: credits },
    })
  })
})

describe('errors within a stream', () => {
  it.each([
    [
      'ThrottlingException',
      { message: 'Slow.', reason: null, retryAfterMilliseconds: 1500 },
      { status: 429, type: 'rate_limit_error', retryAfter: 1.5 },
    ],
    [
      'ThrottlingException',
      { message: 'Busy.', reason: 'INSUFFICIENT_MODEL_CAPACITY' },
      { status: 503, type: 'overloaded_error' },
    ],
    [
      'ServiceQuotaExceededException',
      { message: 'Limit.', reason: 'MONTHLY_REQUEST_COUNT' },
      { status: 429, type: 'insufficient_quota' },
    ],
    ['ValidationException', { message: 'Input is too long.' }, { status: 400, code: 'context_length_exceeded' }],
    ['AccessDeniedException', { message: 'No.' }, { status: 403, type: 'permission_error' }],
    ['InternalServerException', { message: 'Oops.' }, { status: 500, type: 'server_error' }],
    ['BrandNewException', { message: 'What?' }, { status: 502, type: 'server_error' }],
  ])('%s becomes a ChatError', (name, payload, expected) => {
    const decoder = new KiroEvents()
    decoder.push({ event: 'assistantResponseEvent', data: '{"content":"so far"}' })
    const push = () => decoder.push({ event: `exception:${name}`, data: JSON.stringify(payload) })
    expect(push).toThrow(
      expect.objectContaining({ ...expected, provider: 'kiro', message: expect.stringContaining(payload.message) }),
    )
  })

  it('reads an exception whose payload is no JSON', () => {
    const push = () => new KiroEvents().push({ event: 'exception:ThrottlingException', data: 'slow down' })
    expect(push).toThrow(expect.objectContaining({ status: 429, message: 'Kiro: slow down' }))
  })

  it('takes the exception for a full answer as its length limit', () => {
    expect(answer(text('long'), ['exception:ContentLengthExceededException', {}]).choices[0]?.finishReason).toBe(
      'length',
    )
  })

  it('refuses an event that is no JSON object', () => {
    for (const data of ['{"content":', '[]', '"x"']) {
      const push = () => new KiroEvents().push({ event: 'assistantResponseEvent', data })
      expect(push).toThrow(expect.objectContaining({ status: 502, code: 'upstream_bad_answer' }))
    }
  })
})
