import { afterEach, describe, expect, it } from 'vitest'
import copilot from '../../../src/plugins/copilot/index.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../../src/testing/script.ts'
import { startCopilot } from '../../upstreams/copilot.ts'
import { runProvider } from '../run.ts'
import type { Json, Run } from '../run.ts'

const TOKEN = 'tid=fake;exp=1'

let fake: FakeProvider
let run: Run

async function start({ key = false } = {}) {
  fake = await startCopilot()
  run = await runProvider(
    copilot,
    key
      ? { settings: { api_key: TOKEN, base_url: fake.url } }
      : { settings: {}, login: { token: TOKEN, metadata: { endpoint: fake.url } } },
  )
  const [provider] = run.byok.registry.providers
  if (!provider) throw new Error('there is no provider')
  await run.byok.modelLists.refresh(provider)
  return provider
}

afterEach(async () => {
  await run.close()
  await fake.close()
})

const last = () => fake.requests.at(-1)
const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }
const IMAGE_BLOCK = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }
const call = { id: 'c1', type: 'function', function: { name: 'look_up', arguments: '{}' } }
const tool = { type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: {} } } }

describe('Copilot', () => {
  it('is asked where the token says, with the headers it wants', async () => {
    await start()
    expect((await run.chat({ model: 'gpt-4.1' })).json['choices'][0].message.content).toBe('Hello, world.')
    expect(last()).toMatchObject({
      path: '/chat/completions',
      headers: {
        authorization: `Bearer ${TOKEN}`,
        'editor-version': expect.stringMatching(/^byok\//),
        'copilot-integration-id': 'vscode-chat',
        'x-github-api-version': '2026-06-01',
        'x-initiator': 'user',
      },
    })
    expect(last()?.headers).not.toHaveProperty('copilot-vision-request')
  })

  it('passes streams of OpenAI clients through as they are', async () => {
    await start()
    expect(await run.stream({ model: 'gpt-4.1' })).toContain('data: [DONE]')
  })

  it('takes a GitHub token as a key', async () => {
    fake = await startCopilot({ token: 'ghu_test' })
    run = await runProvider(copilot, { settings: { api_key: 'ghu_test', base_url: fake.url } })
    expect((await run.chat({ model: 'gpt-5-mini' })).status).toBe(200)
  })

  it.each([
    ['chat completions', 'gpt-4.1', '/chat/completions'],
    ['chat completions before responses', 'gpt-5-mini', '/chat/completions'],
    ['responses', 'gpt-5.5', '/responses'],
  ])('asks a model by %s', async (_, model, path) => {
    await start()
    fake.say({ steps: [{ text: 'Hello' }, { toolCall: { id: 'c1', name: 'look_up', arguments: '{"a":1}' } }] })
    const { status, json } = await run.chat({ model, tools: [tool] })
    expect(status).toBe(200)
    expect(last()?.path).toBe(path)
    expect(json['choices']).toMatchObject([
      { message: { content: 'Hello', tool_calls: [{ function: { name: 'look_up', arguments: '{"a":1}' } }] } },
    ])
  })

  it.each([
    [{ tools: [tool], reasoning_effort: 'high' }, '/responses'],
    [{ tools: [tool] }, '/chat/completions'],
    [{ reasoning_effort: 'high' }, '/chat/completions'],
  ])('asks a model of both paths by the one that takes tools beside reasoning: %j', async (fields, path) => {
    await start()
    fake.say({ steps: [{ toolCall: { id: 'c1', name: 'look_up', arguments: '{}' } }] })
    const { status, json } = await run.chat({ model: 'gpt-5.4', ...fields })
    expect(status).toBe(200)
    expect(last()?.path).toBe(path)
    expect(json['choices']).toMatchObject([{ message: { tool_calls: [{ function: { name: 'look_up' } }] } }])
    expect(last()?.headers).toMatchObject({ 'x-initiator': 'user' })
  })

  it.each([
    ['gpt-6-astra', '/responses'],
    ['gpt-6.1-sol', '/chat/completions'],
    ['gpt-5.3-codex', '/responses'],
  ])('asks %s for little reasoning where a client wants none, by %s', async (model, path) => {
    await start()
    const messages = [{ role: 'user' as const, content: 'Hi' }]
    expect(await run.byok.chat({ model, messages, reasoning: { effort: 'none' } })).toMatchObject({
      choices: [{ finishReason: 'stop' }],
    })
    expect(last()?.path).toBe(path)
    const sent = last()?.json as Json
    expect(sent['reasoning_effort'] ?? sent['reasoning']?.effort).toBe('low')
  })

  it('asks a model that always reasons by responses where there are tools, whatever the effort', async () => {
    await start()
    const { status } = await run.chat({ model: 'gpt-6-astra', tools: [tool], reasoning_effort: 'none' })
    expect(status).toBe(200)
    expect(last()).toMatchObject({ path: '/responses', json: { reasoning: { effort: 'low' } } })
  })

  it('asks Claude by the messages path, with its thinking kept over turns', async () => {
    await start()
    const model = 'claude-sonnet-4.6'
    fake.say({
      steps: [
        { reasoning: 'Hm.', signature: 'sig-1' },
        { text: 'Let me see.' },
        { toolCall: { id: 'toolu_1', name: 'look_up', arguments: '{"a":1}' } },
      ],
    })
    const asked = { model, tools: [tool], reasoning_effort: 'high', max_tokens: 9000 }
    const first = await run.chat(asked)
    expect(first.status).toBe(200)
    expect(last()).toMatchObject({ path: '/v1/messages', headers: { 'anthropic-version': '2023-06-01' } })
    const { message } = first.json['choices'][0]
    expect(message).toMatchObject({ content: 'Let me see.', tool_calls: [{ id: 'toolu_1' }] })
    const messages = [
      { role: 'user', content: 'Hi' },
      message,
      { role: 'tool', tool_call_id: 'toolu_1', content: 'found' },
    ]
    const second = await run.chat({ ...asked, messages })
    expect(second.json).toMatchObject({ choices: [{ message: { content: 'Hello, world.' } }] })
    expect(last()?.text).toContain('sig-1')
    expect(last()?.headers).toMatchObject({ 'x-initiator': 'agent' })
  })

  it('has what Claude was told before cached, where a conversation goes on', async () => {
    await start()
    const model = 'claude-sonnet-4.6'
    const cached = { cache_control: { type: 'ephemeral' } }
    const text = (words: string) => ({ type: 'text', text: words })
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'Two' },
      { role: 'user', content: 'Three' },
      { role: 'assistant', content: 'Four' },
      { role: 'user', content: 'Five' },
    ]
    await run.chat({ model, messages })
    const sent = last()?.json as Json
    expect({ system: sent['system'], messages: sent['messages'] }).toEqual({
      system: [{ ...text('Be brief.'), ...cached }],
      messages: [
        { role: 'user', content: [text('One')] },
        { role: 'assistant', content: [text('Two')] },
        { role: 'user', content: [{ ...text('Three'), ...cached }] },
        { role: 'assistant', content: [text('Four')] },
        { role: 'user', content: [{ ...text('Five'), ...cached }] },
      ],
    })
    // What is asked once is not.
    await run.chat({ model, messages: messages.slice(0, 2) })
    expect(last()?.text).not.toContain('cache_control')
  })

  it("lets Claude's answers be as long as the list says, thinking included", async () => {
    await start()
    const model = 'claude-sonnet-4.6'
    const sent = async (fields: Json) => {
      expect((await run.chat({ model, ...fields })).status).toBe(200)
      expect(last()?.path).toBe('/v1/messages')
      return last()?.json as Json
    }
    expect(await sent({})).toMatchObject({ max_tokens: 16_384 })
    expect(await sent({ reasoning_effort: 'high' })).toMatchObject({ max_tokens: 16_384 })
    expect(await sent({ max_tokens: 9000 })).toMatchObject({ max_tokens: 9000 })
    // Room for thoughts is added to the old `max_tokens`.
    expect(await sent({ max_tokens: 9000, reasoning: { max_tokens: 12_000 } })).toMatchObject({
      max_tokens: 16_384,
      thinking: { budget_tokens: 12_000 },
    })
  })

  it('lets them be as long as config says', async () => {
    fake = await startCopilot()
    const id = 'claude-sonnet-4.6'
    run = await runProvider(copilot, {
      settings: { models: [{ id, max_output_tokens: 8000 }] },
      login: { token: TOKEN, metadata: { endpoint: fake.url } },
    })
    const [provider] = run.byok.registry.providers
    if (provider) await run.byok.modelLists.refresh(provider)
    expect((await run.chat({ model: id })).status).toBe(200)
    expect(last()).toMatchObject({ path: '/v1/messages', json: { max_tokens: 8000 } })
  })

  it.each([
    ['gpt-4.1', 'image_url'],
    ['gpt-5.5', 'input_image'],
    ['claude-sonnet-4.6', 'image'],
  ])('flags images and agents to %s', async (model, type) => {
    await start()
    const asked = { role: 'user', content: [{ type: 'text', text: 'What is it?' }, image] }
    expect((await run.chat({ model, messages: [asked] })).status).toBe(200)
    expect(last()?.text).toContain(`"type":"${type}"`)
    expect(last()?.headers).toMatchObject({ 'copilot-vision-request': 'true', 'x-initiator': 'user' })

    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: 'found' },
    ]
    expect((await run.chat({ model, messages, tools: [tool] })).status).toBe(200)
    expect(last()?.headers).toMatchObject({ 'x-initiator': 'agent' })
    const again = [...messages, { role: 'assistant', content: 'Done.' }, { role: 'user', content: 'Thanks' }]
    expect((await run.chat({ model, messages: again, tools: [tool] })).status).toBe(200)
    expect(last()?.headers).toMatchObject({ 'x-initiator': 'user' })
  })

  it.each(['gpt-4.1', 'gpt-5.5', 'claude-sonnet-4.6'])(
    'counts an image that a tool gave as a step of the agent, of %s',
    async (model) => {
      await start()
      const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: [IMAGE_BLOCK] }
      const messages = [
        { role: 'user', content: 'What is on the screen?' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look_up', input: {} }] },
        { role: 'user', content: [result] },
      ]
      const tools = [{ name: 'look_up', input_schema: { type: 'object', properties: {} } }]
      const ask = async (more: object[]) =>
        await run.byok.fetch(
          new Request('http://localhost/v1/messages', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ model, max_tokens: 100, tools, messages: [...messages, ...more] }),
          }),
        )
      expect((await ask([])).status).toBe(200)
      expect(last()?.headers).toMatchObject({ 'copilot-vision-request': 'true', 'x-initiator': 'agent' })
      const more = [
        { role: 'assistant', content: 'A cat.' },
        { role: 'user', content: 'Thanks' },
      ]
      expect((await ask(more)).status).toBe(200)
      expect(last()?.headers).toMatchObject({ 'copilot-vision-request': 'true', 'x-initiator': 'user' })
    },
  )

  it('lists the models of the plan that chat', async () => {
    const { models } = await start()
    expect(models.get('gpt-5.5')).toMatchObject({ endpoints: ['/responses'], contextWindow: 128_000 })
    expect(models.has('text-embedding-3-small')).toBe(false)
    expect(models.has('grok-off')).toBe(false)
  })

  it('tells the window within which a prompt costs no more, and the whole one where none does', async () => {
    const { models } = await start()
    expect(models.get('gpt-6-astra')).toMatchObject({ contextWindow: 400_000, maxOutputTokens: 128_000 })
    expect(models.get('gpt-5.4')).toMatchObject({ contextWindow: 1_050_000, maxOutputTokens: 128_000 })
  })

  it('offers what the plan has, with what its list says, and asks for another by `copilot/` alone', async () => {
    await start()
    const { data } = (await run.get('/v1/models')) as { data: Json[] }
    expect(data.map(({ id }) => id as string).toSorted()).toEqual([
      'claude-sonnet-4.6',
      'gpt-4.1',
      'gpt-5-mini',
      'gpt-5.3-codex',
      'gpt-5.4',
      'gpt-5.5',
      'gpt-6-astra',
      'gpt-6.1-sol',
    ])
    expect(data.find(({ id }) => id === 'gpt-5.5')).toMatchObject({
      context_window: 128_000,
      max_output_tokens: 16_384,
    })
    const { status, json } = await run.chat({ model: 'claude-opus-5' })
    expect(status).toBe(404)
    expect(json['error']).toMatchObject({ code: 'model_not_found' })
    expect(json['error'].message).not.toMatch(/mean.*opus/)
    const sent = fake.requests.length
    expect((await run.chat({ model: 'copilot/claude-opus-5' })).status).toBe(404)
    expect(fake.requests.length).toBe(sent + 1)
  })

  it('offers all models again where a second account may have what the first has not', async () => {
    await start()
    expect((await run.chat({ model: 'claude-opus-5' })).status).toBe(404)
    const tokens = { accessToken: new Secret(TOKEN) }
    const metadata = { endpoint: fake.url }
    await run.byok.store.put({ provider: 'copilot', account: 'second', kind: 'oauth', tokens, metadata })
    const sent = fake.requests.length
    await run.chat({ model: 'claude-opus-5' })
    expect(fake.requests.length).toBeGreaterThan(sent)
    const { data } = (await run.get('/v1/models')) as { data: Json[] }
    expect(data.map(({ id }) => id as string)).toContain('claude-opus-5')
  })

  it.each<[ScriptFailure['kind'], number, string, string | null]>([
    ['invalid_request', 400, 'invalid_request_error', 'invalid_request_body'],
    ['invalid_key', 401, 'authentication_error', null],
    ['forbidden', 403, 'permission_error', null],
    ['not_found', 404, 'invalid_request_error', 'model_not_found'],
    ['too_large', 413, 'invalid_request_error', null],
    ['context_length', 400, 'invalid_request_error', 'context_length_exceeded'],
    ['rate_limit', 429, 'rate_limit_error', 'user_global_rate_limited:pro'],
    ['quota', 429, 'insufficient_quota', 'quota_exceeded'],
    ['server_error', 500, 'server_error', null],
    ['overloaded', 503, 'overloaded_error', null],
  ])('reads the error of kind %s on every path', async (kind, status, type, code) => {
    // A login's 401 is answered by a new token first, or by asking for a new login.
    await start({ key: true })
    for (const model of ['gpt-4.1', 'gpt-5.5', 'claude-sonnet-4.6']) {
      fake.fail({ kind, retryAfter: 3 })
      const answer = await run.chat({ model })
      expect(answer.status).toBe(status)
      expect(answer.json['error']).toMatchObject({ type, code })
    }
  })

  it('knows a prompt and a limit that do not fit together', async () => {
    await start()
    const message = 'input length and max_tokens exceed context limit: 189727 + 16000 > 200000'
    fake.fail({ kind: 'invalid_request', message })
    const { json } = await run.chat({ model: 'claude-sonnet-4.6' })
    expect(json['error']).toMatchObject({ code: 'context_length_exceeded' })
  })

  it('reads a quota told in plain text', async () => {
    await start()
    fake.fail({ kind: 'server_error', message: 'quota exceeded' })
    expect((await run.chat({ model: 'gpt-4.1' })).json['error']).toMatchObject({ type: 'insufficient_quota' })
  })
})
