import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Byok, ByokOptions } from '../../../src/index.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import type { Json } from '../../plugins/run.ts'
import { startCopilot } from '../../upstreams/copilot.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'

/* Names of the person's own (`models` in config), from config to the provider's wire and in `GET /v1/models`. */

const TOKEN = 'tid=fake;exp=1'
let openai: FakeProvider
let copilot: FakeProvider
let byok: Byok | undefined

beforeAll(async () => {
  openai = await startOpenAIChat()
  copilot = await startCopilot({ token: TOKEN })
})
afterEach(() => byok?.close())
afterAll(async () => {
  await openai.close()
  await copilot.close()
})

async function start(models: NonNullable<ByokOptions['models']>, providers: NonNullable<ByokOptions['providers']>) {
  byok = await createIsolatedByok({
    upstream: { retries: 0 },
    models,
    providers,
  })
  const { fetch } = byok
  return async (path: string, body?: object) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const response = await fetch(new Request(`http://localhost${path}`, body && init))
    return { status: response.status, json: (await response.json()) as Json }
  }
}

const both = () => ({
  copilot: { api_key: TOKEN, base_url: copilot.url },
  codex: { api_key: 'sk-test', base_url: openai.url },
})
const ask = (model: string) => ({ model, messages: [{ role: 'user', content: 'Hi' }] })

describe('names of config', () => {
  it('lead to their model, with its own name on the wire', async () => {
    const call = await start({ fast: 'copilot/gpt-4.1', 'gpt-4o': 'copilot/gpt-4.1' }, both())
    for (const name of ['fast', 'gpt-4o']) {
      copilot.say({ steps: [{ text: 'Hello' }] })
      const { status } = await call('/v1/chat/completions', ask(name))
      expect(status).toBe(200)
      expect(copilot.requests.at(-1)?.json).toMatchObject({ model: 'gpt-4.1' })
    }
  })

  it('of several models lead to the first that can be used', async () => {
    const call = await start({ fast: ['copilot/gpt-4.1', 'codex/gpt-4o-mini'] }, { codex: both().codex })
    const { status } = await call('/v1/chat/completions', ask('fast'))
    expect(status).toBe(200)
    expect(openai.requests.at(-1)?.json).toMatchObject({ model: 'gpt-4o-mini' })
    expect((await call('/v1/models/fast')).json).toMatchObject({ id: 'fast', owned_by: 'codex' })
  })

  it('are listed first, with what is known of their model', async () => {
    const call = await start({ fast: 'codex/gpt-4o-mini', gone: 'copilot/gpt-4.1' }, { codex: both().codex })
    const { json } = await call('/v1/models')
    expect(json.data[0]).toEqual({
      id: 'fast',
      object: 'model',
      created: 1_721_260_800,
      owned_by: 'codex',
      context_window: 128_000,
      // By the names that other servers have for it, which clients look for.
      context_length: 128_000,
      max_model_len: 128_000,
      max_output_tokens: 16_384,
      shutdown_date: '2027-01-14',
      capabilities: { vision: true, tools: true, reasoning: false },
    })
    expect(json.data.map(({ id }: { id: string }) => id)).not.toContain('gone')
    expect((await call('/v1/models/gone')).status).toBe(404)
  })

  it('are one with the provider that config has offer the model, before who has it built in', async () => {
    const local = { type: 'openai-compatible' as const, api_key: 'sk-test', base_url: openai.url, models: ['gpt-4o'] }
    const call = await start({}, { ...both(), local })
    for (const path of ['/v1/models/gpt-4o', '/v1/models']) {
      const { json } = await call(path)
      const listed = 'data' in json ? (json.data as Json[]).filter(({ id }) => id === 'gpt-4o') : [json]
      expect(listed).toEqual([expect.objectContaining({ owned_by: 'local' })])
    }
  })

  it('are no catalogue of Codex’, which reads an error where it finds none', async () => {
    const call = await start({ fast: 'codex/gpt-4o' }, { codex: both().codex })
    const { json } = await call('/v1/models?client_version=0.171.0')
    expect(json['models']).toEqual([])
    expect((json['data'] as Json[])[0]).toMatchObject({ id: 'fast' })
    expect((await call('/v1/models')).json).not.toHaveProperty('models')
  })

  it('of a provider there is not are an error of config that names it', async () => {
    await expect(start({ fast: 'copilto/gpt-4.1' }, both())).rejects.toThrow(/models\.fast.*Did you mean "copilot"/s)
  })
})

describe('a model that cannot be had', () => {
  const keys = { claude: { api_key: 'sk-test' }, codex: { api_key: 'sk-test' } }

  it('of several providers names all of them, the vendor first', async () => {
    const call = await start({}, { claude: keys.claude })
    const { status, json } = await call('/v1/chat/completions', ask('gpt-5.6-sol'))
    expect([status, json.error]).toMatchObject([401, { code: 'no_credential', provider: 'codex' }])
    expect(json.error?.message).toMatch(
      /^There is no credential for any that has this model\. OpenAI: set .*OPENAI_API_KEY.*; GitHub Copilot: .*`byok login copilot`; Kiro: [^;]*\.$/,
    )
  })

  it('is told what was meant of those that can be used alone', async () => {
    const call = await start({ 'claude-sonnet-x': 'codex/gpt-4o', 'claude-sonnet-y': 'kiro/claude-sonnet-4' }, keys)
    const { status, json } = await call('/v1/chat/completions', ask('claude-sonnet-9'))
    expect([status, json.error]).toMatchObject([404, { code: 'model_not_found' }])
    expect(json.error?.message).toContain('Did you mean claude-sonnet-x, claude-sonnet-5 or ')
    // Kiro's, which is not signed in to.
    expect(json.error?.message).not.toMatch(/claude-sonnet-4[ ?,]|claude-sonnet-y/)
    const far = await call('/v1/chat/completions', ask('kiro-defalt'))
    expect(far.json.error?.message).toContain('GET /v1/models lists what there is.')
  })

  it('is told of all where none can be used', async () => {
    const call = await start({}, {})
    const { json } = await call('/v1/chat/completions', ask('kiro-defalt'))
    expect(json.error?.message).toContain('Did you mean kiro-default?')
  })
})
