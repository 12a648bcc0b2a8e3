import { afterEach, describe, expect, it } from 'vitest'
import { Secret } from '../../../src/core/secrets/secret.ts'
import claude from '../../../src/plugins/claude/index.ts'
import { executor } from '../../../src/plugins/claude/executor.ts'
import type { ExecutorContext } from '../../../src/core/plugin/plugin.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../../src/testing/script.ts'
import { startAnthropic } from '../../upstreams/anthropic.ts'
import type { Json } from '../../upstreams/anthropic-check.ts'
import type { AnthropicFakeOptions } from '../../upstreams/anthropic.ts'
import { runProvider } from '../run.ts'
import type { Run } from '../run.ts'

const PNG = 'iVBORw0KGgo='
const WEATHER = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'Tells it',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
}
const model = 'claude-sonnet-4-5'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close()
})

async function start(options: AnthropicFakeOptions = {}, login = false): Promise<{ fake: FakeProvider; run: Run }> {
  const fake = await startAnthropic(options)
  open.push(fake)
  const run = await runProvider(
    claude,
    login
      ? { settings: { oauth_base_url: fake.url }, login: { token: 'sk-ant-oat01-test' } }
      : { settings: { base_url: fake.url, api_key: 'sk-ant-test' } },
  )
  open.push(run)
  return { fake, run }
}

/** The chunks of a stream. */
function chunks(text: string): Json[] {
  return text
    .split('\n\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)) as Json)
}

describe('signing', () => {
  it('sends a key as `x-api-key`, and says which version it speaks', async () => {
    const { fake, run } = await start()
    expect((await run.chat({ model })).status).toBe(200)
    const [request] = fake.requests
    expect(request?.path).toBe('/v1/messages')
    expect(request?.headers).toMatchObject({ 'x-api-key': 'sk-ant-test', 'anthropic-version': '2023-06-01' })
    expect(request?.headers.authorization).toBeUndefined()
    expect(request?.headers['anthropic-beta']).toBeUndefined()
    expect(request?.headers['user-agent']).toMatch(/^byok\//)
  })

  it('sends the token of `claude setup-token` as the login that it is, though it stands for a key', async () => {
    const fake = await startAnthropic({ token: 'sk-ant-oat01-year' })
    open.push(fake)
    const run = await runProvider(claude, { settings: { base_url: fake.url, api_key: 'sk-ant-oat01-year' } })
    open.push(run)
    expect((await run.chat({ model })).status).toBe(200)
    const [request] = fake.requests
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer sk-ant-oat01-year',
      'anthropic-beta': 'oauth-2025-04-20',
    })
    expect(request?.headers['x-api-key']).toBeUndefined()
  })

  it('sends a login as a bearer, with the beta it needs and no word of being another client', async () => {
    const { fake, run } = await start({}, true)
    const { status } = await run.chat({
      model,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
    })
    expect(status).toBe(200)
    const [request] = fake.requests
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer sk-ant-oat01-test',
      'anthropic-beta': 'oauth-2025-04-20',
    })
    expect(request?.headers['x-api-key']).toBeUndefined()
    expect(request?.headers['user-agent']).toMatch(/^byok\//)
    expect(request?.json).toMatchObject({ system: [{ type: 'text', text: 'Be brief.' }] })
  })

  it("passes the client's betas on, each once", async () => {
    const sent: Json[] = []
    const context = (betas: string): ExecutorContext =>
      ({
        request: { model, body: { messages: [] }, stream: false, chat: undefined },
        credential: { kind: 'oauth', account: 'me', accessToken: new Secret('t'), metadata: {} },
        config: { oauth_base_url: 'http://fake' },
        clientHeaders: new Headers({ 'anthropic-beta': betas }),
        fetch: async (url: string, init: Json) => void sent.push({ url, ...init }),
      }) as unknown as ExecutorContext
    await executor(context('context-management-2025-06-27, oauth-2025-04-20'))
    await executor(context(''))
    expect(sent.map(({ headers }): unknown => headers['anthropic-beta'])).toEqual([
      'context-management-2025-06-27,oauth-2025-04-20',
      'oauth-2025-04-20',
    ])
  })

  it('hides the key in what Anthropic quotes of it', async () => {
    const { fake, run } = await start()
    fake.fail({ kind: 'invalid_key', message: 'invalid x-api-key: sk-ant-test' })
    const { status, json } = await run.chat({ model })
    expect(status).toBe(401)
    expect(JSON.stringify(json)).not.toContain('sk-ant-test')
  })
})

describe('a chat completion through Claude', () => {
  it('whole', async () => {
    const { fake, run } = await start()
    fake.say({
      steps: [{ text: 'Grüße' }],
      usage: { input: 20, output: 5, cachedInput: 12, cacheWrite: 3, reasoning: 2 },
    })
    const { json } = await run.chat({ model })
    expect(json).toMatchObject({
      object: 'chat.completion',
      model,
      choices: [{ message: { role: 'assistant', content: 'Grüße' }, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 20,
        completion_tokens: 5,
        total_tokens: 25,
        prompt_tokens_details: { cached_tokens: 12 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
    })
    // The whole limit of the model, for Anthropic has no default.
    expect(fake.requests[0]?.json).toMatchObject({ max_tokens: 64_000 })
    // More than Sonnet 4.6 wrote when it was new.
    expect((await run.chat({ model: 'claude-sonnet-4-6', max_tokens: 100_000 })).status).toBe(200)
    expect(fake.requests[1]?.json).toMatchObject({ max_tokens: 100_000 })
  })

  it('streamed, byte by byte', async () => {
    const { fake, run } = await start()
    fake.chunking = { size: 1 }
    fake.say({ steps: [{ text: ['Grü', 'ße, ', '世界 🌍'] }] })
    const sent = chunks(await run.stream({ model, stream_options: { include_usage: true } }))
    expect(sent.map(({ choices: [choice] }) => String(choice?.delta.content ?? '')).join('')).toBe('Grüße, 世界 🌍')
    expect(sent.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 4 } })
  })

  it('with tools at once over two turns, whole and streamed alike', async () => {
    const { fake, run } = await start()
    const call = (id: string, city: string) => ({
      toolCall: { id, name: 'weather', arguments: [`{"city":`, `"${city}"}`] },
    })
    const say = () => fake.say({ steps: [{ text: 'Let me see.' }, call('toolu_1', 'Köln'), call('toolu_2', 'Bonn')] })
    const ask: Json = { model, tools: [WEATHER], messages: [{ role: 'user', content: 'Weather?' }] }
    say()
    const { json } = await run.chat(ask)
    const { message, finish_reason: reason } = json['choices'][0]
    const calls: Json[] = message.tool_calls
    expect(reason).toBe('tool_calls')
    expect(calls.map((made): unknown[] => [made['id'], made['function']])).toEqual([
      ['toolu_1', { name: 'weather', arguments: '{"city":"Köln"}' }],
      ['toolu_2', { name: 'weather', arguments: '{"city":"Bonn"}' }],
    ])
    say()
    const deltas: Json[] = chunks(await run.stream(ask)).flatMap(
      ({ choices: [choice] }) => (choice?.delta.tool_calls ?? []) as Json[],
    )
    const joined = [0, 1].map((index) =>
      deltas
        .filter((delta) => delta['index'] === index)
        .map((delta) => String(delta['function'].arguments ?? ''))
        .join(''),
    )
    expect(joined).toEqual(['{"city":"Köln"}', '{"city":"Bonn"}'])

    const results = [
      { role: 'tool', tool_call_id: 'toolu_1', content: 'rain' },
      {
        role: 'tool',
        tool_call_id: 'toolu_2',
        content: [
          { type: 'text', text: 'see' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
        ],
      },
    ]
    fake.say({ steps: [{ text: 'Rain.' }] })
    const next = await run.chat({ ...ask, messages: [...ask['messages'], message, ...results] })
    expect(next.json).toMatchObject({ choices: [{ message: { content: 'Rain.' } }] })
    const messages: Json[] = (fake.requests.at(-1)?.json as Json)['messages']
    expect(messages.map(({ role }): unknown => role)).toEqual(['user', 'assistant', 'user'])
    expect(messages[2]?.['content']).toMatchObject([
      { type: 'tool_result', tool_use_id: 'toolu_1', content: 'rain' },
      { type: 'tool_result', tool_use_id: 'toolu_2', content: [{ type: 'text' }, { type: 'image' }] },
    ])
  })

  it('that thinks, and takes its own thinking back with the results of its tools', async () => {
    const { fake, run } = await start()
    const ask: Json = {
      model,
      reasoning_effort: 'medium',
      tools: [WEATHER],
      messages: [{ role: 'user', content: 'Hm?' }],
    }
    fake.say({
      steps: [{ reasoning: ['I ', 'wonder.'] }, { toolCall: { id: 'toolu_1', name: 'weather', arguments: '{}' } }],
    })
    const { json } = await run.chat(ask)
    const { message } = json['choices'][0]
    expect(message.reasoning_content).toBe('I wonder.')
    expect(fake.requests[0]?.json).toMatchObject({ thinking: { type: 'enabled', budget_tokens: 8192 } })
    const answered = { role: 'tool', tool_call_id: 'toolu_1', content: 'rain' }
    // The fake refuses a signature it did not give to this very text.
    const kept = await run.chat({ ...ask, messages: [...ask['messages'], message, answered] })
    expect(kept.status).toBe(200)
    expect((fake.requests[1]?.json as Json)['thinking']).toEqual({ type: 'enabled', budget_tokens: 8192 })

    // A client that drops it is served all the same, without thinking.
    const { reasoning_content: _, reasoning_details: __, ...bare } = message as Json
    const dropped = await run.chat({ ...ask, messages: [...ask['messages'], bare, answered] })
    expect(dropped.status).toBe(200)
    expect(fake.requests[2]?.json).not.toHaveProperty('thinking')

    const forged = structuredClone(message) as Json
    forged['reasoning_details'][0].signature = 'forged'
    const refused = await run.chat({ ...ask, messages: [...ask['messages'], forged, answered] })
    expect(refused.status).toBe(400)
    expect(refused.json['error'].message).toContain('Invalid `signature` in `thinking` block')
  })

  it.each([
    'claude-opus-5-5',
    'claude-sonnet-5-5',
    'claude-haiku-5-5',
    'claude-opus-4-8',
    'claude-opus-4-6',
    'claude-fable-5-2',
    model,
  ])('of every kind on %s', async (name) => {
    const { run } = await start()
    const bodies: Json[] = [
      {},
      { temperature: 1.7, top_p: 0.5, top_k: 3 },
      ...['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'].map((effort) => ({ reasoning_effort: effort })),
      { reasoning_effort: 'high', temperature: 0.2 },
      { reasoning: { max_tokens: 2000 } },
      { reasoning_effort: 'high', max_completion_tokens: 500 },
      { max_tokens: 500, reasoning_effort: 'high' },
      { response_format: { type: 'json_object' } },
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'n', schema: { type: 'object', properties: { n: { type: 'integer', minimum: 1 } } } },
        },
      },
      { tools: [WEATHER], parallel_tool_calls: false },
      { tools: [WEATHER], tool_choice: 'none' },
      { stop: ['END'], user: 'u', seed: 1, service_tier: 'default', store: false, metadata: { a: 'b' } },
    ]
    for (const body of bodies) {
      const { status, json } = await run.chat({ model: name, ...body })
      expect({ body, status, error: json['error'] }).toEqual({ body, status: 200, error: undefined })
    }
  })

  it('that must call a tool, where the model can be made to', async () => {
    const { fake, run } = await start()
    const ask = { tools: [WEATHER], tool_choice: 'required', reasoning_effort: 'max' }
    for (const name of [model, 'claude-opus-4-6', 'claude-sonnet-5', 'claude-haiku-5-5']) {
      expect((await run.chat({ model: name, ...ask })).status).toBe(200)
      expect(fake.requests.at(-1)?.json).toMatchObject({ tool_choice: { type: 'any' } })
    }
    const { status, json } = await run.chat({ model: 'claude-opus-5-5', ...ask })
    expect(status).toBe(400)
    expect(json['error']).toMatchObject({ param: 'tool_choice', code: 'unsupported_feature' })
  })
})

describe('errors', () => {
  it.each<[ScriptFailure['kind'], number, string, string | null]>([
    ['invalid_request', 400, 'invalid_request_error', null],
    ['invalid_key', 401, 'authentication_error', null],
    ['forbidden', 403, 'permission_error', null],
    ['not_found', 404, 'not_found_error', 'model_not_found'],
    ['too_large', 413, 'invalid_request_error', 'request_too_large'],
    ['context_length', 400, 'invalid_request_error', 'context_length_exceeded'],
    ['rate_limit', 429, 'rate_limit_error', null],
    ['quota', 429, 'insufficient_quota', 'insufficient_quota'],
    ['server_error', 500, 'server_error', 'api_error'],
    ['overloaded', 529, 'overloaded_error', null],
  ])('%s', async (kind, status, type, code) => {
    const { fake, run } = await start()
    fake.fail({ kind, retryAfter: 7 })
    const answer = await run.chat({ model })
    expect(answer.status).toBe(status)
    expect(answer.json['error']).toMatchObject({ type, code, upstream_status: kind === 'quota' ? 400 : status })
    expect(answer.json['error'].upstream_request_id).toMatch(/^req_011/)
    expect(answer.headers.get('retry-after')).toBe('7')
  })

  it('tells when a limit that is used up is reset, where `retry-after` does not', async () => {
    const { fake, run } = await start()
    fake.fail({ kind: 'rate_limit' })
    const { headers } = await run.chat({ model })
    const seconds = Number(headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(20)
    expect(seconds).toBeLessThanOrEqual(30)
  })

  it('within a stream', async () => {
    const { fake, run } = await start()
    let release = () => {}
    const begun = new Promise<void>((resolve) => (release = resolve))
    fake.say({ steps: [{ text: 'Well' }, { wait: begun }, { error: { kind: 'overloaded' } }] })
    const response = await run.byok.fetch(
      new Request('http://localhost/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
      }),
    )
    release()
    expect(chunks(await response.text()).at(-1)).toMatchObject({
      error: { type: 'overloaded_error', message: 'Overloaded' },
    })
  })

  it.each([{ cut: true } as const, { end: true } as const])('of a stream that stops early: %o', async (step) => {
    const { fake, run } = await start()
    fake.say({ steps: [{ text: 'Well' }, step] })
    const sent = chunks(await run.stream({ model }))
    expect(sent.at(-1)).toMatchObject({ error: { code: 'upstream_stream_cut' } })
  })

  it('names what Claude cannot do', async () => {
    const { fake, run } = await start()
    const refused: [Json, string][] = [
      [{ n: 2 }, 'n'],
      [{ logprobs: true }, 'logprobs'],
      [{ logit_bias: { 1: 2 } }, 'logit_bias'],
      [{ stop: ['\n'] }, 'stop'],
      [{ modalities: ['text', 'audio'], audio: { voice: 'v', format: 'mp3' } }, 'modalities'],
      [
        {
          messages: [
            { role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } }] },
          ],
        },
        'messages[0].content[0]',
      ],
    ]
    for (const [body, param] of refused) {
      const { status, json } = await run.chat({ model, ...body })
      expect({ body, status, error: json['error'] }).toMatchObject({
        status: 400,
        error: { param, code: 'unsupported_feature' },
      })
    }
    expect(fake.requests).toHaveLength(0)
  })
})

describe('the list of models', () => {
  it('tells until when a model is there, and of one that is gone what to ask instead', async () => {
    const { run } = await start({ models: ['claude-sonnet-5-5', 'claude-next-9'] })
    const get = async () => {
      const { data } = (await run.get('/v1/models')) as { data: { id: string; shutdown_date?: string }[] }
      return new Map(data.map(({ id, shutdown_date: day }) => [id, day]))
    }
    expect((await get()).get(model)).toBe('2026-11-30')
    await Promise.all(run.byok.registry.providers.map((provider) => run.byok.modelLists.refresh(provider)))
    const now = await get()
    expect([now.has(model), now.get('claude-next-9')]).toEqual([false, '2031-05-06'])
    const { status, json } = await run.chat({ model })
    expect(status).toBe(404)
    expect(json['error'].message).toMatch(/shut down on 2026-11-30\. Ask for claude-sonnet-5-5 instead\.$/)
  })

  it("is Anthropic's own, with dated ids under the names byok knows", async () => {
    const { run } = await start({ models: ['claude-sonnet-4-5-20250929', 'claude-next-9'] })
    const { fetchFor } = { fetchFor: async (url: string | URL, init: object = {}) => await fetch(url, init) }
    const config = run.byok.config.providers['claude'] as never
    const listed = await claude.listModels({
      provider: 'claude',
      credential: { kind: 'api_key', account: 'api_key', key: new Secret('sk-ant-test') },
      config,
      signal: new AbortController().signal,
      fetch: fetchFor,
    })
    expect(listed).toMatchObject([
      { id: 'claude-sonnet-4-5', contextWindow: 1_000_000, maxOutputTokens: 64_000, capabilities: { vision: true } },
      { id: 'claude-next-9' },
    ])
  })
})
