import { expect, it } from 'vitest'
import codex from '../../../src/plugins/codex/index.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { runProvider } from '../run.ts'

it("lists what chats among a key's models, with the facts byok has", async () => {
  const others = [
    'text-embedding-3-small',
    'gpt-image-1',
    'gpt-4o-mini-tts',
    'gpt-4o-transcribe',
    'whisper-1',
    'sora-2',
  ]
  const more = ['gpt-9', 'ft:gpt-4o-mini:acme::1', 'gpt-3.5-turbo-instruct', 'gpt-realtime', 'davinci-002', 'dall-e-3']
  const fake = await startOpenAIChat({ models: ['gpt-4o', ...others, ...more] })
  const run = await runProvider(codex, { settings: { api_key: 'sk-test', base_url: fake.url } })
  try {
    await Promise.all(run.byok.registry.providers.map((provider) => run.byok.modelLists.refresh(provider)))
    const { data } = (await run.get('/v1/models')) as { data: { id: string; context_window?: number }[] }
    const known = new Set(codex.models.map((model) => model.id))
    expect(data.filter(({ id }) => !known.has(id)).map(({ id }) => id)).toEqual(['gpt-9', 'ft:gpt-4o-mini:acme::1'])
    expect(data.find(({ id }) => id === 'gpt-4o')?.context_window).toBe(128_000)
  } finally {
    await run.close()
    await fake.close()
  }
})

it('asks nothing with a login, and tells the windows that logins have', async () => {
  const fake = await startOpenAIChat()
  const run = await runProvider(codex, { settings: { oauth_base_url: fake.url }, login: { token: 'at-test' } })
  try {
    await Promise.all(run.byok.registry.providers.map((provider) => run.byok.modelLists.refresh(provider)))
    expect(fake.requests).toEqual([])
    const { data } = (await run.get('/v1/models')) as { data: { id: string; context_window?: number }[] }
    const windows = new Map(data.map(({ id, context_window: window }) => [id, window]))
    expect(windows.get('gpt-6.2-sol')).toBe(500_000)
    expect(windows.get('gpt-6.2-astra')).toBe(272_000)
    expect(windows.get('gpt-5.6-sol')).toBe(272_000)
  } finally {
    await run.close()
    await fake.close()
  }
})
