import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { geminiGenerateContent } from '../../../../src/core/protocols/gemini/index.ts'
import { chatOf, decode, decodeBytes, fold, message, sse } from './support.ts'
import type { Json } from './support.ts'

const translator = geminiGenerateContent()
const choice = (messages: unknown[]) => fold(decode(messages)).choices[0]

describe('an answer', () => {
  it('is read part by part', () => {
    const events = decode([
      message([{ text: 'Hm', thought: true }]),
      message([{ text: '.', thought: true }]),
      message([{ text: 'Yes' }]),
      message([{ functionCall: { id: 'c', name: 'f', args: { a: [1] } }, thoughtSignature: 'c2ln' }]),
      {
        ...message([{ text: '' }], { finishReason: 'STOP' }),
        usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2, thoughtsTokenCount: 3, totalTokenCount: 10 },
      },
    ])
    expect(events).toEqual([
      { type: 'start', id: 'r', model: 'm' },
      { type: 'reasoning', index: 0, text: 'Hm', format: 'google-gemini-v1' },
      { type: 'reasoning', index: 0, text: '.', format: 'google-gemini-v1' },
      { type: 'text', text: 'Yes' },
      { type: 'reasoning', index: 1, text: '', signature: 'c2ln', id: 'c', format: 'google-gemini-v1' },
      { type: 'tool-call', index: 0, id: 'c', name: 'f', kind: 'function' },
      { type: 'tool-call-delta', index: 0, arguments: '{"a":[1]}' },
      { type: 'usage', usage: { input: 5, output: 5, reasoning: 3 } },
      { type: 'finish', reason: 'tool_calls', native: 'STOP' },
    ])
  })

  it('may be whole, or a list', () => {
    const whole = message([{ text: 'Hi' }], { finishReason: 'STOP' })
    expect(translator.answer?.(whole)).toEqual(decode([whole]))
    expect(translator.answer?.([message([{ text: 'Hi' }]), message([], { finishReason: 'STOP' })])).toEqual(
      decode([whole]),
    )
  })

  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['CONTINUATION', 'length'],
    ...[
      'SAFETY',
      'RECITATION',
      'BLOCKLIST',
      'PROHIBITED_CONTENT',
      'SPII',
      'IMAGE_SAFETY',
      'MODEL_ARMOR',
      'ESCALATION',
    ].map((word) => [word, 'content_filter']),
    ...['LANGUAGE', 'OTHER', 'MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'NEW_WORD'].map((word) => [
      word,
      'error',
    ]),
  ])('ends with %s as %s', (finishReason, reason) => {
    expect(choice([message([], { finishReason })])).toMatchObject({ finishReason: reason, native: finishReason })
  })

  it('that never says why it ends has no end', () => {
    expect(decode([message([{ text: 'a' }], { finishReason: 'FINISH_REASON_UNSPECIFIED' })]).at(-1)).toMatchObject({
      type: 'text',
    })
  })

  it('may end with every message, and does once', () => {
    const events = decode([
      message([{ text: 'a' }], { finishReason: 'STOP' }),
      message([{ text: 'b' }], { finishReason: 'STOP' }),
    ])
    expect(events.filter(({ type }) => type === 'finish')).toHaveLength(1)
    expect(fold(events).choices[0]?.content).toEqual([{ type: 'text', text: 'ab' }])
  })

  it('to a refused prompt is filtered', () => {
    const promptFeedback = { blockReason: 'PROHIBITED_CONTENT', safetyRatings: [] }
    expect(choice([{ promptFeedback, modelVersion: 'm' }])).toEqual({
      content: [],
      finishReason: 'content_filter',
      native: 'PROHIBITED_CONTENT',
      extra: { promptFeedback },
    })
  })

  it('may be several, with log probabilities', () => {
    const token = { token: 'a', logProbability: -0.5 }
    const logprobsResult = { chosenCandidates: [token], topCandidates: [{ candidates: [token] }] }
    const candidates = [0, 1].map((index) => ({
      index,
      content: { parts: [{ text: `t${index}` }] },
      finishReason: 'STOP',
      logprobsResult,
    }))
    const { choices } = fold(decode([{ candidates }]))
    expect(choices.map(({ content }) => content)).toEqual([
      [{ type: 'text', text: 't0' }],
      [{ type: 'text', text: 't1' }],
    ])
    expect(choices[1]?.logprobs?.content).toEqual([
      { token: 'a', logprob: -0.5, bytes: [97], top_logprobs: [{ token: 'a', logprob: -0.5, bytes: [97] }] },
    ])
  })

  it('keeps images, grounding and parts of Gemini’s own', () => {
    const image = { inlineData: { mimeType: 'image/png', data: 'QQ==' } }
    const code = { executableCode: { language: 'PYTHON', code: '1' } }
    expect(
      choice([message([image, code, image], { groundingMetadata: { a: 1 }, finishReason: 'STOP' })])?.extra,
    ).toEqual({
      images: Array(2).fill({ type: 'image_url', image_url: { url: 'data:image/png;base64,QQ==' } }) as unknown,
      parts: [code],
      groundingMetadata: { a: 1 },
    })
  })

  it('calls tools that take free text by their text', () => {
    const chat = chatOf({ tools: [{ type: 'custom', name: 'patch' }] })
    const part = { functionCall: { name: 'patch', args: { input: '*** x' } } }
    const [found] =
      fold(decode([message([part], { finishReason: 'STOP' })], translator, chat)).choices[0]?.content ?? []
    expect(found).toMatchObject({ type: 'tool-call', kind: 'custom', arguments: '*** x' })
  })

  it('is unwrapped where it comes in an envelope', () => {
    const wrapped = geminiGenerateContent({ format: 'x', wrapped: true })
    const { responseId: _, ...response } = message([{ text: 'a' }], { finishReason: 'STOP' })
    const answer = fold(decode([{ response, traceId: 't' }, { remainingCredits: [] }], wrapped))
    expect(answer).toMatchObject({ id: 't', choices: [{ content: [{ text: 'a' }], finishReason: 'stop' }] })
  })

  it('is the same however its bytes are cut', () => {
    const bytes = sse([
      message([{ text: 'Grüße 🦊', thought: true }]),
      message([{ text: 'straße\n\ndata: x' }]),
      message([{ functionCall: { id: 'c', name: 'f', args: { q: '日本' } }, thoughtSignature: 'c2ln' }], {
        finishReason: 'STOP',
      }),
    ])
    const whole = decodeBytes(bytes)
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.byteLength)), (cuts) => {
        expect(decodeBytes(bytes, cuts)).toEqual(whole)
      }),
    )
    expect(decodeBytes(bytes, [...bytes.keys()])).toEqual(whole)
  })
})

describe('an error within an answer', () => {
  const error = {
    code: 429,
    message: 'You exceeded your current quota.',
    status: 'RESOURCE_EXHAUSTED',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
        violations: [{ quotaId: 'GenerateRequestsPerDayPerProject' }],
      },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '51.5s' },
    ],
  }
  // Midnight in California, where the 51.5 s are those of another quota.
  const expected = { status: 429, type: 'insufficient_quota', code: 'insufficient_quota', retryAfter: 5 * 3600 + 30 }
  beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 10, 29, 2, 59, 30), toFake: ['Date'] }))
  afterEach(() => void vi.useRealTimers())

  it('is thrown, as an event and as bare JSON over several lines', () => {
    expect(() => decode([message([{ text: 'a' }]), { error }])).toThrow(expect.objectContaining(expected) as Error)
    const bare = Buffer.concat([sse([message([{ text: 'a' }])]), Buffer.from(JSON.stringify({ error }, null, 2))])
    expect(() => decodeBytes(bare)).toThrow(expect.objectContaining(expected) as Error)
    expect(() => decodeBytes(bare, [...bare.keys()])).toThrow(expect.objectContaining(expected) as Error)
  })

  it('is what else it cannot be', () => {
    expect(() => decodeBytes(Buffer.from('data: {"a\n\n'))).toThrow('no JSON')
    expect(() => translator.answer?.('text')).toThrow('no JSON object')
  })
})

describe('an error answer', () => {
  const info = (reason: string, more: Json[] = []) => [
    { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason },
    ...more,
  ]
  it('tells when a quota is back, as Code Assist has it', () => {
    const waits = (metadata: Json, ...more: Json[]) => {
      const details = [
        { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'QUOTA_EXHAUSTED', metadata },
        ...more,
      ]
      const body = { error: { code: 429, message: 'm', status: 'RESOURCE_EXHAUSTED', details } }
      return translator.error?.(body, 429, new Headers())?.retryAfter
    }
    expect(waits({ quotaResetDelay: '1h16m0.5s' })).toBe(4560.5)
    expect(waits({ quotaResetDelay: '373.8ms' })).toBeCloseTo(0.3738)
    const soon = new Date(Date.now() + 90_000).toISOString()
    expect(waits({ quotaResetTimeStamp: soon })).toBeGreaterThan(60)
    const retry = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3s' }
    expect(waits({ quotaResetDelay: '9s' }, retry)).toBe(3)
  })

  it.each<[string, Json | Json[], Json]>([
    [
      'a wrong key',
      { code: 400, message: 'API key not valid.', details: info('API_KEY_INVALID') },
      { status: 401, code: 'invalid_api_key' },
    ],
    [
      'a key whose project has no free tier',
      {
        code: 400,
        message: 'Gemini API free tier is not available in your country. Please enable billing.',
        status: 'FAILED_PRECONDITION',
      },
      { status: 403, type: 'permission_error', code: 'failed_precondition' },
    ],
    [
      'a file that is not ready, which is no fault of the key',
      { code: 400, message: 'The File abc is not in an ACTIVE state.', status: 'FAILED_PRECONDITION' },
      { status: 400, code: 'failed_precondition' },
    ],
    [
      'a limit a minute',
      { code: 429, message: 'Please retry in 900ms.', status: 'RESOURCE_EXHAUSTED' },
      { type: 'rate_limit_error', retryAfter: 0.9 },
    ],
    [
      'a quota that resets',
      { code: 429, message: 'Your quota will reset after 2h1m5s.', details: info('QUOTA_EXHAUSTED') },
      { type: 'insufficient_quota', retryAfter: 7265 },
    ],
    ['no quota at all', { code: 429, message: 'Quota exceeded, limit: 0' }, { type: 'insufficient_quota' }],
    [
      'no capacity',
      { code: 429, message: 'x', details: info('MODEL_CAPACITY_EXHAUSTED') },
      { status: 503, type: 'overloaded_error' },
    ],
    [
      'a field',
      {
        code: 400,
        message: 'x',
        status: 'INVALID_ARGUMENT',
        details: [{ '@type': '…/google.rpc.BadRequest', fieldViolations: [{ field: 'tools[0]' }] }],
      },
      { param: 'tools[0]', code: 'invalid_argument' },
    ],
    [
      'an account to verify',
      {
        code: 403,
        message: 'Verify.',
        details: info('VALIDATION_REQUIRED', [{ ' @type': '…google.rpc.Help', links: [{ url: 'https://v.example' }] }]),
      },
      { message: 'Verify. Verify the account: https://v.example', code: 'validation_required' },
    ],
    [
      'the error of a layer below',
      { message: JSON.stringify({ error: { code: 404, message: 'gone' } }), code: 500 },
      { status: 404, message: 'gone' },
    ],
  ])('tells of %s', (_name, error, expected) => {
    expect(translator.error?.({ error }, 400, new Headers())).toMatchObject(expected)
    expect(translator.error?.([{ error }], 400, new Headers())).toMatchObject(expected)
  })

  it('may be unreadable', () => {
    expect(translator.error?.('<html>', 502, new Headers())).toBeUndefined()
    expect(translator.error?.({}, 502, new Headers())).toBeUndefined()
  })
})
