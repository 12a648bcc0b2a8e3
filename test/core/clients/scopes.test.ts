import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Byok } from '../../../src/index.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import { ask, open } from '../exchange/support.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'

let byok: Byok
let fake: FakeProvider
const with_ = (key: string): RequestInit => ({ headers: { authorization: `Bearer ${key}` } })
const get = async (path: string, key: string) => {
  const response = await byok.fetch(new Request(`http://localhost${path}`, with_(key)))
  return { status: response.status, json: (await response.json()) as { data?: { id: string }[] } }
}

beforeAll(async () => {
  fake = await startOpenAIChat({ key: 'sk-test' })
  byok = await createIsolatedByok({
    server: {
      max_streams: 2,
      keys: [
        { key: 'for-mini', label: 'mini', models: ['*-mini', 'codex/gpt-4.1', 'small', 'gemini-2.5-flash'] },
        { key: 'for-all', label: 'all' },
      ],
    },
    models: { small: 'codex/gpt-4o' },
    providers: {
      codex: { api_key: 'sk-test', base_url: fake.url },
      local: { type: 'openai-compatible', api_key: 'sk-test', base_url: fake.url },
    },
  })
})
afterAll(async () => {
  await byok.close()
  await fake.close()
})

describe('a key that names models', () => {
  it.each(['gpt-4o-mini', 'codex/gpt-4o-mini', 'gpt-4.1', 'codex/gpt-4.1', 'small'])('is for %s', async (model) => {
    expect((await ask(byok, { model }, with_('for-mini'))).status).toBe(200)
  })

  it.each(['gpt-4o', 'codex/gpt-4o', 'nothing-like-it'])('is not for %s, and says so', async (model) => {
    const { status, json } = await ask(byok, { model }, with_('for-mini'))
    expect(status).toBe(403)
    expect(json.error).toMatchObject({ code: 'model_not_allowed', message: expect.stringContaining('"mini"') })
    // What else there is, is none of its business.
    expect(json.error?.message).not.toMatch(/Did you mean/)
  })

  it('lists those alone', async () => {
    const { json } = await get('/v1/models', 'for-mini')
    const ids = json.data?.map(({ id }) => id) ?? []
    expect(ids).toContain('small')
    expect(ids).toContain('gpt-4o-mini')
    expect(ids).not.toContain('gpt-4o')
    expect((await get('/v1/models/gpt-4o', 'for-mini')).status).toBe(403)
    expect((await get('/v1/models/gpt-4o', 'for-all')).status).toBe(200)
  })

  it.each(['embeddings', 'messages/count_tokens', 'messages', 'responses'])('holds at /v1/%s', async (path) => {
    const body = { model: 'gpt-4o', input: 'x', max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] }
    const init = { method: 'POST', body: JSON.stringify(body), ...with_('for-mini') }
    expect((await byok.fetch(new Request(`http://localhost/v1/${path}`, init))).status).toBe(403)
  })

  const advisor = 'advisor_20260301'
  it.each<object>([
    { models: ['gpt-4o-mini', 'gpt-4o'] },
    { Model: 'gpt-4o' },
    { preset: 'expensive' },
    { fallbacks: [{ model: 'gpt-4o' }] },
    { plugins: [{ id: 'fusion', analysis_models: ['gpt-4o'] }] },
    { tools: [{ type: advisor, name: 'advisor', model: 'gpt-4o' }] },
    { tools: [{ type: 'openrouter:advisor', parameters: { model: 'gpt-4o' } }] },
    { tools: [{ type: 'openrouter:subagent', parameters: { tools: [{ type: advisor, model: 'gpt-4o' }] } }] },
  ])('lets nobody reach another model by %o', async (more) => {
    const { status, json } = await ask(byok, { model: 'gpt-4o-mini', ...more }, with_('for-mini'))
    expect(status).toBe(403)
    expect(json.error).toMatchObject({ code: 'model_not_allowed' })
    expect((await ask(byok, { model: 'gpt-4o-mini', ...more }, with_('for-all'))).status).not.toBe(403)
  })

  it('lets further models be named that it is for, and what is no model', async () => {
    const parameters = { type: 'object', properties: { model: { type: 'string', default: 'gpt-4o' } } }
    const tools = [{ type: 'function', function: { name: 'pick', parameters } }]
    const more = { models: ['o4-mini', 'gpt-4.1'], fallbacks: 'default', tools }
    expect((await ask(byok, { model: 'gpt-4o-mini', ...more }, with_('for-mini'))).status).not.toBe(403)
  })

  it('is not for an agent beside a model that it is for', async () => {
    const body = JSON.stringify({ model: 'gemini-2.5-flash', agent: 'deep-research', input: 'Hi' })
    const init = { method: 'POST', body, ...with_('for-mini') }
    expect((await byok.fetch(new Request('http://localhost/v1beta/interactions', init))).status).toBe(403)
  })

  it("does not open Amp's own part, which is the owner's", async () => {
    const response = await byok.fetch(new Request('http://localhost/amp/api/threads', with_('for-mini')))
    expect(response.status).toBe(403)
  })
})

it('what one key keeps, no other finds', async () => {
  const body = JSON.stringify({ model: 'local/gpt-4o-mini', input: 'Hi' })
  const init = { method: 'POST', body, ...with_('for-mini') }
  const kept = (await (await byok.fetch(new Request('http://localhost/v1/responses', init))).json()) as { id: string }
  expect((await get(`/v1/responses/${kept.id}`, 'for-mini')).status).toBe(200)
  expect((await get(`/v1/responses/${kept.id}`, 'for-all')).status).toBe(404)
})

describe('server.max_streams', () => {
  it('bounds what one key has under way, and no other', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const streaming = { model: 'gpt-4o', stream: true }
    const begin = async (key: string) => {
      fake.say({ steps: [{ text: 'a' }, { wait: held }, { text: 'b' }] })
      return await open(byok, streaming, with_(key))
    }
    const running = [await begin('for-all'), await begin('for-all')]
    const refused = await ask(byok, streaming, with_('for-all'))
    expect(refused.status).toBe(429)
    expect(refused.json.error).toMatchObject({ code: 'too_many_streams' })
    expect(refused.headers.get('retry-after')).toBe('1')
    expect((await ask(byok, { model: 'gpt-4o-mini' }, with_('for-mini'))).status).toBe(200)
    await running[0]?.body?.cancel()
    expect((await ask(byok, { model: 'gpt-4o' }, with_('for-all'))).status).toBe(200)
    release()
    expect(await running[1]?.text()).toContain('[DONE]')
  })
})
