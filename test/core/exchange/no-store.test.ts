import { expect, it, vi } from 'vitest'
import { createMemoryTokenStore, definePlugin, openaiChat, Secret, StoreError, tokenOf } from '../../../src/index.ts'
import { loginThat } from '../auth/manager-support.ts'
import { ask, completion, startByok } from './support.ts'

const BUSY = new StoreError('busy', '/home/ann/tokens.db is held by another process.')

/** Two logins, of which the first is due for a refresh. */
async function start() {
  const acme = definePlugin({
    name: 'acme',
    models: ['large'],
    auth: [loginThat(() => Promise.reject(new Error('not called')))],
    translator: openaiChat(),
    executor: async ({ credential }) => Response.json(completion(tokenOf(credential).reveal())),
  })
  const store = createMemoryTokenStore()
  for (const [account, expiresAt] of [['ann', 1] as const, ['bob', 9e12] as const]) {
    const tokens = { accessToken: new Secret(`token-of-${account}`), refreshToken: new Secret('r') }
    await store.put({ provider: 'acme', account, kind: 'oauth', tokens, expiresAt })
  }
  return { store, byok: await startByok({ plugins: [acme], store }) }
}

it('asks the next account where the store cannot be written for a refresh', async () => {
  const { byok, store } = await start()
  vi.spyOn(store, 'acquireLease').mockRejectedValue(BUSY)
  const { status, text } = await ask(byok, { model: 'acme/large' })
  expect(text).toContain('token-of-bob')
  expect(status).toBe(200)
})

it('says that the logins cannot be read, and not where they are', async () => {
  const { byok, store } = await start()
  vi.spyOn(store, 'stamp').mockRejectedValue(BUSY)
  const { status, json, text } = await ask(byok, { model: 'acme/large' })
  expect([status, json.error?.code]).toEqual([503, 'logins_unavailable'])
  expect(text).not.toContain('/home/ann')
})
