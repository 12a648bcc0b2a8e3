import OpenAI from 'openai'
import { onTestFinished } from 'vitest'
import { listen } from '../../src/adapters/listen.ts'
import { createMemoryTokenStore, Secret } from '../../src/index.ts'
import type { FakeProvider } from '../../src/testing/fake-server.ts'
import { createIsolatedByok } from '../helpers/isolated-byok.ts'
import { startAnthropic } from '../upstreams/anthropic.ts'
import { startAntigravity } from '../upstreams/antigravity.ts'
import { startChatGpt } from '../upstreams/chatgpt.ts'
import { startGemini } from '../upstreams/gemini.ts'
import { startOpenAIChat } from '../upstreams/openai-chat.ts'

/* byok in front of one vendor each, for what clients ask for besides chats. */

interface Kind {
  provider: string
  start(): Promise<FakeProvider>
  settings(url: string): Record<string, unknown>
  login?: { token: string; metadata: Record<string, string> }
}

export const KINDS = {
  key: { provider: 'codex', start: startOpenAIChat, settings: (url) => ({ api_key: 'sk-test', base_url: url }) },
  login: {
    provider: 'codex',
    start: startChatGpt,
    settings: (url) => ({ oauth_base_url: url }),
    login: { token: 'at-test', metadata: { account_id: 'acct-test' } },
  },
  server: {
    provider: 'local',
    start: startOpenAIChat,
    settings: (url) => ({ type: 'openai-compatible', api_key: 'sk-test', base_url: url }),
  },
  gemini: { provider: 'gemini', start: startGemini, settings: (url) => ({ api_key: 'test-key', base_url: url }) },
  antigravity: {
    provider: 'antigravity',
    start: startAntigravity,
    settings: (url) => ({ oauth_base_url: url }),
    login: { token: 'test-token', metadata: { project_id: 'test-project' } },
  },
  claude: { provider: 'claude', start: startAnthropic, settings: (url) => ({ api_key: 'sk-ant-test', base_url: url }) },
} satisfies Record<string, Kind>

export async function start(kind: keyof typeof KINDS) {
  const { provider, settings, login, start: startFake }: Kind = KINDS[kind]
  const fake = await startFake()
  const store = createMemoryTokenStore()
  if (login) {
    const tokens = { accessToken: new Secret(login.token) }
    await store.put({ provider, account: 'me', kind: 'oauth', tokens, metadata: login.metadata })
  }
  const providers = { [provider]: settings(fake.url) }
  const byok = await createIsolatedByok({ store, upstream: { retries: 0 }, providers })
  const listening = await listen(byok, { port: 0 })
  onTestFinished(async () => {
    await listening.close(0)
    await byok.close()
    await fake.close()
  })
  const counted: unknown[] = []
  byok.hooks.hook('usage', ({ usage }) => void counted.push(usage))
  const base = `${listening.url}/v1`
  const client = new OpenAI({ baseURL: base, apiKey: 'unused', maxRetries: 0 })
  return { fake, byok, base, client, counted, named: (model: string) => `${provider}/${model}` }
}
