import { expect, it, onTestFinished, vi } from 'vitest'
import { createMemoryTokenStore, definePlugin, openaiChat, Secret, tokenOf } from '../../../src/index.ts'
import { loginThat } from '../auth/manager-support.ts'
import { ask, completion, startByok } from './support.ts'

/* How long an account may take whose token is renewed first, where others could serve. */

it.each([
  ['is over', 0],
  ['is refused', Date.now() + 86_400_000],
])('a renewal that hangs holds up no other account: of a token that %s', async (_, expiresAt) => {
  let renew: () => void = () => {}
  const begun = vi.fn()
  const renewed = new Promise<{ tokens: { accessToken: Secret } }>((resolve) => {
    renew = () => resolve({ tokens: { accessToken: new Secret('new') } })
  })
  const acme = definePlugin({
    name: 'acme',
    models: ['large'],
    auth: [
      loginThat(() => {
        begun()
        return renewed
      }),
    ],
    translator: openaiChat(),
    executor: async ({ credential }) =>
      tokenOf(credential).reveal() === 'old' ? Response.json({}, { status: 401 }) : Response.json(completion()),
  })
  const store = createMemoryTokenStore()
  for (const [account, token, end] of [
    ['ann', 'old', expiresAt],
    ['bob', 'good', Date.now() + 86_400_000],
  ] as const) {
    const tokens = { accessToken: new Secret(token), refreshToken: new Secret(`r-${account}`) }
    await store.put({ provider: 'acme', account, kind: 'oauth', tokens, expiresAt: end })
  }
  const byok = await startByok({ plugins: [acme], store, routing: { timeout: '10m' } })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  let first: Awaited<ReturnType<typeof ask>> | undefined
  const asked = ask(byok, { model: 'acme/large' }).then((answered) => (first = answered))
  while (begun.mock.calls.length === 0) await new Promise(setImmediate)
  await vi.advanceTimersByTimeAsync(5 * 60_000)
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  const inTime = first
  renew()
  await asked
  expect([inTime?.status, inTime?.headers.get('x-byok-account')]).toEqual([200, 'bob'])
  expect(byok.routing.resting).toMatchObject([{ account: 'ann', cause: 'fault', code: 'routing_timeout' }])
})
