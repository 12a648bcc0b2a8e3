import { afterEach, describe, expect, it } from 'vitest'
import compatible from '../../../src/plugins/openai-compatible/index.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import type { FakeServer } from '../../../src/testing/fake-server.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { runProvider } from '../run.ts'
import type { Run } from '../run.ts'

const closing: (() => Promise<void>)[] = []

async function start(settings: object = {}): Promise<{ fake: FakeProvider; run: Run }> {
  const fake = await startOpenAIChat({ models: ['vendor/large', 'vendor/small'] })
  closing.push(() => fake.close())
  return { fake, run: await runWith(fake.url, { api_key: 'sk-test', ...settings }) }
}

async function runWith(url: string, settings: object): Promise<Run> {
  const run = await runProvider(compatible, {
    name: 'openrouter',
    settings: { type: 'openai-compatible', base_url: url, ...settings },
  })
  closing.push(() => run.close())
  return run
}

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

describe('type: openai-compatible', () => {
  it('makes a provider of the name config gives it', async () => {
    const { fake, run } = await start({ models: ['vendor/large'] })
    expect(run.byok.registry.providers.map(({ name }) => name)).toEqual(['openrouter'])
    for (const model of ['openrouter/vendor/large', 'vendor/large', 'openrouter/vendor/small']) {
      expect((await run.chat({ model })).status).toBe(200)
    }
    expect(fake.requests.map(({ json }) => (json as { model: string }).model)).toEqual([
      'vendor/large',
      'vendor/large',
      'vendor/small',
    ])
    expect(await run.stream({ model: 'vendor/large' })).toContain('data: [DONE]')
  })

  it('answers errors in its name', async () => {
    const { fake, run } = await start()
    fake.fail({ kind: 'rate_limit' })
    const { status, json } = await run.chat({ model: 'openrouter/vendor/large' })
    expect(status).toBe(429)
    expect(json['error'].message).toMatch(/^openrouter: /)
  })

  it('lists what the endpoint has now, the first time too', async () => {
    const { run } = await start()
    const { data } = await run.get('/v1/models')
    expect(data).toMatchObject([{ id: 'vendor/large' }, { id: 'vendor/small' }])
    expect((await run.chat({ model: 'vendor/small' })).status).toBe(200)
  })

  it.each([
    ['none', undefined, { content: 'S' }],
    [
      'those config names',
      ['cache_control', 'top_k'],
      { content: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }] },
    ],
  ])("sends of fields beyond OpenAI's %s", async (_, extensions, system) => {
    const { fake, run } = await start({ extensions })
    const answer = await run.byok.fetch(
      new Request('http://localhost/v1/messages', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'openrouter/vendor/large',
          max_tokens: 100,
          top_k: 7,
          system: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }],
          messages: [{ role: 'user', content: 'Hi' }],
        }),
      }),
    )
    const body = fake.requests.at(-1)?.json as { messages: unknown[]; top_k?: number }
    expect(body.messages[0]).toEqual({ role: 'system', ...system })
    expect(body.top_k).toBe(extensions && 7)
    await answer.text()
  })

  it('needs no key', async () => {
    const server: FakeServer = await startFakeServer((request, reply) => {
      if (request.headers.authorization !== undefined) return reply.send(401, 'a key')
      if (request.path === '/v1/models')
        return reply.json(200, { object: 'list', data: [{ id: 'llama3', max_model_len: 4096 }] })
      const choices = [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }]
      return reply.json(200, { id: 'c1', object: 'chat.completion', model: 'llama3', choices })
    })
    closing.push(() => server.close())
    const run = await runWith(`${server.url}/v1`, {})
    expect((await run.get('/v1/models')).data).toMatchObject([{ id: 'llama3', owned_by: 'openrouter' }])
    expect((await run.chat({ model: 'llama3' })).json['choices'][0].message.content).toBe('Hello')
    expect(run.byok.registry.providers[0]?.models.get('llama3')).toMatchObject({ contextWindow: 4096 })
  })

  it('says that an endpoint is down where nothing listens', async () => {
    const server = await startFakeServer(() => {})
    await server.close()
    const run = await runWith(`${server.url}/v1`, {})
    expect((await run.get('/v1/models')).data).toEqual([])
    expect((await run.chat({ model: 'openrouter/any' })).status).toBe(502)
  })
})
