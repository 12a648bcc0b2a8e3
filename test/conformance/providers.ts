import { listen } from '../../src/adapters/listen.ts'
import { createByok, createMemoryTokenStore } from '../../src/index.ts'
import type { Byok, ByokOptions } from '../../src/index.ts'
import type { FakeProvider } from '../../src/testing/fake-server.ts'
import { startAnthropic } from '../upstreams/anthropic.ts'
import { startGemini } from '../upstreams/gemini.ts'
import { startIFlow } from '../upstreams/iflow.ts'
import { startKimi } from '../upstreams/kimi.ts'
import { startOpenAIChat } from '../upstreams/openai-chat.ts'
import { startOpenAIResponses } from '../upstreams/openai-responses.ts'

/** One provider of each kind of wire, with the model that conformance tests ask it for. */
export const KINDS = {
  claude: { model: 'claude/claude-sonnet-4-5', protocol: 'anthropic-messages', start: () => startAnthropic() },
  codex: { model: 'codex/gpt-5.3-codex', protocol: 'openai-responses', start: () => startOpenAIResponses() },
  gemini: { model: 'gemini/gemini-2.5-flash', protocol: 'gemini', start: () => startGemini() },
  local: { model: 'local/gpt-4o', protocol: 'openai-chat', start: () => startOpenAIChat() },
  kimi: { model: 'kimi/kimi-for-coding', protocol: 'kimi', start: () => startKimi() },
  iflow: { model: 'iflow/glm-4.6', protocol: 'iflow', start: () => startIFlow() },
} as const

export type Kind = keyof typeof KINDS

export const KEYS: Record<Kind, string> = {
  claude: 'sk-ant-test',
  codex: 'sk-test',
  gemini: 'test-key',
  local: 'sk-test',
  kimi: 'sk-kimi-test',
  iflow: 'sk-iflow-test',
}

export interface Everyone {
  byok: Byok
  /** Such as `http://127.0.0.1:40123`. */
  url: string
  fakes: Record<Kind, FakeProvider>
  close(): Promise<void>
}

/** A listening byok in front of a fake of every kind. */
export async function serveEveryone(options: ByokOptions = {}): Promise<Everyone> {
  const kinds = Object.keys(KINDS) as Kind[]
  const started = await Promise.all(kinds.map(async (kind) => [kind, await KINDS[kind].start()] as const))
  const fakes = Object.fromEntries(started) as Record<Kind, FakeProvider>
  const settings = started.map(([kind, fake]) => {
    const type = kind === 'local' ? { type: 'openai-compatible' as const } : {}
    return [kind, { ...type, api_key: KEYS[kind], base_url: fake.url }] as const
  })
  const byok = await createByok({
    configFiles: false,
    env: {},
    store: createMemoryTokenStore(),
    upstream: { retries: 0 },
    log: { level: 'silent' },
    ...options,
    providers: { ...Object.fromEntries(settings), ...options.providers },
  })
  const listening = await listen(byok, { port: 0 })
  return {
    byok,
    url: listening.url,
    fakes,
    async close() {
      await listening.close(0)
      await byok.close()
      await Promise.all(Object.values(fakes).map((fake) => fake.close()))
    },
  }
}

/** One of its own, for what leaves an account resting. */
export async function withEveryone(work: (everyone: Everyone) => Promise<void>, options?: ByokOptions): Promise<void> {
  const everyone = await serveEveryone(options)
  try {
    await work(everyone)
  } finally {
    await everyone.close()
  }
}
