import { afterEach, describe, expect, it } from 'vitest'
import { baseOf } from '../../../src/plugins/qwen/executor.ts'
import { dashscope } from '../../../src/plugins/qwen/translator.ts'
import qwen from '../../../src/plugins/qwen/index.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../../src/testing/script.ts'
import { startQwen } from '../../upstreams/qwen.ts'
import { runProvider } from '../run.ts'
import type { Json, Run } from '../run.ts'

let fake: FakeProvider | undefined
let run: Run | undefined

async function start() {
  fake = await startQwen()
  run = await runProvider(qwen, { settings: { api_key: 'sk-qwen-test', base_url: fake.url } })
  return { fake, run }
}

afterEach(async () => {
  await run?.close()
  await fake?.close()
  run = fake = undefined
})

const sent = () => fake?.requests.at(-1)?.json as Json
const tool = (name: string) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: {} } },
})
const [one, two] = [tool('one'), tool('two')]

describe('DashScope', () => {
  it('is always asked for a stream, which is collected for who wants none', async () => {
    const { fake, run } = await start()
    fake.say({ steps: [{ reasoning: 'Hm.' }, { text: ['Hel', 'lo'] }], usage: { input: 7, output: 5 } })
    const { status, json } = await run.chat({ model: 'qwen-plus', reasoning_effort: 'high', max_tokens: 9 })
    expect(status).toBe(200)
    expect(json['choices'][0].message).toMatchObject({ content: 'Hello', reasoning_content: 'Hm.' })
    expect(json['usage']).toMatchObject({ prompt_tokens: 7, completion_tokens: 5 })
    expect(fake.requests[0]).toMatchObject({
      path: '/compatible-mode/v1/chat/completions',
      headers: { 'x-dashscope-cachecontrol': 'enable' },
    })
    expect(sent()).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
      enable_thinking: true,
      max_tokens: 9,
    })
  })

  it.each([
    ['qwen-plus', { reasoning_effort: 'none' }, { enable_thinking: false }],
    ['qwen-plus', { reasoning_effort: 'low' }, { enable_thinking: true }],
    ['qwen3.8-max-preview', { reasoning_effort: 'low' }, { reasoning_effort: 'low' }],
    ['qwen3.8-max', { reasoning_effort: 'minimal' }, { reasoning_effort: 'low' }],
    ['qwen3.8-max', { reasoning_effort: 'max' }, { reasoning_effort: 'xhigh' }],
    ['qwen3.8-flash', { reasoning_effort: 'medium' }, { reasoning_effort: 'medium' }],
    ['qwen3-max', {}, {}],
  ])('tells %s to think: %j', async (model, asked, written) => {
    const { run } = await start()
    expect((await run.chat({ model: `qwen/${model}`, ...asked })).status).toBe(200)
    const { enable_thinking, reasoning_effort, thinking_budget } = sent()
    expect(JSON.parse(JSON.stringify({ enable_thinking, reasoning_effort, thinking_budget }))).toEqual(written)
  })

  it('has the model read what it thought before, unless the client says otherwise', async () => {
    const { run } = await start()
    const thought = { role: 'assistant', content: 'Hello', reasoning_content: 'A greeting.' }
    const messages = [{ role: 'user', content: 'Hi' }, thought, { role: 'user', content: 'Again' }]
    expect((await run.chat({ model: 'qwen3.7-plus', messages })).status).toBe(200)
    expect(sent()).toMatchObject({ preserve_thinking: true, messages: [{}, thought, {}] })
    expect((await run.chat({ model: 'qwen3.7-plus', messages, preserve_thinking: false })).status).toBe(200)
    expect(sent()['preserve_thinking']).toBe(false)
    expect((await run.chat({ model: 'qwen3.7-plus' })).status).toBe(200)
    expect(sent()).not.toHaveProperty('preserve_thinking')
  })

  it('asks for no longer answers than the model writes', async () => {
    const { fake, run } = await start()
    expect((await run.chat({ model: 'qwen-plus', max_tokens: 64_000 })).status).toBe(200)
    expect(sent()['max_tokens']).toBe(32_768)
    expect(fake.requests).toHaveLength(1)
  })

  it('asks again for as much as a model writes of which only DashScope knows, and then for that at once', async () => {
    const { fake, run } = await start()
    const asked = { model: 'qwen/qwen-max', max_tokens: 32_000 }
    expect((await run.chat(asked)).status).toBe(200)
    expect(fake.requests.map(({ json }) => (json as Json)['max_tokens'])).toEqual([32_000, 8192])
    expect((await run.chat(asked)).status).toBe(200)
    expect(fake.requests).toHaveLength(3)
    expect(sent()['max_tokens']).toBe(8192)
    expect((await run.chat({ ...asked, max_tokens: 100 })).status).toBe(200)
    expect(sent()['max_tokens']).toBe(100)
  })

  it.each([
    ['qwen-plus', { reasoning_effort: 'high' }],
    ['qwen3.5-plus', {}],
  ])('writes JSON by %s without thinking, which it cannot do beside: %j', async (model, wish) => {
    const { fake, run } = await start()
    const schema = { type: 'object', properties: { a: { type: 'string' } } }
    const asked = { model, ...wish, response_format: { type: 'json_schema', json_schema: { name: 'A', schema } } }
    expect((await run.chat(asked)).status).toBe(200)
    expect(fake.requests).toHaveLength(2)
    expect(sent()).toMatchObject({ enable_thinking: false, response_format: { type: 'json_schema' } })
    expect((await run.chat(asked)).status).toBe(200)
    expect(fake.requests).toHaveLength(3)
    expect((await run.chat({ model, ...wish })).status).toBe(200)
    expect(sent()['enable_thinking']).not.toBe(false)
  })

  it('thinks and writes JSON where the model does both', async () => {
    const { fake, run } = await start()
    const asked = { model: 'qwen3.8-max', reasoning_effort: 'high', response_format: { type: 'json_object' } }
    expect((await run.chat({ ...asked, messages: [{ role: 'user', content: 'JSON, please.' }] })).status).toBe(200)
    expect(fake.requests).toHaveLength(1)
    expect(sent()).toMatchObject({ reasoning_effort: 'high', response_format: { type: 'json_object' } })
  })

  it('sees videos', async () => {
    const { run } = await start()
    const content = [
      { type: 'video_url', video_url: { url: 'https://example.com/clip' }, fps: 2 },
      { type: 'text', text: 'What happens?' },
    ]
    expect((await run.chat({ model: 'qwen3-vl-plus', messages: [{ role: 'user', content }] })).status).toBe(200)
    expect(sent()['messages'][0].content).toEqual(content)
  })

  it('has one system message, the first', async () => {
    const { run } = await start()
    const messages = [
      { role: 'system', content: 'Be kind.' },
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
      { role: 'system', content: 'Now in French.' },
      { role: 'user', content: 'Again' },
    ]
    expect((await run.chat({ model: 'qwen3.6-plus', messages })).status).toBe(200)
    expect(sent()['messages']).toMatchObject([
      { role: 'system', content: 'Be kind.\n\nBe brief.' },
      { role: 'user' },
      { role: 'assistant' },
      { role: 'user', content: '<system>\nNow in French.\n</system>' },
      { role: 'user' },
    ])
  })

  it('leaves out the hints that are OpenAI alone, and refuses to search the web', async () => {
    const { fake, run } = await start()
    const hints = {
      verbosity: 'low',
      store: false,
      service_tier: 'auto',
      prediction: { type: 'content', content: 'x' },
    }
    const asked = { model: 'qwen-plus', metadata: { a: 'b' }, enable_search: true, ...hints }
    expect((await run.chat(asked)).status).toBe(200)
    for (const name of Object.keys(hints)) expect(sent()).not.toHaveProperty(name)
    expect(sent()).toMatchObject({ metadata: { a: 'b' }, enable_search: true })
    const { json } = await run.chat({ model: 'qwen-plus', web_search_options: {} })
    expect(json['error']).toMatchObject({ code: 'unsupported_feature', param: 'web_search_options' })
    expect(fake.requests).toHaveLength(1)
  })

  it.each([
    ['one tool', 'required', [one], { tools: [one], tool_choice: { type: 'function', function: { name: 'one' } } }],
    [
      'a named tool',
      { type: 'function', function: { name: 'two' } },
      [one, two],
      { tools: [one, two], tool_choice: { type: 'function', function: { name: 'two' } } },
    ],
    [
      'some tools',
      { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [two] } },
      [one, two],
      { tools: [two], tool_choice: 'auto' },
    ],
    [
      'one allowed tool',
      { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [two] } },
      [one, two],
      { tools: [two], tool_choice: { type: 'function', function: { name: 'two' } } },
    ],
    ['no tool', 'none', [one, two], { tools: [one, two], tool_choice: 'none' }],
  ])('chooses %s', async (_, choice, tools, written) => {
    const { run } = await start()
    for (const model of ['qwen3-max', 'qwen3.6-plus']) {
      expect((await run.chat({ model, tools, tool_choice: choice })).status).toBe(200)
      expect(sent()).toMatchObject(written)
    }
  })

  it.each([
    ['more than one tool', { tools: [one, two], tool_choice: 'required' }],
    ['while thinking', { tools: [one], tool_choice: 'required', reasoning_effort: 'high' }],
  ])('refuses to force a call with %s', async (what, body) => {
    const { fake, run } = await start()
    const { status, json } = await run.chat({ model: 'qwen-plus', ...body })
    expect(status).toBe(400)
    expect(json['error']).toMatchObject({
      code: 'unsupported_feature',
      param: 'tool_choice',
      message: expect.stringContaining(what),
    })
    expect(fake.requests).toHaveLength(0)
  })

  it('lists the models that chat', async () => {
    const { run } = await start()
    const [provider] = run.byok.registry.providers
    if (provider) await run.byok.modelLists.refresh(provider)
    const ids = [...(provider?.models.keys() ?? [])]
    expect(ids).toContain('qwen9-max')
    expect(ids).not.toContain('text-embedding-v4')
    expect(ids).not.toContain('qwen3-asr-flash')
  })

  it.each<[ScriptFailure['kind'], number, string, string]>([
    ['invalid_request', 400, 'invalid_request_error', 'invalid_parameter_error'],
    ['invalid_key', 401, 'authentication_error', 'invalid_api_key'],
    ['forbidden', 403, 'permission_error', 'access_denied'],
    ['not_found', 404, 'invalid_request_error', 'model_not_found'],
    ['context_length', 400, 'invalid_request_error', 'context_length_exceeded'],
    ['rate_limit', 429, 'rate_limit_error', 'limit_requests'],
    ['quota', 429, 'insufficient_quota', 'insufficient_quota'],
    ['server_error', 500, 'server_error', 'internal_error'],
    ['overloaded', 503, 'overloaded_error', 'ModelServingError'],
  ])('reads the error of kind %s', async (kind, status, type, code) => {
    const { fake, run } = await start()
    fake.fail({ kind })
    const answer = await run.chat({ model: 'qwen-plus' })
    expect(answer.status).toBe(status)
    expect(answer.json['error']).toMatchObject({ type, code })
  })

  it('tells an error that comes as an answer', () => {
    const delta = { content: 'Throttling: TPM(1/1)' }
    const data = JSON.stringify({ id: '1', choices: [{ index: 0, delta, finish_reason: 'error_finish' }] })
    const expected = { status: 429, type: 'rate_limit_error', message: 'Throttling: TPM(1/1)' }
    expect(() => dashscope.events().push({ data })).toThrow(expect.objectContaining(expected))
  })

  it('tells a prompt and an answer that are too long together from other refusals', async () => {
    const { fake, run } = await start()
    const lengths = 'Input tokens length is 29618. Output tokens length is 8192.'
    const message = `<400> InternalError.Algo.InvalidParameter: ${lengths} Range of total length should be less than or equal to 32768`
    fake.fail({ kind: 'invalid_request', message })
    const { status, json } = await run.chat({ model: 'qwen-plus' })
    expect(status).toBe(400)
    expect(json['error']).toMatchObject({ code: 'context_length_exceeded' })
  })
})

describe('the portal', () => {
  it('gets a tool that may not be called where there is none', async () => {
    fake = await startQwen({ key: 'jwt', portal: true })
    run = await runProvider(qwen, { settings: { oauth_base_url: fake.url }, login: { token: 'jwt' } })
    expect((await run.chat({ model: 'coder-model' })).status).toBe(200)
    expect(fake.requests[0]).toMatchObject({
      path: '/v1/chat/completions',
      headers: { 'x-dashscope-authtype': 'qwen-oauth' },
    })
    expect(sent()).toMatchObject({ tool_choice: 'none', tools: [{ type: 'function' }] })
    expect((await run.chat({ model: 'coder-model', tools: [one] })).status).toBe(200)
    expect(sent()['tools']).toEqual([one])
    expect(sent()).not.toHaveProperty('tool_choice')
  })

  it.each([
    ['portal.qwen.ai', 'https://portal.qwen.ai/v1'],
    ['https://portal.qwen.ai/', 'https://portal.qwen.ai/v1'],
    ['https://dashscope.aliyuncs.com/compatible-mode/v1', 'https://dashscope.aliyuncs.com/compatible-mode/v1'],
    ['', 'https://portal.qwen.ai/v1'],
  ])('is where the login says: %s', (resource, base) => {
    const credential = {
      kind: 'oauth' as const,
      account: 'me',
      accessToken: new Secret('jwt'),
      metadata: { resource_url: resource },
    }
    expect(baseOf({ credential, config: {} as never })).toBe(base)
  })
})
