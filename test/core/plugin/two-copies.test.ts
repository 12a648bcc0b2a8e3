import { inspect } from 'node:util'
import { expect, it, onTestFinished, vi } from 'vitest'
import * as own from '../../../src/index.ts'
import { withoutSecrets } from '../../../src/core/secrets/known-secrets.ts'
import { createByokWith } from '../../../src/core/start/create-byok.ts'

/** byok once more, as a plugin has it that was installed, or linked, with a copy of its own. */
async function anotherCopy(): Promise<typeof own> {
  vi.resetModules()
  const other: typeof own = await import('../../../src/index.ts')
  expect(other.ChatError === own.ChatError).toBe(false)
  return other
}

const KEY = 'sk-held-by-the-first-copy'

async function ask(
  plugin: own.Plugin,
  body: Record<string, unknown> = {},
): Promise<{ status: number; error: unknown }> {
  // `createByok` would load what it needs now, which is the other copy's.
  const byok = await createByokWith([], {
    plugins: [plugin],
    providers: { acme: { api_key: KEY } },
    configFiles: false,
    env: {},
    store: own.createMemoryTokenStore(),
    log: { level: 'silent' },
  })
  onTestFinished(() => byok.close())
  const response = await byok.fetch(
    new Request('http://localhost/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'acme-1', messages: [{ role: 'user', content: 'Hello' }], ...body }),
    }),
  )
  const { error } = (await response.json()) as { error: unknown }
  return { status: response.status, error }
}

const acme = ({ apiKey, anthropicMessages }: typeof own, more: Partial<own.Plugin> = {}): own.Plugin => ({
  name: 'acme',
  models: ['acme-1'],
  auth: [apiKey()],
  translator: anthropicMessages(),
  executor: () => Promise.resolve(Response.json({ type: 'message', content: 'none' })),
  ...more,
})

it('answers with what a hook of a plugin throws that has a byok of its own', async () => {
  const other = await anotherCopy()
  const request = () => {
    throw new other.ChatError('The budget is spent.', { status: 429, code: 'budget_spent', retryAfter: 60 })
  }
  expect(await ask(acme(other, { hooks: { request } }))).toMatchObject({
    status: 429,
    error: { message: 'The budget is spent.', code: 'budget_spent' },
  })
})

it('answers with what its translator refuses, and what it cannot read', async () => {
  const other = await anotherCopy()
  expect(await ask(acme(other), { n: 2 })).toMatchObject({ status: 400, error: { param: 'n', provider: 'acme' } })
  expect(await ask(acme(other))).toMatchObject({ status: 502, error: { code: 'upstream_bad_answer' } })
})

it('takes out of its words the secrets that only the first copy knows', async () => {
  const other = await anotherCopy()
  const executor: own.Executor = ({ credential }) => {
    const key = other.tokenOf(credential).reveal()
    throw new other.ChatError(`No such key: ${key}`, { status: 403, details: { key } })
  }
  const { status, error } = await ask(acme(other, { executor }))
  expect(status).toBe(403)
  expect(error).toMatchObject({ message: 'No such key: [secret]' })
  expect(JSON.stringify(error)).not.toContain(KEY)
})

it('takes the tokens that its login makes out of what anybody says', async () => {
  const other = await anotherCopy()
  const token = 'tok-of-its-own-login'
  const store = own.createMemoryTokenStore()
  const tokens = { accessToken: new other.Secret(token) }
  await store.put({ provider: 'acme', account: 'me', kind: 'oauth', tokens })
  expect(withoutSecrets(`No such token: ${token}`)).toBe('No such token: [secret]')
  // What they share is found by whatever prints the global object.
  const shared: unknown = Reflect.get(globalThis, Symbol.for('byok.known-secrets'))
  expect(inspect(shared, { showHidden: true, depth: 9 })).not.toContain(token)
})

it('knows what its logins and stores throw, and tells other classes apart as ever', async () => {
  const other = await anotherCopy()
  expect(new other.AuthError('', { code: 'invalid_grant' })).toBeInstanceOf(own.AuthError)
  expect(new other.StoreError('busy', '')).toBeInstanceOf(own.StoreError)
  expect(new own.ChatError('', { status: 400 })).not.toBeInstanceOf(own.HookError)
  expect(new own.HookError('request', 'x', undefined)).toBeInstanceOf(other.ChatError)
  for (const one of [new Error(), null, undefined, 'ChatError', {}]) expect(one instanceof own.ChatError).toBe(false)
})
