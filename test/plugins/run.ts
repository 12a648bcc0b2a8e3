import { createByokWith } from '../../src/core/start/create-byok.ts'
import type { Byok } from '../../src/core/byok.ts'
import type { Plugin, ProviderPlugin } from '../../src/core/plugin/plugin.ts'
import { Secret } from '../../src/core/secrets/secret.ts'
import { createMemoryTokenStore } from '../../src/core/store/index.ts'

/** What is read from the wire. Each test states by what it expects. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = Record<string, any>

export interface RunOptions {
  /** The provider's settings, as in YAML. */
  settings: Record<string, unknown>
  /** Signs with a login of this token and metadata. Default: with what `settings` holds. */
  login?: { token: string; metadata?: Record<string, string> }
  /** The provider's name. Default: the plugin's. */
  name?: string
}

/** A byok of one provider, asked in process. */
export interface Run {
  byok: Byok
  /** One chat completion, whole; the answer's status and JSON. */
  chat(body: Json): Promise<{ status: number; json: Json; headers: Headers }>
  /** One chat completion, streamed. */
  open(body: Json): Promise<Response>
  /** Its whole text. */
  stream(body: Json): Promise<string>
  get(path: string): Promise<Json>
  close(): Promise<void>
}

export async function runProvider(plugin: Plugin, { settings, login, name = plugin.name }: RunOptions): Promise<Run> {
  const store = createMemoryTokenStore()
  if (login) {
    const tokens = { accessToken: new Secret(login.token) }
    await store.put({ provider: name, account: 'me', kind: 'oauth', tokens, metadata: login.metadata ?? {} })
  }
  const byok = await createByokWith([login ? withLogin(plugin as ProviderPlugin) : plugin], {
    configFiles: false,
    env: {},
    store,
    upstream: { retries: 0 },
    providers: { [name]: settings },
    log: { level: 'silent' },
  })
  const post = async (body: Json) =>
    await byok.fetch(
      new Request('http://localhost/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], ...body }),
      }),
    )
  return {
    byok,
    async chat(body) {
      const response = await post(body)
      return { status: response.status, json: (await response.json()) as Json, headers: response.headers }
    },
    open: async (body) => await post({ ...body, stream: true }),
    stream: async (body) => await (await post({ ...body, stream: true })).text(),
    get: async (path) => (await (await byok.fetch(new Request(`http://localhost${path}`))).json()) as Json,
    close: async () => {
      await byok.close()
      await store.close()
    },
  }
}

/** Its own logins are tested elsewhere; any way to log in makes the store's count. */
function withLogin(plugin: ProviderPlugin): ProviderPlugin {
  const login = { kind: 'oauth' as const, label: 'login', login: () => Promise.reject(new Error('not called')) }
  return { ...plugin, auth: [...plugin.auth, login] }
}
