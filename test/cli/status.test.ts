import { mkdtemp, readFile, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase } from 'db0'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Secret } from '../../src/core/secrets/secret.ts'
import { loadSqlite } from '../../src/core/store/sqlite.ts'
import { openTokenStore } from '../../src/core/store/index.ts'
import type { NewAccount } from '../../src/core/store/index.ts'
import { startFakeServer } from '../../src/testing/fake-server.ts'
import { runCli, serve } from '../helpers/serve.ts'
import { startQwen } from '../upstreams/auth/vendors.ts'
import { damageLogin } from '../core/store/support.ts'
import { line, ownHome, storedLogins } from './login-support.ts'

vi.setConfig({ testTimeout: 90_000 })

const SECRETS = ['secret-access-1', 'secret-refresh-1', 'secret-key-1']

async function homeWith(...logins: (Partial<NewAccount> & { dead?: string })[]): Promise<string> {
  const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-status-')))
  const store = await openTokenStore({ path: join(home, '.byok', 'tokens.db'), keychain: false })
  for (const { dead, ...login } of logins) {
    const { version, provider, account } = await store.put({
      provider: 'codex',
      account: 'ann',
      kind: 'oauth',
      tokens: { accessToken: new Secret('secret-access-1'), refreshToken: new Secret('secret-refresh-1') },
      expiresAt: Date.UTC(2100, 0, 1),
      ...login,
    })
    if (dead !== undefined) await store.markNeedsLogin(provider, account, version, dead)
  }
  await store.close()
  return home
}

describe('byok status', () => {
  it('lists every key and login for programs, without a secret', async () => {
    const home = await homeWith({}, { provider: 'claude', account: 'zoe', dead: 'invalid_grant' })
    const run = await line(
      ['status', '--json'],
      { home, config: { providers: { qwen: { api_key: 'secret-key-1' } } } },
      SECRETS,
    )
    expect(await run.exited).toBe(0)
    expect(JSON.parse(run.stdout())).toEqual([
      {
        provider: 'claude',
        account: 'zoe',
        kind: 'oauth',
        state: 'needs_login',
        expires_at: '2100-01-01T00:00:00.000Z',
      },
      { provider: 'codex', account: 'ann', kind: 'oauth', state: 'ok', expires_at: '2100-01-01T00:00:00.000Z' },
      { provider: 'qwen', account: 'api_key', kind: 'api_key', state: 'ok', expires_at: null },
    ])
  })

  it('shows people a table that says what to do', async () => {
    const home = await homeWith(
      {},
      { provider: 'claude', account: 'zoe', dead: 'invalid_grant' },
      { provider: 'qwen', account: 'soon', expiresAt: Date.now() + 3 * 3_600_000 + 60_000 },
      { provider: 'kimi', account: 'past', expiresAt: Date.now() - 1000 },
    )
    const run = await line(['status'], { home, config: {} }, SECRETS)
    expect(await run.exited).toBe(0)
    expect(run.stdout()).toMatch(/│ Provider +│ Account +│ Signed in by +│ Token ends +│ Health +│/)
    expect(run.stdout()).toContain('needs login (invalid_grant)')
    expect(run.stdout()).toContain('byok login claude --account zoe')
    expect(run.stdout()).toContain('in 3 hours, then renewed')
    expect(run.stdout()).toMatch(/kimi +│ past +│ login +│ renewed when next used +│ ok/)
  })

  it('shows the part that each account has in routing, where they differ', async () => {
    const home = await homeWith({})
    const config = {
      routing: { strategy: 'round-robin', sticky: false },
      providers: { codex: { logins: { ann: { weight: 3, priority: -1 } } }, qwen: { api_key: 'secret-key-1' } },
    }
    const run = await line(['status'], { home, config }, SECRETS)
    expect(await run.exited).toBe(0)
    expect(run.stdout()).toMatch(/│ Priority +│ Weight +│ Health/)
    expect(run.stdout()).toMatch(/codex +│ ann .*│ -1 +│ 3 +│ ok/)
    expect(run.stdout()).toContain('Routing: round-robin.')
    const json = await line(['status', '--json'], { home, config }, SECRETS)
    expect(await json.exited).toBe(0)
    expect(JSON.parse(json.stdout())).toMatchObject([{ account: 'ann', weight: 3, priority: -1 }, { provider: 'qwen' }])
  })

  it('says so where there is nothing, and makes no file', async () => {
    const home = await homeWith()
    const run = await line(['status'], { home, config: {} })
    expect(await run.exited).toBe(0)
    expect(run.stdout()).toContain('No provider is signed in to')
    expect(JSON.parse((await jsonStatus(home)).stdout())).toEqual([])
  })

  it.each([
    [
      'a file that is no database',
      'not a database at all, but some text of another program\n',
      /no usable token database/,
    ],
    ['a database of a newer byok', undefined, /written by a newer byok/],
  ])('refuses %s with its path, and leaves it as it was', async (_, content, words) => {
    const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-status-')))
    const path = join(home, 'x', 'tokens.db')
    await mkdir(join(home, 'x'))
    if (content === undefined) await makeNewer(path)
    else await writeFile(path, content)
    const before = await readFile(path)
    const run = await line(['status', '--db', path], { home, config: {} })
    expect(await run.exited).toBe(1)
    expect(run.stderr()).toContain(path)
    expect(run.stderr()).toMatch(words)
    expect(run.stderr()).not.toMatch(/\bat .*\.ts:/)
    expect(await readFile(path)).toEqual(before)
  })

  it('takes no password in the URL of a shared database', async () => {
    const run = await line(['status', '--db', 'postgres://me:secret-pw@127.0.0.1:1/db'], { config: {} }, ['secret-pw'])
    expect(await run.exited).toBe(2)
    expect(run.stderr()).toContain('PGPASSWORD')
  })

  async function jsonStatus(home: string) {
    const run = await runCli(['status', '--json'], { home, config: {} })
    await run.exited
    return run
  }
})

async function makeNewer(path: string): Promise<void> {
  const db = createDatabase((await loadSqlite()).connector(path))
  await db.exec('CREATE TABLE byok_migrations (version INTEGER PRIMARY KEY NOT NULL, applied_at BIGINT NOT NULL)')
  await db.exec('INSERT INTO byok_migrations VALUES (999, 1)')
  await db.dispose()
}

describe('byok logout', () => {
  it('forgets the only login', async () => {
    const home = await homeWith({})
    const run = await line(['logout', 'codex'], { home, config: {} }, SECRETS)
    expect(await run.exited).toBe(0)
    expect(run.stdout()).toContain('Logged out of OpenAI (ann).')
    expect(await storedLogins(home)).toEqual([])
  })

  it('wants to know which of several, and forgets that one', async () => {
    const home = await homeWith({}, { account: 'bob' })
    const asked = await line(['logout', 'codex'], { home, config: {} })
    expect(await asked.exited).toBe(2)
    expect(asked.stderr()).toContain('ann, bob')
    expect(await storedLogins(home)).toHaveLength(2)
  })

  it('forgets the one that is named', async () => {
    const home = await homeWith({}, { account: 'bob' })
    const run = await line(['logout', 'codex', '--account', 'bob'], { home, config: {} })
    expect(await run.exited).toBe(0)
    expect((await storedLogins(home)).map(({ account }) => account)).toEqual(['ann'])
  })

  it('says so where there is no such login', async () => {
    const home = await homeWith({})
    const run = await line(['logout', 'codex', '--account', 'eve'], { home, config: {} })
    expect(await run.exited).toBe(2)
    expect(run.stderr()).toContain('There is ann.')
  })
})

describe('a damaged login', () => {
  async function homeWithDamaged(): Promise<string> {
    const home = await homeWith({}, { account: 'bob' })
    await damageLogin(join(home, '.byok', 'tokens.db'), 'bob')
    return home
  }

  it('is shown with what to do about it, and the others beside it', async () => {
    const home = await homeWithDamaged()
    const run = await line(['status'], { home, config: {} }, SECRETS)
    expect(await run.exited).toBe(0)
    expect(run.stdout()).toMatch(/codex +│ ann +│.*│ ok/)
    expect(run.stdout()).toContain('needs login (damaged)')
    expect(run.stdout()).toContain('byok login codex --account bob')
  })

  it('is found by the doctor, which finds the database sound', async () => {
    const home = await homeWithDamaged()
    const run = await line(['doctor', '--json'], { home, config: {} }, SECRETS)
    const { findings } = JSON.parse(run.stdout()) as { findings: { check: string; state: string; message: string }[] }
    expect(findings).toContainEqual(expect.objectContaining({ check: 'database', state: 'ok' }))
    expect(findings).toContainEqual({
      check: 'accounts',
      state: 'fail',
      message: 'codex: login bob needs a new login (damaged).',
      fix: 'byok login codex',
    })
  })

  it('can be removed', async () => {
    const home = await homeWithDamaged()
    const run = await line(['logout', 'codex', '--account', 'bob'], { home, config: {} })
    expect(await run.exited).toBe(0)
    expect((await storedLogins(home)).map(({ account }) => account)).toEqual(['ann'])
  })
})

describe('a login in use', () => {
  it('survives a restart, is refreshed once by four servers, and once more after a 401', async () => {
    const { server, settings } = await startQwen()
    onTestFinished(() => server.close())
    const chat = await startFakeServer((request, reply) => {
      const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
      if (!server.knows(token) || revoked.has(token ?? '')) {
        return reply.json(401, { error: { message: 'invalid access token', code: 'invalid_api_key' } })
      }
      // Qwen is always asked for a stream.
      const chunk = {
        id: 'c1',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'qwen3-coder-plus',
        choices: [{ index: 0, delta: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
      }
      reply.send(200, `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`, { 'content-type': 'text/event-stream' })
    })
    const revoked = new Set<string>()
    onTestFinished(() => chat.close())
    const config = { providers: { qwen: { ...settings, oauth_base_url: `${chat.url}/v1` } } }
    server.approve()
    const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-use-')))
    const login = await line(['login', 'qwen'], { home, config })
    expect(await login.exited).toBe(0)
    await expire(home)

    const servers = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const served = await serve({ home, config })
        onTestFinished(() => served.dispose())
        return served
      }),
    )
    const ask = (url: string) =>
      fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'qwen/qwen3-coder-plus', messages: [{ role: 'user', content: 'hello' }] }),
      })
    const refreshes = () => server.requests.filter(({ text }) => text.includes('grant_type=refresh_token')).length
    const all = await Promise.all(Array.from({ length: 100 }, (_, index) => ask(servers[index % 4]?.url ?? '')))
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]))
    expect(refreshes()).toBe(1)

    // Signed out of elsewhere, long before its time.
    for (const secret of server.secrets) revoked.add(secret)
    const again = await ask(servers[0]?.url ?? '')
    expect(again.status).toBe(200)
    expect(refreshes()).toBe(2)

    // And for good: the client, the log and the status say what to do.
    for (const secret of server.secrets) revoked.add(secret)
    await breakRefresh(home)
    const refused = await ask(servers[1]?.url ?? '')
    expect(refused.status).toBe(401)
    const text = await refused.text()
    expect(text).toContain('byok login qwen')
    expect(text).toContain('invalid_grant')
    await servers[1]?.until(/no longer works.*invalid_grant/)
    const status = await line(['status', '--json'], { home, config })
    await status.exited
    expect(JSON.parse(status.stdout())).toMatchObject([{ provider: 'qwen', kind: 'oauth', state: 'needs_login' }])
    for (const secret of server.secrets) {
      expect(servers.map((one) => one.stdout() + one.stderr()).join('') + text).not.toContain(secret)
    }
  })
})

async function expire(home: string): Promise<void> {
  const store = await openTokenStore({ path: join(home, '.byok', 'tokens.db'), keychain: false })
  const [login] = await store.list('qwen')
  await store.update('qwen', login?.account ?? '', login?.version ?? 0, { expiresAt: Date.now() - 60_000 })
  await store.close()
}

async function breakRefresh(home: string): Promise<void> {
  const store = await openTokenStore({ path: join(home, '.byok', 'tokens.db'), keychain: false })
  const [login] = await store.list('qwen')
  if (!login) throw new Error('no login')
  await store.update('qwen', login.account, login.version, {
    tokens: { ...login.tokens, refreshToken: new Secret('secret-dead') },
    expiresAt: Date.now() - 60_000,
  })
  await store.close()
}
