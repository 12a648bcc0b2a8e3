import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createByok } from '../../../src/index.ts'
import type { Byok, ByokOptions } from '../../../src/index.ts'
import { startLibsql } from '../../helpers/libsql.ts'
import { hasPostgres, hasRedis, startPostgres, startRedis } from '../../helpers/servers.ts'
import type { RealServer } from '../../helpers/servers.ts'
import { startCodexTokens } from '../../upstreams/auth/vendors.ts'
import { startChatGpt } from '../../upstreams/chatgpt.ts'
import { putExpired } from '../auth/manager-support.ts'
import { ask, counts, keysOf, startAccounts } from '../exchange/support.ts'

/** A home that stands for machines with copies of one key file. */
async function makeHome() {
  const home = await mkdtemp(join(tmpdir(), 'byok-machine-'))
  await mkdir(join(home, '.byok'), { mode: 0o700 })
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  return home
}

async function startAt(home: string, env: Record<string, string>, options: ByokOptions): Promise<Byok> {
  const byok = await createByok({
    configFiles: false,
    env: { HOME: home, ...env },
    log: { level: 'silent' },
    upstream: { retries: 0 },
    ...options,
  })
  onTestFinished(() => byok.close())
  return byok
}

/** An account that is spent at one byok is not asked by the other, once that has looked; and is, once it serves again. */
async function shareRests(start: (options: ByokOptions) => Promise<Byok>) {
  const accounts = await startAccounts('a', 'b')
  const keys = keysOf(accounts)
  const providers = {
    codex: { api_keys: keys },
    local: { type: 'openai-compatible' as const, api_keys: keys.slice(1), base_url: 'http://127.0.0.1:9' },
  }
  const [one, two] = [await start({ providers }), await start({ providers })]
  accounts['a']?.fail({ kind: 'quota', retryAfter: 3600 })
  await ask(one)
  await vi.waitUntil(() => two.routing.resting.length > 0, { timeout: 10_000 })
  expect((await ask(two)).headers.get('x-byok-account')).toBe('b')
  expect(counts(accounts)).toEqual({ a: 1, b: 2 })
  return { one, two }
}

/** A login that has ended is renewed by one of two, whichever is asked, and used by both. */
async function refreshOnce(start: (options: ByokOptions) => Promise<Byok>) {
  const accounts = await startCodexTokens('strict')
  const chatgpt = await startChatGpt({ knows: (token) => accounts.knows(token), accountId: 'before' })
  onTestFinished(async () => void (await Promise.all([accounts.close(), chatgpt.close()])))
  const providers = { codex: { oauth: { token_url: accounts.tokenUrl }, oauth_base_url: chatgpt.url } }
  const byoks = [await start({ providers }), await start({ providers })]
  await putExpired((byoks[0] as Byok).store, accounts.grant())
  const model = 'codex/gpt-6-sol'
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(byoks[n % 2] as Byok, { model })))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(accounts.requests.filter(({ path }) => path === '/oauth/token')).toHaveLength(1)
  expect(accounts.faults).toEqual([])
}

// Debian: apt-get install postgresql
describe.skipIf(!hasPostgres)('two byoks on one PostgreSQL', () => {
  let server: RealServer
  beforeAll(async () => void (server = await startPostgres()))
  afterAll(() => server.stop())

  /** A database of the test's own: logins and rests stay in it, and it is bound to the key of who first kept a login there. */
  async function makeDatabase(name: string): Promise<string> {
    const client = new pg.Client(server.url)
    await client.connect()
    await client.query(`CREATE DATABASE ${name}`)
    await client.end()
    return new URL(name, server.url).href
  }

  it('share rests', async () => {
    const db = await makeDatabase('rests')
    const home = await makeHome()
    await shareRests((options) => startAt(home, {}, { db, ...options }))
  })

  it('refresh a login once', async () => {
    const db = await makeDatabase('logins')
    const home = await makeHome()
    await refreshOnce((options) => startAt(home, {}, { db, ...options }))
  })
})

describe('two byoks on one libSQL', () => {
  const env = { LIBSQL_AUTH_TOKEN: 'secret' }

  it.each([
    ['share rests', shareRests],
    ['refresh a login once', refreshOnce],
  ])('%s', async (_, together) => {
    const server = await startLibsql(env.LIBSQL_AUTH_TOKEN)
    onTestFinished(() => server.stop())
    const home = await makeHome()
    await together((options) => startAt(home, env, { db: server.url, ...options }))
  })
})

// Debian: apt-get install redis-server
describe.skipIf(!hasRedis)('two byoks on one Redis', () => {
  const env = { REDIS_PASSWORD: 'secret' }
  let server: RealServer
  beforeAll(async () => void (server = await startRedis(env.REDIS_PASSWORD)))
  afterAll(() => server.stop())

  it('share rests, and responses', async () => {
    const start = async (options: ByokOptions) => startAt(await makeHome(), env, { cache: server.url, ...options })
    const { one, two } = await shareRests(start)
    const body = JSON.stringify({ model: 'local/gpt-4o', input: 'I am Ann.' })
    const headers = { 'content-type': 'application/json' }
    const answer = await one.fetch(new Request('http://localhost/v1/responses', { method: 'POST', body, headers }))
    const { id } = (await answer.json()) as { id: string }
    const found = await two.fetch(new Request(`http://localhost/v1/responses/${id}`))
    expect(await found.json()).toMatchObject({ id, status: 'completed' })
  })
})

it('goes on without a Redis that is not there', async () => {
  const accounts = await startAccounts('a')
  const warnings: string[] = []
  const byok = await startAt(
    await makeHome(),
    {},
    {
      cache: 'redis://127.0.0.1:1',
      providers: { codex: { api_keys: keysOf(accounts) } },
      logger: { error() {}, warn: (message) => void warnings.push(message), info() {}, debug() {} },
    },
  )
  expect((await ask(byok)).status).toBe(200)
  expect(warnings.filter((text) => text.includes('Redis'))).toHaveLength(1)
})
