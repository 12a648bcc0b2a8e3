import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStorage } from 'unstorage'
import memory from 'unstorage/drivers/memory'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createByok } from '../../../src/index.ts'
import type { ByokOptions } from '../../../src/index.ts'
import { redisAddress } from '../../../src/core/cache/redis-driver.ts'
import { Budgets } from '../../../src/core/usage/budgets.ts'
import type { ClientUsage } from '../../../src/core/usage/budgets.ts'
import { dayOf } from '../../../src/core/usage/day.ts'
import { SharedBudgets } from '../../../src/core/usage/shared-budgets.ts'
import { ask, counts, keysOf, startAccounts, startByok } from '../exchange/support.ts'

const json = async (response: Response) => (await response.json()) as { id: string; status?: string }

describe('two byoks that serve as one', () => {
  async function start() {
    const accounts = await startAccounts('a', 'b')
    const shared = memory()
    const options: ByokOptions = {
      shared,
      routing: { strategy: 'round-robin' },
      providers: {
        codex: { api_keys: keysOf(accounts) },
        local: { type: 'openai-compatible', api_keys: keysOf(accounts).slice(0, 1), base_url: 'http://127.0.0.1:9' },
      },
    }
    const byoks = [await startByok(options), await startByok(options)] as const
    const post = (at: 0 | 1, path: string, body: object = {}) =>
      byoks[at].fetch(
        new Request(`http://localhost${path}`, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
      )
    const get = (at: 0 | 1, path: string) => byoks[at].fetch(new Request(`http://localhost${path}`))
    return { accounts, byoks, post, get }
  }

  it('keep responses for each other', async () => {
    const { post, get } = await start()
    const { id } = await json(await post(0, '/v1/responses', { model: 'local/gpt-4o', input: 'I am Ann.' }))
    expect((await json(await get(1, `/v1/responses/${id}`))).id).toBe(id)
    const next = { model: 'local/gpt-4o', input: 'Who?', previous_response_id: id }
    expect((await post(1, '/v1/responses', next)).status).toBe(200)
    expect((await post(1, '/v1/responses', { ...next, previous_response_id: 'resp_none' })).status).toBe(400)
  })

  it('leave a conversation with its account', async () => {
    const { byoks } = await start()
    const messages = [{ role: 'user', content: 'Hi' }]
    const home = (await ask(byoks[0], { messages })).headers.get('x-byok-account')
    messages.push({ role: 'assistant', content: 'Hello' }, { role: 'user', content: 'More' })
    for (let turn = 0; turn < 3; turn++) {
      expect((await ask(byoks[1], { messages })).headers.get('x-byok-account')).toBe(home)
    }
  })

  it('cancel what the other does in the background', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { accounts, post, get } = await start()
    const never = new Promise<void>(() => {})
    for (const fake of Object.values(accounts)) fake.say({ steps: [{ wait: never }] })
    const body = { model: 'local/gpt-4o', input: 'Think.', background: true }
    const { id } = await json(await post(0, '/v1/responses', body))
    const asked = () => Object.values(accounts).flatMap(({ requests }) => requests)
    await vi.waitUntil(() => asked().length > 0)
    expect((await json(await post(1, `/v1/responses/${id}/cancel`))).status).toBe('cancelled')
    await vi.advanceTimersByTimeAsync(1000)
    expect(await asked()[0]?.aborted).toBe(true)
    expect((await json(await get(0, `/v1/responses/${id}`))).status).toBe('cancelled')
  })
})

it('two byoks that have one folder know within a second who rests', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const folder = await mkdtemp(join(tmpdir(), 'byok-cache-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const accounts = await startAccounts('a', 'b')
  const open = async () => {
    const db = join(folder, 'tokens.db')
    const providers = { codex: { api_keys: keysOf(accounts) } }
    const byok = await createByok({ configFiles: false, env: {}, log: { level: 'silent' }, db, providers })
    onTestFinished(() => byok.close())
    return byok
  }
  const [one, two] = [await open(), await open()]
  const rests = async () => (await two.fetch('http://localhost/health?verbose')).text()
  accounts['a']?.fail({ kind: 'quota', retryAfter: 60 })
  expect((await ask(one)).headers.get('x-byok-account')).toBe('b')
  expect(await rests()).not.toContain('insufficient_quota')
  await vi.waitFor(async () => {
    await vi.advanceTimersByTimeAsync(1000)
    expect(await rests()).toContain('insufficient_quota')
  })
  expect((await ask(two)).headers.get('x-byok-attempts')).toBe('1')
  expect(counts(accounts)).toEqual({ a: 1, b: 2 })
})

describe('budgets of several processes', () => {
  const noon = new Date(2030, 2, 5, 12).getTime()
  const me = { label: 'me', budget: { requests_per_day: 10, tokens_per_day: 1000 } }

  function process(storage = createStorage(), before: ClientUsage[] = [], clock = { now: noon }) {
    const budgets = new Budgets(() => clock.now)
    const sharing = new SharedBudgets({
      budgets,
      storage,
      needed: () => true,
      before: async () => before,
      now: () => clock.now,
    })
    return { budgets, sharing }
  }

  it('are one budget, with what was used before and by those that are gone', async () => {
    const storage = createStorage()
    const before = [{ client: 'me', requests: 3, tokens: 0 }]
    const [one, two] = [process(storage, before), process(storage, before)]
    // Both begin at once, and each would have the list for itself.
    await Promise.all([one.sharing.sync(), two.sharing.sync()])
    for (let request = 0; request < 4; request++) one.budgets.admit(me)
    for (let round = 0; round < 2; round++) for (const { sharing } of [one, two]) await sharing.sync()
    const three = process(storage, [{ client: 'me', requests: 100, tokens: 0 }])
    await three.sharing.sync()
    for (let request = 0; request < 3; request++) three.budgets.admit(me)
    expect(() => three.budgets.admit(me)).toThrow(expect.objectContaining({ code: 'budget_exceeded' }))
    await three.sharing.sync()
    await two.sharing.sync()
    expect(() => two.budgets.admit(me)).toThrow(expect.objectContaining({ code: 'budget_exceeded' }))
  })

  it('begin anew at midnight, and outlive a storage that fails', async () => {
    const storage = createStorage()
    const clock = { now: noon }
    const one = process(storage, [{ client: 'me', requests: 10, tokens: 0 }], clock)
    await one.sharing.sync()
    expect(() => one.budgets.admit(me)).toThrow()
    clock.now += 12 * 3_600_000
    expect(dayOf(clock.now)).not.toBe(dayOf(noon))
    vi.spyOn(storage, 'getItem').mockRejectedValueOnce(new Error('gone'))
    await one.sharing.sync()
    one.budgets.admit(me)
  })
})

it('of days that are over nothing is kept, and nothing of who counts nobody', async () => {
  const storage = createStorage()
  const sharingOn = (time: number) =>
    new SharedBudgets({
      budgets: new Budgets(() => time),
      storage,
      needed: () => true,
      before: async () => [{ client: 'me', requests: 1, tokens: 0 }],
      now: () => time,
    })
  await sharingOn(new Date(2030, 2, 1, 12).getTime()).sync()
  await sharingOn(new Date(2030, 1, 28, 12).getTime()).sync()
  await sharingOn(new Date(2030, 1, 27, 12).getTime()).sync()
  await sharingOn(new Date(2030, 2, 1, 12).getTime()).sync()
  const names = ['2030-02-28', '2030-03-01'].flatMap((day) => [`budgets:${day}.before`, `budgets:${day}.index`])
  await sharingOn(new Date(2030, 2, 1, 12).getTime()).sync()
  expect((await storage.getKeys()).sort()).toEqual(names)
})

describe('the address of a Redis', () => {
  it.each([
    ['redis://cache', { host: 'cache', port: 6379 }],
    ['redis://byok@cache:7000/2', { host: 'cache', port: 7000, username: 'byok', db: 2, password: 'secret' }],
    ['rediss://cache', { host: 'cache', port: 6379, tls: { servername: 'cache' } }],
    ['rediss://[::1]:6380', { host: '::1', port: 6380, tls: {} }],
  ])('%s', (url, address) => {
    expect(redisAddress(url, 'password' in address ? 'secret' : undefined)).toEqual(address)
  })

  it.each([
    ['redis://:secret-canary@cache', /REDIS_PASSWORD/],
    ['redis://cache/many', /not an address of Redis/],
    ['redis://', /not an address of Redis/],
  ])('%s is refused', (url, message) => {
    expect(() => redisAddress(url, undefined)).toThrow(message)
    expect(() => redisAddress(url, undefined)).not.toThrow(/canary/)
  })
})
