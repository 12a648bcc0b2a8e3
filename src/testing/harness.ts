import type OpenAI from 'openai'
import { listen } from '../adapters/listen.ts'
import { createByokWith } from '../core/start/create-byok.ts'
import type { Plugin } from '../core/plugin/plugin.ts'
import { Secret } from '../core/secrets/secret.ts'
import { createMemoryTokenStore } from '../core/store/index.ts'
import type { FakeProvider } from './fake-server.ts'

export interface HarnessOptions {
  plugin: Plugin
  /** The provider's name in config. Default: the plugin's. */
  name?: string
  /** Starts the faked vendor. */
  start(): Promise<FakeProvider>
  /** The provider's settings, as in YAML: the fake's address, and its key where there is one. */
  settings(fake: FakeProvider): Record<string, unknown>
  /** A login as byok would have stored it, for a vendor that takes one. Default: none. */
  login?(fake: FakeProvider): { token: string; metadata?: Record<string, string> }
  /** Whether the provider's own list of models is known before anything is asked. Default: yes. */
  lists?: boolean
}

/** The unmodified `openai` client, a listening byok of one provider, and the faked vendor behind it. */
export interface Harness {
  client: OpenAI
  fake: FakeProvider
  close(): Promise<void>
}

/** Silence after which streams get a comment, in milliseconds: short, for a case waits for one. */
const KEEP_ALIVE = 20

export async function startHarness(options: HarnessOptions): Promise<Harness> {
  const { plugin, name = plugin.name, start, settings, login } = options
  const { default: Client } = await needOpenAI()
  const fake = await start()
  const store = createMemoryTokenStore()
  if (login) {
    const { token, metadata = {} } = login(fake)
    const tokens = { accessToken: new Secret(token) }
    await store.put({ provider: name, account: 'login', kind: 'oauth', tokens, metadata })
  }
  const byok = await createByokWith([plugin], {
    configFiles: false,
    env: {},
    store,
    server: { keep_alive: KEEP_ALIVE },
    upstream: { retries: 0 },
    providers: { [name]: settings(fake) },
    log: { level: 'silent' },
  })
  if (options.lists !== false) await Promise.all(byok.registry.providers.map((known) => byok.modelLists.refresh(known)))
  const listening = await listen(byok, { port: 0 })
  const baseURL = `${listening.url}/v1`
  return {
    // Errors are what some cases are about: the client must not hide them by trying again.
    client: new Client({ baseURL, apiKey: 'unused', organization: null, project: null, maxRetries: 0 }),
    fake,
    async close() {
      await listening.close(0)
      await byok.close()
      await store.close()
      await fake.close()
    },
  }
}

async function needOpenAI() {
  try {
    return await import('openai')
  } catch (cause) {
    throw new Error(
      'The conformance suite asks through the `openai` client. Install it: npm install --save-dev openai',
      {
        cause,
      },
    )
  }
}
