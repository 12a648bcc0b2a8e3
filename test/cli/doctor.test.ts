import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listen } from '../../src/adapters/listen.ts'
import { checkClock, checkDatabase, checkNode, checkPort } from '../../src/cli/doctor-checks.ts'
import type { Finding } from '../../src/cli/doctor-checks.ts'
import { openTokenStore } from '../../src/core/store/index.ts'
import { Secret } from '../../src/core/secrets/secret.ts'
import { certificate, privateKey } from '../adapters/certificate.ts'
import { createIsolatedByok } from '../helpers/isolated-byok.ts'
import { serve } from '../helpers/serve.ts'
import type { CliOptions } from '../helpers/serve.ts'
import { startFakeServer } from '../../src/testing/fake-server.ts'
import { startOpenAIChat } from '../upstreams/openai-chat.ts'
import { line, ownHome } from './login-support.ts'

async function doctor(options: CliOptions, args: string[] = []) {
  const run = await line(['doctor', '--json', ...args], options, ['sk-test', 'sk-wrong', 'proxy-pw'])
  const code = await run.exited
  const { ok, findings } = JSON.parse(run.stdout()) as { ok: boolean; findings: Finding[] }
  return { code, ok, findings, of: (check: string) => findings.filter((finding) => finding.check === check) }
}

async function taken() {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

describe('byok doctor', () => {
  it('finds nothing broken on a new machine, and says how to begin', async () => {
    const { code, ok, of } = await doctor({ config: { port: 0 } })
    expect([code, ok]).toEqual([0, true])
    expect(of('accounts')).toEqual([
      expect.objectContaining({ state: 'warn', fix: expect.stringContaining('byok login') as string }),
    ])
    for (const check of ['versions', 'config', 'port', 'permissions', 'database', 'clock', 'proxy']) {
      expect(of(check).map(({ state }) => state)).not.toContain('fail')
      expect(of(check)).not.toEqual([])
    }
  })

  it('warns of settings for a login there is not, and not of those for one there is', async () => {
    const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-doctor-')))
    const store = await openTokenStore({ path: join(home, '.byok', 'tokens.db'), keychain: false })
    await store.put({
      provider: 'claude',
      account: 'me@x.org',
      kind: 'oauth',
      tokens: { accessToken: new Secret('token-1') },
    })
    await store.close()
    const logins = { 'me@x.org': { weight: 2 }, 'you@x.org': { weight: 1 } }
    const { of } = await doctor({ home, config: { port: 0, providers: { claude: { logins } } } })
    const warnings = of('config').filter(({ state }) => state === 'warn')
    expect(warnings.map(({ message }) => message)).toEqual([
      'providers.claude.logins names "you@x.org", which is no login of Claude. There is me@x.org.',
    ])
  })

  it('warns of names in config for models that are shut down', async () => {
    const { of } = await doctor({ config: { port: 0, models: { fast: 'claude/claude-sonnet-4-5' } } })
    expect(of('config')).toContainEqual({
      check: 'config',
      state: 'warn',
      message: expect.stringMatching(
        /^models\.fast names claude\/claude-sonnet-4-5\. .*Ask for claude-sonnet-5-5/,
      ) as string,
    })
  })

  it('asks each account for a word on request, and only then', async () => {
    const upstream = await startOpenAIChat()
    onTestFinished(() => upstream.close())
    const api_keys = [
      { key: 'sk-test', label: 'good' },
      { key: 'sk-wrong', label: 'bad' },
    ]
    const config = {
      port: 0,
      upstream: { retries: 0 },
      providers: {
        here: { type: 'openai-compatible', base_url: upstream.url, api_keys },
        // Whose models are not known, for it does not run.
        away: { type: 'openai-compatible', base_url: 'http://127.0.0.1:1/v1' },
      },
    }
    const before = await doctor({ config })
    expect(before.code).toBe(0)
    expect(upstream.requests).toEqual([])
    const { code, of } = await doctor({ config }, ['--accounts'])
    expect(code).toBe(1)
    expect(of('accounts')).toEqual([
      { check: 'accounts', state: 'ok', message: expect.stringMatching(/^here: API key good answers/) as string },
      expect.objectContaining({
        state: 'fail',
        message: expect.stringMatching(/^here: API key bad does not/) as string,
      }),
      expect.objectContaining({
        state: 'fail',
        message: expect.stringMatching(/^away: no key: its models cannot be listed: .*\(ECONNREFUSED\)/) as string,
        fix: expect.stringContaining('base_url') as string,
      }),
    ])
    expect(of('clock')[0]?.message).toContain("the providers'")
  })

  it('asks one that rests too, which goes on at once where its limit was reset', async () => {
    let limited = true
    const upstream = await startFakeServer(({ path }, reply) => {
      if (path === '/models') return reply.json(200, { data: [] })
      const error = { type: 'rate_limit_error', message: 'Used up.' }
      return limited
        ? reply.json(429, { error }, { 'retry-after': '500000' })
        : reply.json(200, { choices: [{ message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] })
    })
    onTestFinished(() => upstream.close())
    const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-doctor-')))
    const here = { type: 'openai-compatible', base_url: upstream.url, api_key: 'sk-test', models: ['large', 'mini'] }
    const config = { port: 0, providers: { here } }
    const states: (string | undefined)[] = []
    for (limited of [true, true, false, false]) {
      const { of } = await doctor({ config, home }, ['--accounts'])
      states.push(of('accounts')[0]?.state)
    }
    expect(states).toEqual(['fail', 'fail', 'ok', 'ok'])
    expect(upstream.requests.filter(({ path }) => path === '/chat/completions')).toHaveLength(4)
  })

  it('names a broken config, a taken port, open files and a dead proxy', async () => {
    const broken = await doctor({ config: 'prot: 1\n' })
    expect(broken.code).toBe(1)
    expect(broken.of('config')[0]).toMatchObject({ state: 'fail', message: expect.stringContaining('prot') as string })

    const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-doctor-')))
    await mkdir(join(home, '.byok'))
    await writeFile(join(home, '.byok', 'config.yaml'), '{}')
    await chmod(join(home, '.byok', 'config.yaml'), 0o644)
    const port = await taken()
    const proxy = 'http://me:proxy-pw@127.0.0.1:1'
    const { code, of } = await doctor({ home, config: { port, providers: { claude: { proxy } } } })
    expect(code).toBe(1)
    expect(of('port')[0]).toMatchObject({ state: 'fail', fix: expect.stringContaining('byok serve -p') as string })
    expect(of('permissions')[0]?.fix).toContain(join(home, '.byok', 'config.yaml'))
    expect(of('proxy')[0]).toMatchObject({ state: 'fail', message: expect.stringContaining('127.0.0.1:1') as string })
  })

  it('sees that its folder cannot be made, before a login is lost for it', async () => {
    const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-doctor-')))
    // Not even root makes a folder below a file.
    await writeFile(join(home, 'file'), '')
    const db = join(home, 'file', 'byok', 'tokens.db')
    const { of } = await doctor({ home, config: { port: 0, db } })
    expect(of('permissions')).toEqual([
      {
        check: 'permissions',
        state: 'warn',
        message: expect.stringContaining(`${join(home, 'file', 'byok')} cannot be written (`) as string,
        fix: expect.stringContaining('`db`') as string,
      },
    ])
    const free = await doctor({ home, config: { port: 0, db: join(home, 'a', 'b', 'tokens.db') } })
    expect(free.of('permissions')).toMatchObject([{ state: 'ok' }])
  })

  it('does not speak of a key where a provider needs none and was given none', async () => {
    const here = { type: 'openai-compatible', base_url: 'http://127.0.0.1:9/v1', models: ['m'] }
    const { of } = await doctor({ config: { port: 0, providers: { here } } })
    expect(of('accounts')).toEqual([{ check: 'accounts', state: 'ok', message: 'here: no key' }])
    const status = await line(['status'], { config: { providers: { here } } }, [])
    await status.exited
    expect(status.stdout()).toMatch(/here +│ no key +│ no key +│/)
  })

  it('sees that the certificate of config cannot be served with', async () => {
    const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-doctor-')))
    const tls = { cert: join(home, 'cert.pem'), key: join(home, 'key.pem') }
    const missing = await doctor({ home, config: { port: 0, server: { tls } } })
    expect(missing.code).toBe(1)
    expect(missing.of('host')).toContainEqual({
      check: 'host',
      state: 'fail',
      message: `server.tls.cert names ${tls.cert}, which cannot be read (ENOENT).`,
      fix: 'Mend server.tls in the config.',
    })
    await writeFile(tls.cert, certificate)
    await writeFile(tls.key, privateKey)
    const there = await doctor({ home, config: { port: 0, server: { tls } } })
    expect([there.code, there.of('host').map(({ state }) => state)]).toEqual([0, ['ok', 'ok']])
  })

  it('looks at the file of logins by its own name, and says whether it is there', async () => {
    const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-doctor-')))
    const config = { port: 0, db: join(home, "Ann's logins.db") }
    const before = await doctor({ home, config })
    expect(before.of('database')[0]?.message).toBe(`0 logins in ${config.db} (made with the first login)`)
    const store = await openTokenStore({ path: config.db, keychain: false })
    await store.put({
      provider: 'claude',
      account: 'me@x.org',
      kind: 'oauth',
      tokens: { accessToken: new Secret('token-1') },
    })
    await store.delete('claude', 'me@x.org')
    await store.close()
    await chmod(config.db, 0o644)
    const after = await doctor({ home, config })
    // As a shell takes it for one file.
    expect(after.of('permissions')[0]?.fix).toContain(` '${home}/Ann'\\''s logins.db'`)
    expect(after.of('database')[0]?.message).toBe(`0 logins in ${config.db}`)
  })

  it('sees before the first login that nothing here keeps one, and says how npm gets what is missing', async () => {
    const byok = await createIsolatedByok({ db: join(tmpdir(), 'byok-doctor-not-there', 'tokens.db') })
    onTestFinished(() => byok.close())
    const found = (fault: Error) =>
      checkDatabase(byok, {}, { betterSqlite: () => Promise.reject(fault), nodeSqlite: () => undefined })
    const absent = await found(Object.assign(new Error('no such package'), { code: 'ERR_MODULE_NOT_FOUND' }))
    expect(absent).toMatchObject({
      state: 'warn',
      message: expect.stringContaining('then install byok again (') as string,
    })
    const unbuilt = await found(new Error('Could not locate the bindings file.'))
    expect(unbuilt.message).toContain('then run "npm rebuild better-sqlite3" where byok is installed.')
  })

  it('looks at logins that a plugin keeps', async () => {
    const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-doctor-')))
    const vault = join(home, 'vault.mjs')
    const methods = 'get put update markNeedsLogin delete acquireLease releaseLease close'.split(' ')
    const stubs = methods.map((name) => `async ${name}() {}`).join(', ')
    await writeFile(
      vault,
      `export default { name: 'vault', stores: { vault: async () => ({ async list() { return [] }, ${stubs} }) } }`,
    )
    const { code, of } = await doctor({ home, config: { port: 0, db: 'vault://logins', plugins: [vault] } })
    expect(code).toBe(0)
    expect(of('permissions')).toMatchObject([{ state: 'ok' }])
    expect(of('database')).toMatchObject([{ state: 'ok', message: '0 logins in vault://logins' }])
    const gone = await doctor({ home, config: { port: 0, db: 'vault://logins', plugins: ['./gone.mjs'] } })
    expect(gone.of('config')).toMatchObject([{ state: 'fail' }])
  })

  it('sees that serve would refuse to listen, until there is a key', async () => {
    const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-doctor-')))
    const config = { host: '0.0.0.0', port: 0 }
    const open = await doctor({ home, config })
    expect(open.code).toBe(1)
    expect(open.of('host')).toEqual([
      {
        check: 'host',
        state: 'fail',
        message: 'Listening on 0.0.0.0 would open your accounts to everyone who can reach this machine.',
        fix: expect.stringContaining('byok key create') as string,
      },
    ])
    expect(await (await line(['key', 'create', 'laptop'], { home, config })).exited).toBe(0)
    const kept = await doctor({ home, config })
    expect([kept.code, kept.of('host')[0]?.message]).toEqual([0, 'Others can reach byok on 0.0.0.0, with a key.'])
    const blocked = await doctor({ home, config: { port: 6000 } })
    expect(blocked.of('host')[0]).toMatchObject({ state: 'fail', message: expect.stringContaining('6000') as string })
  })

  it('goes on after a plugin that does not load', async () => {
    const gone = await doctor({ config: { port: 0, plugins: ['./gone.mjs'] } }, ['--accounts'])
    expect(gone.code).toBe(1)
    expect(gone.of('config')).toEqual([
      expect.objectContaining({ state: 'fail', message: expect.stringContaining('gone.mjs') as string }),
    ])
    for (const check of ['port', 'permissions', 'proxy', 'host', 'database', 'clock']) {
      expect(gone.of(check)).toMatchObject([{ state: 'ok' }])
    }
    // The config cannot be read without it.
    const needed = await doctor({ config: { plugins: ['./gone.mjs'], providers: { acme: { api_key: 'sk-test' } } } })
    expect(needed.of('config')).toMatchObject([
      { state: 'fail', message: expect.stringContaining('gone.mjs') as string },
    ])
    expect(needed.of('port')).toEqual([])
  })

  it('says so where the database is no database', async () => {
    const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-doctor-')))
    await mkdir(join(home, '.byok'), { mode: 0o700 })
    await writeFile(join(home, '.byok', 'tokens.db'), 'some text of another program, long enough\n')
    const run = await line(['doctor'], { home, config: { port: 0 } })
    expect(await run.exited).toBe(1)
    expect(run.stdout()).toMatch(/x database .*tokens\.db.*\n +fix: /)
  })

  it('says so where the keys that byok made, or its records, cannot be read', async () => {
    const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-doctor-')))
    const at = (name: string) => join(home, '.byok', name)
    await mkdir(at(''), { mode: 0o700 })
    for (const name of ['client-keys.json', 'usage.db']) await writeFile(at(name), 'some text of another program\n')
    const { code, of } = await doctor({ home, config: { port: 0 } })
    expect(code).toBe(1)
    expect([...of('keys'), ...of('usage')]).toEqual([
      {
        check: 'keys',
        state: 'fail',
        message: expect.stringContaining(`${at('client-keys.json')} is no usable list of client keys.`) as string,
        fix: 'Do what it says: until then byok knows no key, and refuses every request.',
      },
      {
        check: 'usage',
        state: 'warn',
        message: expect.stringContaining(`${at('usage.db')} is no usable usage database`) as string,
        fix: 'Do what it says: until then no use is recorded, and budgets begin anew at each start.',
      },
    ])
  })

  it.skipIf(process.platform === 'win32')('reads a config that is a pipe once', async () => {
    const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-doctor-')))
    const pipe = join(home, 'pipe.yaml')
    execFileSync('mkfifo', [pipe])
    const written = writeFile(pipe, 'port: 0\nserver: { keys: [of-the-pipe] }\n')
    const { code, of } = await doctor({ home }, ['-c', pipe])
    await written
    expect([code, of('host').length]).toEqual([0, 1])
  })

  it('reaches a proxy that is there, and ends', async () => {
    const port = await taken()
    const { of } = await doctor({ config: { port: 0 }, env: { HTTPS_PROXY: `http://127.0.0.1:${port}` } })
    expect(of('proxy')).toEqual([
      { check: 'proxy', state: 'ok', message: expect.stringContaining('HTTPS_PROXY') as string },
    ])
  })

  it.each([
    ['ALL_PROXY', 'socks5h://127.0.0.1:PORT', 'ok', /can be reached/],
    ['https_proxy', '127.0.0.1:PORT', 'ok', /can be reached/],
    ['HTTPS_PROXY', 'socks4://127.0.0.1:PORT', 'fail', /of a kind that byok cannot use/],
  ])('looks at the proxy of %s=%s', async (variable, url, state, message) => {
    const env = { [variable]: url.replace('PORT', String(await taken())) }
    const { of } = await doctor({ config: { port: 0 }, env })
    expect(of('proxy')).toEqual([
      expect.objectContaining({ state, message: expect.stringMatching(message) as string }) as unknown,
    ])
    expect(of('proxy')[0]?.message).toContain(variable)
  })

  it('looks at an address in brackets, as config may have it', async () => {
    const port = await taken()
    expect(await checkPort('[127.0.0.1]', port)).toMatchObject({
      state: 'fail',
      message: expect.stringMatching(/^Another program listens/) as string,
    })
  })

  it('knows a byok that runs', async () => {
    const up = await serve({ config: { server: { keys: ['k'] } } })
    onTestFinished(() => up.dispose())
    const finding = await checkPort('127.0.0.1', Number(new URL(up.url).port))
    expect(finding).toMatchObject({ state: 'ok', message: expect.stringContaining('byok is running') as string })
  })

  it.each([
    ['server.tls', { server: { tls: true } }, {}],
    ['byok serve --https', {}, { https: true }],
  ])('knows one that serves https by %s', async (_name, config, options) => {
    const byok = await createIsolatedByok(config)
    const { port, close } = await listen(byok, { port: 0, ...options })
    onTestFinished(async () => {
      await close()
      await byok.close()
    })
    const { of } = await doctor({ config: { port, ...config } })
    expect(of('port')).toEqual([{ check: 'port', state: 'ok', message: `byok is running on 127.0.0.1:${port}.` }])
  })

  it.each([
    [200, 'hello'],
    [200, '{"status":"ok"}'],
    [401, '{"error":"unauthorized"}'],
    [500, ''],
  ])('takes a server that answers %i %s for another', async (status, body) => {
    const other = createHttpServer((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    expect(await checkPort('127.0.0.1', (other.address() as AddressInfo).port)).toMatchObject({
      state: 'fail',
      message: expect.stringMatching(/^Another program listens/) as string,
    })
  })
})

describe('a check', () => {
  it('knows which Node is too old', () => {
    expect(checkNode('20.18.3').state).toBe('fail')
    expect(checkNode('20.19.0').state).toBe('ok')
    expect(checkNode('26.1.0').state).toBe('ok')
  })

  it("compares the clock with the nearest of the providers'", () => {
    const now = Date.UTC(2026, 0, 1)
    expect(checkClock([now - 1000, now - 900_000], now).state).toBe('ok')
    expect(checkClock([now - 120_000], now)).toMatchObject({
      state: 'warn',
      message: expect.stringContaining('ahead') as string,
    })
    expect(checkClock([now + 900_000], now)).toMatchObject({
      state: 'fail',
      message: expect.stringContaining('behind') as string,
    })
  })
})
