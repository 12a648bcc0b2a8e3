import { expect, it, onTestFinished } from 'vitest'
import { createMemoryTokenStore, Secret } from '../../../src/index.ts'
import type { ByokOptions } from '../../../src/index.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'
import { startCopilot } from '../../upstreams/copilot.ts'

/* Each plan's Copilot is at a host of its own, which answers 421 to the tokens of others. */

async function wrongHost() {
  const server = await startFakeServer((_request, reply) => reply.send(421, 'Misdirected Request\n'))
  onTestFinished(() => server.close())
  return server
}

async function ask(options: ByokOptions) {
  const byok = await createIsolatedByok({ upstream: { retries: 0 }, ...options })
  onTestFinished(() => byok.close())
  const body = JSON.stringify({ model: 'copilot/gpt-4.1', messages: [{ role: 'user', content: 'Hi' }] })
  return await byok.fetch(new Request('http://localhost/v1/chat/completions', { method: 'POST', body }))
}

it('finds the new host of a login whose plan has changed', async () => {
  const [before, now] = [await wrongHost(), await startCopilot({ token: 'tid=new' })]
  const gitHub = await startFakeServer((_request, reply) =>
    reply.json(200, { token: 'tid=new', refresh_in: 1500, endpoints: { api: now.url } }),
  )
  onTestFinished(async () => void (await Promise.all([now.close(), gitHub.close()])))
  const store = createMemoryTokenStore()
  await store.put({
    provider: 'copilot',
    account: 'ann',
    kind: 'oauth',
    tokens: { accessToken: new Secret('tid=old'), refreshToken: new Secret('gho_ann') },
    expiresAt: Date.now() + 1_500_000,
    metadata: { endpoint: before.url },
  })
  const response = await ask({ store, providers: { copilot: { oauth: { exchange_url: gitHub.url } } } })
  expect(response.status).toBe(200)
  expect((await store.get('copilot', 'ann'))?.metadata).toEqual({ endpoint: now.url })
})

it('tells where the host of a key is set, and asks another key', async () => {
  const { url } = await wrongHost()
  const alone = await ask({ providers: { copilot: { api_key: 'gho_ann', base_url: url } } })
  expect(alone.status).toBe(401)
  expect(await alone.text()).toContain('Misdirected Request. This account is served at another host')
  const right = await startCopilot({ token: 'gho_ben' })
  onTestFinished(() => right.close())
  const keys = [
    { key: 'gho_ann', base_url: url },
    { key: 'gho_ben', base_url: right.url },
  ]
  expect((await ask({ providers: { copilot: { api_keys: keys } } })).status).toBe(200)
})
