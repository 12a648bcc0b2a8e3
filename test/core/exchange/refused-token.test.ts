import { expect, it, onTestFinished } from 'vitest'
import { createMemoryTokenStore, definePlugin, openaiChat, Secret, tokenOf } from '../../../src/index.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import { loginThat } from '../auth/manager-support.ts'
import { ask, completion, startByok } from './support.ts'

/** A byok whose one login is `old` until it is refreshed, in front of a provider that takes `new` alone. */
async function start(refusal: { status: number; message: string }) {
  const seen: string[] = []
  const acme = definePlugin({
    name: 'acme',
    models: ['large'],
    auth: [loginThat(async () => ({ tokens: { accessToken: new Secret('new') } }))],
    translator: openaiChat({
      // As Kiro's: the status does not say what it is about.
      error: (_body, status) =>
        refusal.message.includes('token') ? { status: 401, message: refusal.message } : { status },
    }),
    executor: async ({ credential }) => {
      const token = tokenOf(credential).reveal()
      seen.push(token)
      return token === 'new' ? Response.json(completion()) : Response.json({}, { status: refusal.status })
    },
  })
  const { status } = await ask(await startByok({ plugins: [acme], store: await storeOf({}) }), { model: 'acme/large' })
  return { status, seen }
}

/** With one login. */
async function storeOf(more: { expiresAt?: number }) {
  const store = createMemoryTokenStore()
  const tokens = { accessToken: new Secret('old'), refreshToken: new Secret('r') }
  await store.put({ provider: 'acme', account: 'ann', kind: 'oauth', tokens, ...more })
  return store
}

it.each([401, 403])('renews a token that the provider refuses with a %i, and asks once more', async (status) => {
  expect(await start({ status, message: 'The bearer token is invalid' })).toEqual({ status: 200, seen: ['old', 'new'] })
})

it('renews nothing where the account may not do it', async () => {
  expect(await start({ status: 403, message: 'Not in your plan' })).toEqual({ status: 403, seen: ['old'] })
})

it.each(['has ended', 'is refused'])(
  'lets an account rest that is spent with the tokens it got where the old one %s',
  async (how) => {
    const seen: string[] = []
    const acme = definePlugin({
      name: 'acme',
      models: ['large'],
      auth: [loginThat(async () => ({ tokens: { accessToken: new Secret('new'), refreshToken: new Secret('r2') } }))],
      translator: openaiChat(),
      executor: async ({ credential }) => {
        const token = tokenOf(credential).reveal()
        seen.push(token)
        if (token === 'old') return Response.json({}, { status: 401 })
        return Response.json({}, { status: 429, headers: { 'retry-after': '60' } })
      },
    })
    const store = await storeOf({ expiresAt: Date.now() + (how === 'has ended' ? -1000 : 3_600_000) })
    const byok = await startByok({ plugins: [acme], store })
    await ask(byok, { model: 'acme/large' })
    expect(seen.at(-1)).toBe('new')
    const asked = seen.length
    expect((await ask(byok, { model: 'acme/large' })).json.error?.code).toBe('all_accounts_spent')
    expect(seen).toHaveLength(asked)
  },
)

it('renews a login of Claude whose token is revoked, which Anthropic says by 403', async () => {
  const message = 'OAuth token has been revoked. Please obtain a new token or refresh your existing token.'
  const fake = await startFakeServer(({ path, headers }, reply) => {
    if (path === '/token') return reply.json(200, { access_token: 'new', refresh_token: 'r2', expires_in: 3600 })
    if (headers.authorization !== 'Bearer new') {
      return reply.json(403, { type: 'error', error: { type: 'permission_error', message } })
    }
    return reply.json(200, {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-5-5',
      content: [{ type: 'text', text: 'hi' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 1, output_tokens: 1 },
    })
  })
  const store = createMemoryTokenStore()
  const tokens = { accessToken: new Secret('old'), refreshToken: new Secret('r') }
  await store.put({ provider: 'claude', account: 'ann', kind: 'oauth', tokens, expiresAt: Date.now() + 3_600_000 })
  onTestFinished(() => fake.close())
  const byok = await startByok({
    store,
    providers: { claude: { oauth_base_url: fake.url, oauth: { token_url: `${fake.url}/token` } } },
  })
  const response = await byok.fetch(
    new Request('http://localhost/v1/messages', {
      method: 'POST',
      body: JSON.stringify({
        model: 'claude-sonnet-5-5',
        max_tokens: 10,
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    }),
  )
  expect(response.status).toBe(200)
  expect(fake.requests.map(({ path }) => path)).toEqual(['/v1/messages', '/token', '/v1/messages'])
})
