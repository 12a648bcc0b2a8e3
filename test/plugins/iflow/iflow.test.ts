import { afterEach, describe, expect, it } from 'vitest'
import { signatureHeaders } from '../../../src/plugins/iflow/executor.ts'
import iflow from '../../../src/plugins/iflow/index.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../../src/testing/script.ts'
import { startIFlow } from '../../upstreams/iflow.ts'
import { runProvider } from '../run.ts'
import type { Json, Run } from '../run.ts'

let fake: FakeProvider
let run: Run

async function start(settings: object = {}) {
  fake = await startIFlow()
  run = await runProvider(iflow, { settings: { api_key: 'sk-iflow-test', base_url: fake.url, ...settings } })
}

afterEach(async () => {
  await run?.close()
  await fake?.close()
})

const sent = () => fake.requests.at(-1)?.json as Json

it('signs as iFlow does', () => {
  // printf 'iFlow-Cli:session-1:1700000000000' | openssl dgst -sha256 -hmac sk-test
  expect(
    signatureHeaders('sk-test', { userAgent: 'iFlow-Cli', session: 'session-1', timestamp: 1_700_000_000_000 }),
  ).toEqual({
    'session-id': 'session-1',
    'x-iflow-timestamp': '1700000000000',
    'x-iflow-signature': 'd4e16370b6f481bc535c28656da91abd1778f84390ba36d366eb821632465a1f',
  })
})

describe('iFlow', () => {
  it('asks with a signed key, whole and streamed', async () => {
    await start()
    fake.say({ steps: [{ reasoning: 'Hm.' }, { text: ['Hel', 'lo'] }], usage: { input: 7, output: 5 } })
    const { json } = await run.chat({ model: 'glm-4.6', max_tokens: 9 })
    expect(json['choices'][0].message).toMatchObject({ content: 'Hello', reasoning_content: 'Hm.' })
    expect(fake.requests[0]).toMatchObject({
      path: '/v1/chat/completions',
      headers: { 'user-agent': expect.stringMatching(/^byok\//) },
    })
    expect(sent()).toMatchObject({ model: 'glm-4.6', max_tokens: 9 })
    expect(await run.stream({ model: 'glm-4.6' })).toContain('[DONE]')
  })

  it('signs over the user agent that config sets', async () => {
    await start({ headers: { 'User-Agent': 'mine/1' } })
    expect((await run.chat({ model: 'glm-4.6' })).status).toBe(200)
    expect(fake.requests[0]?.headers['user-agent']).toBe('mine/1')
  })

  it('asks with the key of a login', async () => {
    fake = await startIFlow({ key: 'sk-of-login' })
    run = await runProvider(iflow, { settings: { oauth_base_url: fake.url }, login: { token: 'sk-of-login' } })
    expect((await run.chat({ model: 'kimi-k2' })).status).toBe(200)
  })

  it.each([
    ['glm-4.7', 'high', { chat_template_kwargs: { enable_thinking: true, clear_thinking: false } }],
    ['glm-4.7', 'none', { chat_template_kwargs: { enable_thinking: false } }],
    ['deepseek-v3.2', 'low', { chat_template_kwargs: { enable_thinking: true } }],
    ['minimax-m2.5', 'medium', { reasoning_split: true }],
    ['deepseek-r1', 'high', {}],
  ])('tells %s to think at effort %s', async (model, effort, fields) => {
    await start()
    expect((await run.chat({ model, reasoning_effort: effort })).status).toBe(200)
    const { model: _, messages: __, ...rest } = sent()
    expect(rest).toEqual(fields)
  })

  it('has one system message, the first, and a later one said by the user', async () => {
    await start()
    const messages = [
      { role: 'system', content: 'Be kind.' },
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'system', content: 'Now in French.' },
    ]
    expect((await run.chat({ model: 'qwen3-max', messages })).status).toBe(200)
    expect(sent()['messages']).toMatchObject([{ role: 'system' }, { role: 'user' }, { role: 'user' }])
  })

  it('leaves out the hints that are OpenAI alone, and tells allowed tools by no others', async () => {
    await start()
    const [one, two] = ['one', 'two'].map((name) => ({ type: 'function', function: { name } }))
    const choice = { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [two] } }
    const hints = {
      verbosity: 'low',
      store: false,
      service_tier: 'auto',
      prediction: { type: 'content', content: 'x' },
    }
    const asked = { model: 'glm-4.6', tools: [one, two], tool_choice: choice, prompt_cache_key: 'p1', ...hints }
    expect((await run.chat(asked)).status).toBe(200)
    expect(sent()).toMatchObject({ tools: [two], tool_choice: 'auto' })
  })

  it('sends reasoning of earlier turns back', async () => {
    await start()
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello', reasoning_content: 'So.' },
      { role: 'user', content: 'Again' },
    ]
    expect((await run.chat({ model: 'glm-4.6', messages })).status).toBe(200)
    expect(sent()['messages'][1]).toMatchObject({ reasoning_content: 'So.' })
  })

  it.each<[ScriptFailure['kind'], number, string, string]>([
    ['invalid_request', 400, 'invalid_request_error', '400'],
    ['invalid_key', 401, 'authentication_error', 'invalid_api_key'],
    ['forbidden', 403, 'permission_error', '403'],
    ['not_found', 404, 'invalid_request_error', 'model_not_found'],
    ['rate_limit', 429, 'rate_limit_error', 'rate_limit_exceeded'],
    ['server_error', 500, 'server_error', '500'],
    ['overloaded', 503, 'overloaded_error', '503'],
  ])('finds the error of kind %s in an answer with status 200', async (kind, status, type, code) => {
    await start()
    for (const stream of [false, true]) {
      fake.fail({ kind, message: 'as iFlow says it' })
      const answer = stream ? await run.open({ model: 'glm-4.6' }) : undefined
      const { status: got, json } = answer
        ? { status: answer.status, json: (await answer.json()) as Json }
        : await run.chat({ model: 'glm-4.6' })
      expect(got).toBe(status)
      expect(json['error']).toMatchObject({ type, code })
      expect(json['error'].message).toContain('as iFlow says it')
    }
  })

  it('finds one in the middle of a stream', async () => {
    await start()
    let go = () => {}
    const read = new Promise<void>((resolve) => (go = resolve))
    fake.say({ steps: [{ text: 'Hel' }, { wait: read }, { error: { kind: 'rate_limit' } }] })
    const response = await run.open({ model: 'glm-4.6' })
    go()
    const text = await response.text()
    expect(text).toContain('"content":"Hel"')
    expect(text).toContain('rate_limit_exceeded')
  })

  it('is told of tools of free text as functions, whose calls are read back', async () => {
    await start()
    fake.say({ steps: [{ toolCall: { id: 'c1', name: 'free', arguments: ['{"inp', 'ut":"a\\nb"}'] } }] })
    const tools = [{ type: 'custom', custom: { name: 'free', description: 'Free' } }]
    const { json } = await run.chat({ model: 'glm-4.6', tools })
    expect((fake.requests[0]?.json as { tools: unknown[] }).tools).toMatchObject([
      { type: 'function', function: { name: 'free', parameters: { required: ['input'] } } },
    ])
    expect(json['choices'][0].message.tool_calls).toEqual([
      { id: 'c1', type: 'custom', custom: { name: 'free', input: 'a\nb' } },
    ])
  })
})
