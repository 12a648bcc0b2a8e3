import { createAnthropic } from '@ai-sdk/anthropic'
import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loopsAndStreams } from './ai-sdk.ts'
import { KINDS, serveEveryone, withEveryone } from './providers.ts'
import type { Everyone, Kind } from './providers.ts'

/* The unmodified `@anthropic-ai/sdk`, and `ai` with `@ai-sdk/anthropic`, in front of every kind of provider. */

Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })

let everyone: Everyone
let client: Anthropic

beforeAll(async () => {
  everyone = await serveEveryone({
    models: { 'claude-haiku-*': 'local/gpt-4o', 'claude-opus-5-5': 'codex/gpt-5.3-codex' },
  })
  client = new Anthropic({ baseURL: everyone.url, apiKey: 'unused', authToken: null, maxRetries: 0 })
})
afterAll(() => everyone.close())

const hello: Anthropic.MessageParam[] = [{ role: 'user', content: 'Hello' }]
/** As long as Claude Code's: a hash and two UUIDs in JSON. */
const CLAUDE_CODE_USER = JSON.stringify({ device_id: 'd'.repeat(64), account_uuid: '', session_id: 's'.repeat(36) })
const weather: Anthropic.Tool = {
  name: 'weather',
  description: 'The weather of a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

const everywhere = (Object.keys(KINDS) as Kind[]).flatMap((kind) =>
  [true, false].map((streaming) => ({ kind, streaming })),
)

const create = async (
  streaming: boolean,
  body: Anthropic.MessageCreateParamsNonStreaming,
): Promise<Anthropic.Message> =>
  streaming ? await client.messages.stream(body).finalMessage() : await client.messages.create(body)

describe.each(everywhere)('@anthropic-ai/sdk in front of $kind (streaming: $streaming)', ({ kind, streaming }) => {
  const { model } = KINDS[kind]

  it('gets an answer with usage', async () => {
    const fake = everyone.fakes[kind]
    fake.say({ steps: [{ text: ['Hi ', 'there 🦊'] }], usage: { input: 12, output: 3 } })
    const message = await create(streaming, { model, max_tokens: 100, system: 'Be brief', messages: hello })
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      stop_reason: 'end_turn',
      usage: { input_tokens: 12, output_tokens: 3 },
    })
    expect(message.content.map((block) => (block.type === 'text' ? block.text : block.type)).join('')).toBe(
      'Hi there 🦊',
    )
  })

  it('sends documents without a title', async () => {
    const data = Buffer.from('%PDF-1.4').toString('base64')
    const content: Anthropic.ContentBlockParam[] = [
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'It rains in Bern.' } },
      { type: 'text', text: 'What is it about?' },
    ]
    const asked = create(streaming, { model, max_tokens: 100, messages: [{ role: 'user', content }] })
    if (kind === 'kimi' || kind === 'iflow') await expect(asked).rejects.toThrow(/does not support files/)
    else expect(await asked).toMatchObject({ type: 'message', stop_reason: 'end_turn' })
  })

  it('offers tools whose patterns not every vendor can read', async () => {
    // The first is of Claude Code's tool `Artifact`: raine/claude-code-proxy issue 141.
    const patterns = ['^(?!__.*__$)[^\\p{Cc}\\p{Cf}"\\\\./[\\]]{1,200}$', '^(?<year>\\d{4})$', '^(?!-)[a-z-]+$']
    const properties = Object.fromEntries(patterns.map((pattern, at) => [`p${at}`, { type: 'string', pattern }]))
    const tools = [{ name: 'publish', input_schema: { type: 'object' as const, properties } }]
    const message = await create(streaming, { model, max_tokens: 100, messages: hello, tools })
    expect(message).toMatchObject({ type: 'message', stop_reason: 'end_turn' })
  })

  it('offers tools that tell no properties, or not what is in a list', async () => {
    const list = { type: 'object' as const, properties: { names: { type: 'array' } } }
    const tools = [
      { name: 'now', input_schema: { type: 'object' as const } },
      { name: 'find', input_schema: list },
    ]
    const message = await create(streaming, { model, max_tokens: 100, messages: hello, tools })
    expect(message).toMatchObject({ type: 'message', stop_reason: 'end_turn' })
  })

  it('uses tools over two turns, and says what Claude Code says', async () => {
    const fake = everyone.fakes[kind]
    fake.say({
      steps: [
        { text: 'Let me look.' },
        { toolCall: { id: 'call_1', name: 'weather', arguments: ['{"ci', 'ty":"Rome"}'] } },
        { toolCall: { id: 'call_2', name: 'weather', arguments: '{"city":"Oslo"}' } },
      ],
    })
    const body = {
      model,
      max_tokens: 1000,
      system: [{ type: 'text' as const, text: 'You are a helper', cache_control: { type: 'ephemeral' as const } }],
      tools: [weather],
      metadata: { user_id: CLAUDE_CODE_USER },
      service_tier: 'standard_only' as const,
    }
    const first = await create(streaming, { ...body, messages: hello })
    expect(first.stop_reason).toBe('tool_use')
    const calls = first.content.filter((block) => block.type === 'tool_use')
    expect(calls.map(({ name, input }) => [name, input])).toEqual([
      ['weather', { city: 'Rome' }],
      ['weather', { city: 'Oslo' }],
    ])
    fake.say({ steps: [{ text: 'Sunny and cold' }] })
    const results = calls.map(({ id }, index) => ({
      type: 'tool_result' as const,
      tool_use_id: id,
      content:
        index === 0
          ? 'sunny'
          : [{ type: 'text' as const, text: 'cold', cache_control: { type: 'ephemeral' as const } }],
    }))
    const second = await create(streaming, {
      ...body,
      messages: [...hello, { role: 'assistant', content: first.content }, { role: 'user', content: results }],
    })
    expect(second).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text', text: 'Sunny and cold' }] })
  })

  it('is told of a limit that was met', async () => {
    everyone.fakes[kind].say({ steps: [{ text: 'Hel' }], finish: 'length' })
    expect(await create(streaming, { model, max_tokens: 100, messages: hello })).toMatchObject({
      stop_reason: 'max_tokens',
    })
  })

  it.each([
    ['rate_limit', 429, 'rate_limit_error'],
    ['invalid_request', 400, 'invalid_request_error'],
  ] as const)('is told of %s', (failure, status, type) =>
    withEveryone(async ({ fakes, url }) => {
      fakes[kind].fail({ kind: failure })
      const asker = new Anthropic({ baseURL: url, apiKey: 'unused', authToken: null, maxRetries: 0 })
      const asked = asker.messages.create({ model, max_tokens: 100, messages: hello, stream: streaming })
      const error: unknown = await asked.catch((fault: unknown) => fault)
      expect(error).toBeInstanceOf(Anthropic.APIError)
      expect(error).toMatchObject({ status, error: { type: 'error', error: { type } } })
    }),
  )
})

it.each(Object.keys(KINDS) as Kind[])('a client learns that its prompt is too long for %s', async (kind) => {
  everyone.fakes[kind].fail({ kind: 'context_length' })
  const asked = client.messages.create({ model: KINDS[kind].model, max_tokens: 100, messages: hello })
  await expect(asked).rejects.toThrow(/prompt is too long/)
})

it.each([true, false])('goes on with Claude after a turn of Kimi’s (streaming: %s)', async (streaming) => {
  const asked = { max_tokens: 100, tools: [weather] }
  everyone.fakes.kimi.say({
    steps: [{ text: '\n' }, { toolCall: { id: 'functions.weather:0', name: 'weather', arguments: '{"city":"Rome"}' } }],
  })
  const { content } = await create(streaming, { ...asked, model: KINDS.kimi.model, messages: hello })
  const results = content.flatMap((block): Anthropic.ToolResultBlockParam[] =>
    block.type === 'tool_use' ? [{ type: 'tool_result', tool_use_id: block.id, content: 'sunny' }] : [],
  )
  expect(results).toHaveLength(1)
  const messages: Anthropic.MessageParam[] = [
    ...hello,
    { role: 'assistant', content },
    { role: 'user', content: results },
  ]
  for (const kind of ['claude', 'kimi'] as const) {
    everyone.fakes[kind].say({ steps: [{ text: 'Sunny.' }] })
    const more = await create(streaming, { ...asked, model: KINDS[kind].model, messages })
    expect(more.content).toMatchObject([{ type: 'text', text: 'Sunny.' }])
  }
})

describe.each(Object.keys(KINDS) as Kind[])("byok's id of a request to %s", (kind) => {
  const { model } = KINDS[kind]
  const request = { model, max_tokens: 100, messages: hello }

  it('is where the SDK looks for it, and the one in the log', async () => {
    const logged: string[] = []
    const onlooker = {
      name: 'onlooker',
      hooks: { response: ({ info }: { info: { id: string } }) => void logged.push(info.id) },
    }
    await withEveryone(
      async ({ fakes, url }) => {
        const asker = new Anthropic({ baseURL: url, apiKey: 'unused', authToken: null, maxRetries: 0 })
        for (const text of ['Hi', 'Hello']) fakes[kind].say({ steps: [{ text }] })
        const whole = await asker.messages.create(request)
        const streamed = asker.messages.stream(request)
        await streamed.finalMessage()
        fakes[kind].fail({ kind: 'invalid_request' })
        const refused: unknown = await asker.messages.create(request).catch((fault: unknown) => fault)
        const none: unknown = await asker.messages
          .create({ ...request, model: 'no-such' })
          .catch((fault: unknown) => fault)
        const ids = [whole._request_id, streamed.request_id]
        for (const fault of [refused, none]) {
          if (!(fault instanceof Anthropic.APIError)) throw fault
          expect(fault.error).toMatchObject({ request_id: fault.requestID })
          ids.push(fault.requestID)
        }
        expect(ids).toEqual(logged)
        expect(new Set(ids).size).toBe(4)
        fakes[kind].say({ steps: [{ text: 'Hel' }, { cut: true }] })
        const cut = await asker.messages.create({ ...request, stream: true }).asResponse()
        expect(await cut.text()).toContain(`"request_id":"${cut.headers.get('request-id')}"`)
      },
      { plugins: [onlooker] },
    )
  })
})

describe.each(Object.keys(KINDS) as Kind[])('a stream of %s', (kind) => {
  const { model } = KINDS[kind]

  it('comes in order', async () => {
    everyone.fakes[kind].say({ steps: [{ text: ['a', 'b'] }] })
    const stream = await client.messages.create({ model, max_tokens: 100, messages: hello, stream: true })
    const types: string[] = []
    for await (const { type } of stream) if (types.at(-1) !== type) types.push(type)
    expect(types).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
  })

  it('that is cut throws, after what came', async () => {
    everyone.fakes[kind].say({ steps: [{ text: 'Hel' }, { cut: true }] })
    const stream = await client.messages.create({ model, max_tokens: 100, messages: hello, stream: true })
    let text = ''
    const reading = (async () => {
      for await (const event of stream) {
        if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text
      }
    })()
    await expect(reading).rejects.toBeInstanceOf(Anthropic.APIError)
    expect(text).toBe('Hel')
  })
})

describe.each(Object.keys(KINDS) as Kind[])('ai with @ai-sdk/anthropic in front of %s', (kind) => {
  const { model: id } = KINDS[kind]

  it('runs a tool loop and streams', () =>
    loopsAndStreams(createAnthropic({ baseURL: `${everyone.url}/v1`, apiKey: 'unused' })(id), everyone.fakes[kind]))
})

describe('names and counts', () => {
  it('lists the models in the shape of Anthropic', async () => {
    const ids: string[] = []
    for await (const { type, id } of client.models.list()) if (type === 'model') ids.push(id)
    expect(ids).toContain('claude-opus-5-5')
    expect(await client.models.retrieve('gemini-2.5-flash')).toMatchObject({ type: 'model', id: 'gemini-2.5-flash' })
    await expect(client.models.retrieve('no-such-model')).rejects.toMatchObject({ status: 404 })
  })

  it('lists models page by page, from either end', async () => {
    const { data: all } = await client.models.list()
    const ids = async (query: Anthropic.ModelListParams) => {
      const found: string[] = []
      for await (const { id } of client.models.list(query)) found.push(id)
      return found
    }
    const known = all.map(({ id }) => id)
    expect(await ids({ limit: 7 })).toEqual(known)
    expect(await ids({ limit: 1000 })).toEqual(known)
    const [first = '', , third = '', last = ''] = [...known.slice(0, 3), ...known.slice(-1)]
    expect(await ids({ limit: 2, after_id: third })).toEqual(known.slice(3))
    const before = await client.models.list({ limit: 2, before_id: last })
    expect(before.data.map(({ id }) => id)).toEqual(known.slice(-3, -1))
    expect(before.has_more).toBe(true)
    expect((await client.models.list({ limit: 2, before_id: third })).has_more).toBe(false)
    expect((await client.models.list({ before_id: first })).data).toEqual([])
    for (const query of [{ limit: 0 }, { limit: 1001 }, { after_id: 'no-such-model' }]) {
      await expect(client.models.list(query)).rejects.toMatchObject({ status: 400 })
    }
  })

  it("config's `models` lead Claude's own names elsewhere", async () => {
    everyone.fakes.local.say({ steps: [{ text: 'from local' }] })
    everyone.fakes.codex.say({ steps: [{ text: 'from codex' }] })
    const ask = async (model: string) =>
      (await client.messages.create({ model, max_tokens: 10, messages: hello })).content
    expect(await ask('claude-haiku-4-5-20251001')).toMatchObject([{ text: 'from local' }])
    expect(await ask('claude-opus-5-5')).toMatchObject([{ text: 'from codex' }])
  })

  it.each([
    ['claude', false],
    ['gemini', false],
    ['local', true],
    ['codex', true],
  ] as const)('counts tokens for %s (estimated: %s)', async (kind, estimated) => {
    const { data, response } = await client.messages
      .countTokens({ model: KINDS[kind].model, system: 'Be brief', tools: [weather], messages: hello })
      .withResponse()
    expect(data.input_tokens).toBeGreaterThan(4)
    expect(response.headers.get('x-byok-estimated')).toBe(estimated ? 'true' : null)
    if (kind === 'claude') expect(everyone.fakes.claude.requests.at(-1)?.path).toBe('/v1/messages/count_tokens')
    if (kind === 'gemini') expect(everyone.fakes.gemini.requests.at(-1)?.path).toMatch(/:countTokens$/)
  })

  it('is told what is wrong with a request that is to be counted', async () => {
    const model = 'claude/claude-sonnet-4-5'
    await expect(client.messages.countTokens({ model, messages: [] })).rejects.toMatchObject({ status: 400 })
    await expect(client.messages.countTokens({ model: 'no-such-model', messages: hello })).rejects.toMatchObject({
      status: 404,
    })
  })

  it('answers faults of its own in the shape of Anthropic', async () => {
    const call = async (path: string, init?: RequestInit) => {
      const response = await fetch(`${everyone.url}${path}`, init)
      return { status: response.status, json: await response.json() }
    }
    const post = { method: 'POST', body: JSON.stringify({ model: 'no-such-model', max_tokens: 1, messages: hello }) }
    expect(await call('/v1/messages', post)).toMatchObject({
      status: 404,
      json: { type: 'error', error: { type: 'not_found_error' } },
    })
    expect(await call('/v1/messages')).toMatchObject({
      status: 405,
      json: { type: 'error', error: { type: 'invalid_request_error' } },
    })
    expect(await call('/v1/messages/batches', post)).toMatchObject({
      status: 404,
      json: { type: 'error', error: { type: 'not_found_error' } },
    })
    expect(await call('/v1/messages', { method: 'POST', body: '{' })).toMatchObject({
      status: 400,
      json: { type: 'error' },
    })
  })

  it('lists models and tells of one, in the words of Anthropic', async () => {
    const page = await client.models.list()
    expect(page.data.map(({ id }) => id)).toContain('claude-opus-5-5')
    const { id } = page.data[0] ?? { id: '' }
    expect(await client.models.retrieve(id)).toMatchObject({ type: 'model', id })
    await expect(client.models.retrieve('no-such-model')).rejects.toMatchObject({
      status: 404,
      error: { type: 'error', error: { type: 'not_found_error' } },
    })
    // What no such path answers is for whoever asks, too.
    await expect(client.get('/v1/no/such')).rejects.toMatchObject({ error: { type: 'error' } })
  })

  it('takes `x-api-key` and bearer where it needs a key', async () => {
    const guarded = await serveEveryone({ server: { keys: ['let-me-in'] } })
    try {
      guarded.fakes.local.say({ steps: [{ text: 'in' }] })
      guarded.fakes.local.say({ steps: [{ text: 'in' }] })
      const ask = async (keys: { apiKey: string | null; authToken: string | null }) =>
        await new Anthropic({ baseURL: guarded.url, maxRetries: 0, ...keys }).messages.create({
          model: 'local/gpt-4o',
          max_tokens: 5,
          messages: hello,
        })
      expect(await ask({ apiKey: 'let-me-in', authToken: null })).toMatchObject({ content: [{ text: 'in' }] })
      expect(await ask({ apiKey: null, authToken: 'let-me-in' })).toMatchObject({ content: [{ text: 'in' }] })
      await expect(ask({ apiKey: 'wrong', authToken: null })).rejects.toMatchObject({
        status: 401,
        error: { type: 'error', error: { type: 'authentication_error' } },
      })
    } finally {
      await guarded.close()
    }
  })
})
