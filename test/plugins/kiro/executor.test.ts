import { describe, expect, it } from 'vitest'
import type { ChatMessage } from '../../../src/core/chat/index.ts'
import type { UpstreamFetch, UpstreamRequestInit } from '../../../src/core/upstream/fetch.ts'
import type { ScriptFailure } from '../../../src/testing/script.ts'
import { eventFrame } from '../../upstreams/kiro-frames.ts'
import { ask, at, chatOf, fakeKiro, key, login, send, settings } from './support.ts'

/** Where a request would go, and with what. */
async function sent(...args: [credential: Parameters<typeof send>[1], config?: object]) {
  const calls: { url: string; init: UpstreamRequestInit }[] = []
  const fetch: UpstreamFetch = async (url, init = {}) => {
    calls.push({ url: String(url), init })
    return new Response('')
  }
  await send(chatOf('Hi'), args[0], settings(args[1]), fetch)
  const [call] = calls
  if (!call) throw new Error('nothing was sent')
  return {
    url: call.url,
    headers: call.init.headers,
    body: JSON.parse(String(call.init.body)) as Record<string, unknown>,
  }
}

describe('requests go', () => {
  const arn = (region: string) => `arn:aws:codewhisperer:${region}:000000000000:profile/TESTTESTTEST`
  it.each<[string, Record<string, string>, string]>([
    ['us-east-1 unless something else is known', {}, 'https://runtime.us-east-1.kiro.dev/generateAssistantResponse'],
    [
      'the login’s region',
      { region: 'eu-central-1' },
      'https://runtime.eu-central-1.kiro.dev/generateAssistantResponse',
    ],
    [
      'the profile’s region first',
      { region: 'ap-south-1', profile_arn: arn('eu-central-1') },
      'https://runtime.eu-central-1.kiro.dev/generateAssistantResponse',
    ],
    [
      'where a Builder ID is served',
      { region: 'ap-south-1', auth_method: 'builder-id' },
      'https://runtime.us-east-1.kiro.dev/generateAssistantResponse',
    ],
    ['to GovCloud', { region: 'us-gov-west-1' }, 'https://runtime.us-gov-west-1.kiro.dev/generateAssistantResponse'],
  ])('to %s', async (_name, metadata, url) => {
    expect((await sent(login(metadata))).url).toBe(url)
  })

  it('where config says, for logins and keys apart', async () => {
    const config = { base_url: 'https://a.example/x', oauth_base_url: 'https://b.example' }
    expect((await sent(key, config)).url).toBe('https://a.example/x/generateAssistantResponse')
    expect((await sent({ ...key, baseUrl: 'https://c.example' }, config)).url).toBe(
      'https://c.example/generateAssistantResponse',
    )
    expect((await sent(login(), config)).url).toBe('https://b.example/generateAssistantResponse')
    expect((await sent(key)).url).toBe('https://runtime.us-east-1.kiro.dev/generateAssistantResponse')
  })

  it('to no host that a region makes up', async () => {
    for (const region of ['evil.example/', 'us-east-1.evil.example#', '']) {
      const error = expect.objectContaining({ status: 400 }) as Error
      if (region !== '') await expect(sent(login({ region }))).rejects.toThrow(error)
      await expect(sent(login({ profile_arn: `arn:aws:codewhisperer:x.${region}y:0:p` }))).rejects.toThrow(error)
    }
  })

  it('with the token, and the profile of a login', async () => {
    const { headers, body } = await sent(login())
    expect(headers).toEqual({
      'content-type': 'application/json',
      accept: 'application/vnd.amazon.eventstream',
      'x-amz-target': 'AmazonCodeWhispererStreamingService.GenerateAssistantResponse',
      'x-amzn-codewhisperer-optout': 'true',
      authorization: 'Bearer kiro-token',
    })
    expect(body['profileArn']).toBe(arn('us-east-1'))
    expect((await sent(login({ auth_method: 'builder-id' }))).body['profileArn']).toMatch(/AAAACCCCXXXX$/)
    expect((await sent(login({ auth_method: 'idc' }))).body).not.toHaveProperty('profileArn')
    const own = await sent(login({ auth_method: 'external_idp', profile_arn: arn('us-east-1') }))
    expect(own.headers).toEqual({ ...headers, tokentype: 'EXTERNAL_IDP' })
  })

  it('with a key, which is marked as one', async () => {
    const { headers, body } = await sent(key)
    expect(headers).toMatchObject({ authorization: 'Bearer ksk_test', tokentype: 'API_KEY' })
    expect(body).not.toHaveProperty('profileArn')
  })
})

describe('Kiro answers', () => {
  it.each([
    ['a login', login()],
    ['a key', key],
  ])('%s', async (_name, credential) => {
    const fake = await fakeKiro()
    fake.say({ steps: [{ text: ['Hel', 'lo, 世界 👋'] }], usage: { input: 9, output: 4, cachedInput: 3 } })
    expect(await ask(chatOf('Hi'), credential, at(fake))).toEqual({
      model: 'claude-opus-4.6',
      choices: [{ content: [{ type: 'text', text: 'Hello, 世界 👋' }], finishReason: 'stop', native: 'END_TURN' }],
      usage: {
        input: 9,
        output: 4,
        cachedInput: 3,
        cacheWrite: 0,
        extra: {
          contextUsagePercentage: 2.168,
          meteringEvent: { unit: 'credit', unitPlural: 'credits', usage: 0.26 },
        },
      },
    })
  })

  it('the same byte by byte', async () => {
    const fake = await fakeKiro()
    fake.chunking = { size: 1 }
    fake.say({
      steps: [
        { reasoning: ['Ü', 'ber'], signature: 's' },
        { text: 'é👋' },
        { toolCall: { id: 't1', name: 'look', arguments: ['{"q":', '"ß"}'] } },
        { toolCall: { id: 't2', name: 'look', arguments: '{}' } },
      ],
    })
    const { choices } = await ask(chatOf('Hi'), key, at(fake))
    expect(choices).toEqual([
      {
        content: [
          { type: 'reasoning', text: 'Über', signature: 'kiro.s', format: 'unknown' },
          { type: 'text', text: 'é👋' },
          { type: 'tool-call', id: 't1', name: 'look', kind: 'function', arguments: '{"q":"ß"}' },
          { type: 'tool-call', id: 't2', name: 'look', kind: 'function', arguments: '{}' },
        ],
        finishReason: 'tool_calls',
        native: 'TOOL_USE',
      },
    ])
  })

  it('with tools and reasoning over turns', async () => {
    const fake = await fakeKiro()
    const tools = [{ type: 'function' as const, name: 'look', description: 'Looks.' }]
    fake.say({
      steps: [{ reasoning: 'Hm.', signature: 'sig' }, { toolCall: { id: 't1', name: 'look', arguments: '{"q":1}' } }],
    })
    fake.say({ steps: [{ text: 'Found.' }] })
    const question = chatOf('Hi', { tools })
    const first = await ask(question, login(), at(fake))
    const messages: ChatMessage[] = [
      ...question.messages,
      { role: 'assistant', content: first.choices[0]?.content ?? [] },
      { role: 'tool', toolCallId: 't1', content: [{ type: 'text', text: 'there' }] },
    ]
    const second = await ask(chatOf(messages, { tools }), login(), at(fake))
    expect(second.choices[0]?.content).toEqual([{ type: 'text', text: 'Found.' }])
    expect(fake.requests[1]?.json).toMatchObject({
      conversationState: {
        history: [
          {},
          {
            assistantResponseMessage: {
              toolUses: [{ toolUseId: 't1', name: 'look', input: { q: 1 } }],
              reasoningContent: { reasoningText: { text: 'Hm.', signature: 'sig' } },
            },
          },
        ],
      },
    })
  })

  it('without the reasoning that another account was given', async () => {
    const fake = await fakeKiro()
    const messages: ChatMessage[] = [
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm.', signature: 'kiro.foreign' },
          { type: 'text', text: 'b' },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'c' }] },
    ]
    const { choices } = await ask(chatOf(messages), key, at(fake))
    expect(choices[0]?.content).toEqual([{ type: 'text', text: 'Hello, world.' }])
    expect(fake.requests).toHaveLength(2)
    expect(fake.requests[0]?.text).toContain('foreign')
    expect(fake.requests[1]?.text).not.toContain('reasoningContent')
    // Any other refusal is told as it is.
    fake.say({ steps: [{ reasoning: 'Hm.', signature: 'foreign' }] })
    await ask(chatOf('Hi'), key, at(fake))
    fake.fail({ kind: 'context_length' })
    await expect(ask(chatOf(messages), key, at(fake))).rejects.toMatchObject({ code: 'context_length_exceeded' })
    expect(fake.requests).toHaveLength(4)
  })

  it('with a refusal, a limit or nothing at all', async () => {
    const fake = await fakeKiro()
    fake.say({ steps: [{ refusal: 'No.' }] })
    fake.say({ steps: [{ text: 'cut' }], finish: 'length' })
    fake.say({ steps: [], finish: 'content_filter' })
    fake.say({ steps: [] })
    const reasons = []
    for (let index = 0; index < 4; index++) {
      const { choices } = await ask(chatOf('Hi'), key, at(fake))
      reasons.push(choices[0]?.finishReason)
    }
    expect(reasons).toEqual(['refusal', 'length', 'content_filter', 'stop'])
  })

  // What Claude Code asks before a tool may run, with the word that ends the verdict.
  it('up to a stop sequence, which Kiro is not told of', async () => {
    const fake = await fakeKiro()
    fake.say({ steps: [{ text: ['<blo', 'ck>no</', 'block><reason>Harmless.'] }] })
    const { choices } = await ask(chatOf('May it run?', { stop: ['</block>'] }), key, at(fake))
    expect(choices[0]).toMatchObject({
      content: [{ type: 'text', text: '<block>no' }],
      finishReason: 'stop',
      stopSequence: '</block>',
    })
  })

  it('that it knows neither stranger nor model', async () => {
    const fake = await fakeKiro({ models: ['auto'] })
    const stranger = login({ profile_arn: 'arn:aws:codewhisperer:us-east-1:1:profile/X' })
    await expect(ask(chatOf('Hi'), stranger, at(fake))).rejects.toMatchObject({ status: 401 })
    await expect(ask(chatOf('Hi'), login({}), at(fake))).rejects.toThrow('profileArn is required')
    await expect(ask(chatOf('Hi'), key, at(fake))).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
    const { choices } = await ask(chatOf('Hi', { model: 'kiro-default' }), key, at(fake))
    expect(choices[0]?.finishReason).toBe('stop')
  })
})

describe('Kiro fails', () => {
  const FAILURES: [ScriptFailure['kind'], object][] = [
    ['invalid_request', { status: 400, type: 'invalid_request_error' }],
    ['invalid_key', { status: 401, type: 'authentication_error' }],
    ['forbidden', { status: 403, type: 'permission_error' }],
    ['not_found', { status: 404, type: 'not_found_error', code: 'model_not_found' }],
    ['too_large', { status: 400, code: 'context_length_exceeded' }],
    ['context_length', { status: 400, code: 'context_length_exceeded', param: 'messages' }],
    ['rate_limit', { status: 429, type: 'rate_limit_error', retryAfter: 7 }],
    ['quota', { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' }],
    ['server_error', { status: 500, type: 'server_error' }],
    ['overloaded', { status: 503, type: 'overloaded_error' }],
  ]

  it.each(FAILURES)('before its answer: %s', async (kind, expected) => {
    const fake = await fakeKiro()
    fake.fail({ kind, ...('retryAfter' in expected && { retryAfter: 7 }) })
    const error: unknown = await ask(chatOf('Hi'), key, at(fake)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ ...expected, provider: 'kiro', upstreamRequestId: expect.stringMatching(/^0{8}-/) })
  })

  it.each(FAILURES)('within its answer: %s', async (kind, expected) => {
    const fake = await fakeKiro()
    fake.say({ steps: [{ text: 'so far' }, { error: { kind, ...('retryAfter' in expected && { retryAfter: 7 }) } }] })
    await expect(ask(chatOf('Hi'), key, at(fake))).rejects.toMatchObject({ ...expected, provider: 'kiro' })
  })

  it('by a stream that ends early, or is damaged', async () => {
    const fake = await fakeKiro()
    fake.say({ steps: [{ text: 'so far' }, { end: true }] })
    await expect(ask(chatOf('Hi'), key, at(fake))).rejects.toMatchObject({ code: 'upstream_bad_answer' })
    fake.say({ steps: [{ text: 'so far' }, { cut: true }] })
    await expect(ask(chatOf('Hi'), key, at(fake))).rejects.toThrow()
    const damaged = eventFrame('assistantResponseEvent', { content: 'x' })
    damaged[20] = 0
    fake.say({ steps: [{ raw: damaged }] })
    await expect(ask(chatOf('Hi'), key, at(fake))).rejects.toMatchObject({ code: 'upstream_bad_answer' })
  })
})
