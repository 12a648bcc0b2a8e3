import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createByok } from '../../../src/index.ts'
import { ClientKeys } from '../../../src/core/clients/client-keys.ts'
import { configSchema } from '../../../src/core/config/index.ts'
import type { ConfigInput } from '../../../src/core/config/index.ts'
import { Budgets } from '../../../src/core/usage/budgets.ts'
import { dayOf } from '../../../src/core/usage/day.ts'
import { makeDirectory } from '../store/support.ts'
import { ask, keysOf, startAccounts, startByok } from '../exchange/support.ts'

const parsed = (keys: NonNullable<ConfigInput['server']>['keys']) => configSchema.parse({ server: { keys } })
const keysFrom = (keys: NonNullable<ConfigInput['server']>['keys']) => {
  const config = parsed(keys)
  return new ClientKeys({ config: () => config }).all()
}

describe('a budget', () => {
  const noon = new Date(2030, 2, 5, 12).getTime()
  const [plain, few, small] = keysFrom([
    'plain',
    { key: 'b', label: 'few', budget: { requests_per_day: 2 } },
    { key: 'c', label: 'small', budget: { tokens_per_day: 100 } },
  ])

  function at(time = noon) {
    const clock = { time }
    return {
      clock,
      budgets: new Budgets(() => clock.time),
    }
  }

  it('lets in so many requests a day', () => {
    const { budgets, clock } = at()
    budgets.admit(few)
    budgets.admit(few)
    expect(() => budgets.admit(few)).toThrow(
      expect.objectContaining({ status: 429, code: 'budget_exceeded', retryAfter: 12 * 3600 }),
    )
    clock.time += 12 * 3_600_000
    budgets.admit(few)
  })

  it('lets in requests until so many tokens are used', () => {
    const { budgets } = at()
    budgets.admit(small)
    budgets.spend('small', 99)
    budgets.admit(small)
    budgets.spend('small', 1)
    expect(() => budgets.admit(small)).toThrow(/"small".*100 tokens a day/)
  })

  it('is for that client alone, and goes on after a restart', () => {
    const { budgets } = at()
    budgets.setOthers(dayOf(noon), [{ client: 'few', requests: 2, tokens: 0 }])
    expect(() => budgets.admit(few)).toThrow()
    for (let n = 0; n < 10; n++) for (const key of [plain, small, undefined]) budgets.admit(key)
  })

  it('needs names that differ', () => {
    expect(() =>
      keysFrom([
        { key: 'a', label: 'x' },
        { key: 'b', label: 'x' },
      ]),
    ).toThrow(/label/)
    expect(() => keysFrom(['a', { key: 'b', label: 'keys[0]' }])).toThrow(/label/)
  })
})

describe('a client with a budget', () => {
  const bearer = { headers: { authorization: 'Bearer client-key' } }

  it('gets a clear 429 beyond it', async () => {
    const accounts = await startAccounts('a')
    const byok = await startByok({
      server: { keys: [{ key: 'client-key', label: 'editor', budget: { requests_per_day: 1 } }, 'other-key'] },
      providers: { codex: { api_keys: keysOf(accounts) } },
    })
    expect((await ask(byok, {}, bearer)).status).toBe(200)
    const refused = await ask(byok, {}, bearer)
    expect(refused.status).toBe(429)
    expect(refused.json.error).toMatchObject({ code: 'budget_exceeded', type: 'insufficient_quota' })
    expect(refused.json.error?.message).toContain('editor')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await ask(byok, {}, { headers: { authorization: 'Bearer other-key' } })).status).toBe(200)
    expect(accounts['a']?.requests).toHaveLength(2)
  })

  it.each([{ enabled: true }, { enabled: false }, { retention: '1ms' as const }])(
    'has the same one after a restart, with usage: %j',
    async (usage) => {
      const accounts = await startAccounts('a')
      const db = join(await makeDirectory(), 'tokens.db')
      const start = () =>
        createByok({
          configFiles: false,
          env: {},
          db,
          usage,
          log: { level: 'silent' },
          server: { keys: [{ key: 'client-key', label: 'editor', budget: { requests_per_day: 2 } }] },
          providers: { codex: { api_keys: keysOf(accounts) } },
        })
      for (const expected of [200, 200, 429]) {
        const byok = await start()
        expect((await ask(byok, {}, bearer)).status).toBe(expected)
        await byok.close()
      }
    },
  )

  it.each([false, true])('of tokens has them counted where it asks for no usage (streaming: %s)', async (stream) => {
    const accounts = await startAccounts('a')
    const byok = await startByok({
      server: { keys: [{ key: 'client-key', budget: { tokens_per_day: 13 } }] },
      providers: { codex: { api_keys: keysOf(accounts) } },
    })
    accounts['a']?.say({ steps: [{ text: 'x' }], usage: { input: 9, output: 4 } })
    const first = await ask(byok, { stream }, bearer)
    expect(first.status).toBe(200)
    if (stream) expect(first.text).not.toContain('"usage":{')
    expect((await ask(byok, { stream }, bearer)).status).toBe(429)
  })
})
