import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { consola } from 'consola'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openDatabaseFile } from '../../src/core/store/database.ts'
import { openTokenStore } from '../../src/core/store/index.ts'
import { makeHome, startCommandLine } from '../helpers/command-line.ts'
import { startAws } from '../upstreams/auth/aws.ts'
import {
  startClaude,
  startCodex,
  startGitHub,
  startGoogle,
  startIflow,
  startKimi,
  startQwen,
} from '../upstreams/auth/vendors.ts'
import { browse, cli, expectSealed, printedUrl, signIn, storedLogins } from './login-support.ts'

const GEMINI = {
  id: '681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com',
  secret: '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',
  path: '/oauth2callback',
  scopes: [
    'https://www.googleapis.com/auth/cloud-platform',
    'https://www.googleapis.com/auth/userinfo.email',
    'https://www.googleapis.com/auth/userinfo.profile',
  ],
}
const GEMINI_METADATA = { ideType: 'IDE_UNSPECIFIED', platform: 'PLATFORM_UNSPECIFIED', pluginType: 'GEMINI' }

const ANTIGRAVITY = {
  id: '1071006060591-tmhssin2h21lcre235vtolojh4g403ep.apps.googleusercontent.com',
  secret: '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',
  path: '/oauth-callback',
  scopes: [
    ...GEMINI.scopes,
    'https://www.googleapis.com/auth/cclog',
    'https://www.googleapis.com/auth/experimentsandconfigs',
  ],
}

// Those where a process is the point start one, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

describe('byok login, in the browser', () => {
  it.each([
    {
      provider: 'claude',
      start: startClaude,
      account: 'ann@example.com',
      metadata: { account_uuid: 'acc-1', organization: 'Ann & Co' },
    },
    {
      provider: 'codex',
      start: startCodex,
      account: 'bob@example.com',
      metadata: { account_id: 'chatgpt-7', plan: 'plus' },
    },
    {
      provider: 'gemini',
      start: () => startGoogle(GEMINI, { project: 'my-project', metadata: GEMINI_METADATA }),
      account: 'gem@example.com',
      metadata: { project_id: 'my-project' },
    },
    {
      provider: 'antigravity',
      start: () => startGoogle(ANTIGRAVITY, { metadata: { ideType: 'ANTIGRAVITY' } }),
      account: 'gem@example.com',
      metadata: { project_id: 'onboarded-1' },
    },
  ])('signs in to $provider with PKCE, and keeps what it needs', async ({ provider, start, account, metadata }) => {
    const { server, settings } = await start()
    onTestFinished(() => server.close())
    const run = await signIn([provider], { providers: { [provider]: settings } }, server.secrets.concat())
    const page = await browse(await printedUrl(run))
    expect(await run.exited).toBe(0)
    expect(run.stdout()).toMatch(new RegExp(`as ${account}\\.$`, 'm'))
    expect(server.faults).toEqual([])
    expect(page.status).toBe(200)
    expect(page.text).toContain('Signed in to')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    for (const secret of server.secrets) expect(page.text + run.stdout() + run.stderr()).not.toContain(secret)

    const [login] = await storedLogins(run.home)
    expect(login).toMatchObject({ provider, account, state: 'ok' })
    expect(login?.metadata).toMatchObject(metadata)
    expect(server.knows(login?.tokens.accessToken.reveal())).toBe(true)
    expect(login?.tokens.refreshToken?.reveal()).toMatch(/^secret-refresh-/)
    expect((login?.expiresAt ?? 0) - Date.now()).toBeGreaterThan(3_500_000)
    await expectSealed(run.home, server.secrets)
  })

  it('gets an account of Antigravity that has a tier its project, whatever project the shell is for', async () => {
    const { server, settings } = await startGoogle(ANTIGRAVITY, {
      metadata: { ideType: 'ANTIGRAVITY' },
      tier: 'free-tier',
    })
    onTestFinished(() => server.close())
    const run = await startCommandLine(['login', 'antigravity'], {
      config: { providers: { antigravity: settings } },
      env: { GOOGLE_CLOUD_PROJECT: 'of-something-else' },
    })
    await browse(await printedUrl(run))
    expect(await run.exited).toBe(0)
    expect(server.faults).toEqual([])
    const [login] = await storedLogins(run.home)
    expect(login?.metadata).toMatchObject({ project_id: 'onboarded-1' })
  })

  it('signs in to iFlow with its secret in Basic, keeps the API key, and says that the provider is disabled', async () => {
    const { server, settings } = await startIflow()
    onTestFinished(() => server.close())
    const run = await signIn(['iflow'], { providers: { iflow: { ...settings, enabled: false } } })
    await browse(await printedUrl(run))
    expect(await run.exited).toBe(0)
    expect(run.stdout()).toContain('as flo@example.com. It serves no request until providers.iflow.enabled is true.')
    expect(server.faults).toEqual([])
    const [login] = await storedLogins(run.home)
    expect(login).toMatchObject({ provider: 'iflow', account: 'flo@example.com' })
    expect(login?.tokens.accessToken.reveal()).toBe('secret-iflow-key-0')
    expect(server.knows(login?.tokens.extra?.['oauth_access_token']?.reveal())).toBe(true)
    for (const secret of server.secrets) expect(run.stdout() + run.stderr()).not.toContain(secret)
  })

  it('keeps the login under the name that was asked for', async () => {
    const { server, settings } = await startCodex()
    onTestFinished(() => server.close())
    const run = await cli(['login', 'codex', '--account', 'work'], { config: { providers: { codex: settings } } })
    await browse(await printedUrl(run))
    expect(await run.exited).toBe(0)
    expect((await storedLogins(run.home)).map(({ account }) => account)).toEqual(['work'])
  })

  it('takes the pasted address of a browser elsewhere, and says what is wrong with another text', async () => {
    const { server, settings } = await startCodex()
    onTestFinished(() => server.close())
    const run = await cli(['login', 'codex', '--no-browser'], {
      config: { providers: { codex: settings } },
      stdin: true,
    })
    const url = await printedUrl(run)
    await run.until(/paste the address/)
    // The browser's machine has nothing on that port: only the address is there.
    const response = await fetch(url, { redirect: 'manual' })
    const redirected = response.headers.get('location') ?? ''
    run.write('nonsense\n')
    await run.until(/not from this login/)
    run.write(`${redirected.replace(/code=[^&]+/, 'code=')}\n`)
    await run.until(/holds no code/)
    run.write(`${redirected}\n`)
    expect(await run.exited).toBe(0)
    expect(await storedLogins(run.home)).toHaveLength(1)
  })

  it('turns away a redirect that is not its own, and goes on waiting', async () => {
    const { server, settings } = await startCodex()
    onTestFinished(() => server.close())
    const run = await signIn(['codex'], { providers: { codex: settings } })
    const url = new URL(await printedUrl(run))
    const callback = url.searchParams.get('redirect_uri') ?? ''
    const forged = await browse(`${callback}?code=evil&state=${'x'.repeat(43)}`)
    expect(forged.status).toBe(400)
    expect(forged.text).toContain('not expected')
    expect(run.stdout()).toContain('came back and was turned away.')
    const elsewhere = await fetch(`${new URL(callback).origin}/other`)
    expect(elsewhere.status).toBe(404)
    const page = await browse(url.href)
    expect(page.status).toBe(200)
    expect(await run.exited).toBe(0)
    expect(server.faults).toEqual([])
  })

  it('tells of a refusal that does not say which login it is for, and goes on waiting', async () => {
    const { server, settings } = await startCodex()
    onTestFinished(() => server.close())
    const run = await signIn(['codex'], { providers: { codex: settings } })
    const url = new URL(await printedUrl(run))
    const callback = url.searchParams.get('redirect_uri') ?? ''
    for (const said of ['Not%1B%5B2Jyou', 'again']) {
      expect((await browse(`${callback}?error=access_denied&error_description=${said}`)).status).toBe(400)
    }
    expect(run.stdout()).toContain('turned away. It said: Not [2Jyou (access_denied).')
    expect(run.stdout()).not.toContain('again (access_denied)')
    await browse(url.href)
    expect(await run.exited).toBe(0)
  })

  it("shows the provider's refusal as it is, without running what it holds", async () => {
    const { server, settings } = await startCodex()
    onTestFinished(() => server.close())
    server.refuse('access_denied', 'You said <script>no</script> & left')
    const run = await signIn(['codex'], { providers: { codex: settings } })
    const page = await browse(await printedUrl(run))
    expect(await run.exited).toBe(1)
    expect(run.stderr()).toContain('You said <script>no</script> & left (access_denied)')
    expect(page.text).toContain('You said &lt;script&gt;no&lt;/script&gt; &amp; left')
    expect(page.text).not.toContain('<script>')
    expect(await storedLogins(run.home)).toEqual([])
  })

  it("shows the token endpoint's refusal, in the page too, without the code", async () => {
    const { server, settings } = await startCodex()
    onTestFinished(() => server.close())
    server.failToken(403, { error: { code: 'unsupported_country', message: 'Your country is not supported.' } })
    const run = await signIn(['codex'], { providers: { codex: settings } })
    const page = await browse(await printedUrl(run))
    expect(await run.exited).toBe(1)
    expect(run.stderr()).toContain('Your country is not supported.')
    expect(page.text).toContain('Your country is not supported.')
    for (const secret of server.secrets) expect(page.text + run.stdout() + run.stderr()).not.toContain(secret)
  })

  it('names a callback port that is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const run = await signIn(['codex'], { providers: { codex: { oauth: { callback_port: port } } } })
    expect(await run.exited).toBe(1)
    expect(run.stderr()).toContain(`Port ${port} of 127.0.0.1 is not free`)
    expect(run.stderr()).not.toMatch(/\bat .*\.ts:/)
  })

  it('leaves nothing behind when it is stopped', async () => {
    const { server, settings } = await startCodex()
    onTestFinished(() => server.close())
    const run = await cli(['login', 'codex'], { config: { providers: { codex: settings } } })
    const url = await printedUrl(run)
    run.kill('SIGINT')
    expect(await run.exited).toBe(130)
    expect(run.stderr()).toContain('Cancelled. Nothing was stored.')
    expect(await storedLogins(run.home)).toEqual([])
    const callback = new URL(url).searchParams.get('redirect_uri') ?? ''
    await expect(fetch(callback)).rejects.toThrow()
  })
})

describe('byok login, with a device code', () => {
  it('signs in to Copilot, and keeps its own token beside that of GitHub', async () => {
    const { server, settings } = await startGitHub()
    onTestFinished(() => server.close())
    const run = await cli(['login', 'copilot'], { config: { providers: { copilot: settings } } })
    await run.until(/good for (15:00|14:\d\d)/)
    expect(run.stdout()).toContain('W D J B - M J H T')
    expect(run.stdout()).toContain('WDJB-MJHT')
    expect(run.stdout()).toContain(`${server.url}/device`)
    await server.polled
    server.approve()
    expect(await run.exited).toBe(0)
    expect(server.faults).toEqual([])
    const [login] = await storedLogins(run.home)
    expect(login).toMatchObject({
      provider: 'copilot',
      account: 'octo-cat',
      metadata: { endpoint: 'https://api.individual.githubcopilot.com' },
    })
    expect(login?.tokens.accessToken.reveal()).toMatch(/^secret-copilot-/)
    expect(server.knows(login?.tokens.refreshToken?.reveal())).toBe(true)
    for (const secret of server.secrets) expect(run.stdout() + run.stderr()).not.toContain(secret)
  })

  it('says so where a GitHub account has no Copilot', async () => {
    const { server, settings } = await startGitHub('none')
    onTestFinished(() => server.close())
    server.approve()
    const run = await signIn(['copilot'], { providers: { copilot: settings } })
    expect(await run.exited).toBe(1)
    expect(run.stderr()).toContain('No Copilot subscription found.')
    expect(await storedLogins(run.home)).toEqual([])
  })

  it('says what may be the reason where GitHub does not know Copilot for a login', async () => {
    const { server, settings } = await startGitHub('hidden')
    onTestFinished(() => server.close())
    server.approve()
    const run = await signIn(['copilot'], { providers: { copilot: settings } })
    expect(await run.exited).toBe(1)
    expect(run.stderr()).toContain('its account has no Copilot, see https://github.com/settings/copilot')
    expect(await storedLogins(run.home)).toEqual([])
  })

  it('signs in to Qwen with PKCE, and keeps the resource URL', async () => {
    const { server, settings } = await startQwen()
    onTestFinished(() => server.close())
    const run = await signIn(['qwen'], { providers: { qwen: settings } })
    await server.polled
    server.approve()
    expect(await run.exited).toBe(0)
    expect(server.faults).toEqual([])
    const [login] = await storedLogins(run.home)
    expect(login).toMatchObject({ provider: 'qwen', metadata: { resource_url: 'portal.qwen.ai' } })
    expect(run.stdout()).toContain('Qwen ended what this login gave')
    expect(run.stdout().indexOf('Qwen ended')).toBeLessThan(run.stdout().indexOf('Code:'))
  })

  it('signs in to Kimi, and keeps the device id it signed in with', async () => {
    const { server, settings } = await startKimi()
    onTestFinished(() => server.close())
    const run = await signIn(['kimi'], { providers: { kimi: settings } })
    await server.polled
    server.approve()
    expect(await run.exited).toBe(0)
    expect(server.faults).toEqual([])
    const [login] = await storedLogins(run.home)
    expect(login).toMatchObject({ provider: 'kimi', account: 'kimi-user-5' })
    const ids = new Set(server.requests.map(({ headers }) => headers['x-msh-device-id']))
    expect([...ids]).toEqual([login?.metadata['device_id']])
    expect(server.requests[0]?.headers['x-msh-platform']).toBe('byok')
  })

  it.each([
    {
      who: 'a Builder ID',
      more: {},
      arn: undefined,
      account: 'builder-id',
      metadata: { region: 'us-east-1', auth_method: 'builder-id', start_url: 'https://view.awsapps.com/start' },
    },
    {
      who: 'a company',
      more: { region: 'eu-west-1', start_url: 'https://acme.awsapps.com/start' },
      arn: 'arn:aws:codewhisperer:eu-central-1:123456789012:profile/TEAM',
      account: 'acme.awsapps.com',
      metadata: {
        region: 'eu-west-1',
        auth_method: 'idc',
        profile_arn: 'arn:aws:codewhisperer:eu-central-1:123456789012:profile/TEAM',
      },
    },
  ])('signs in to Kiro as $who', async ({ more, arn, account, metadata }) => {
    const { server, settings } = await startAws(arn)
    onTestFinished(() => server.close())
    const run = await signIn(['kiro'], { providers: { kiro: { ...settings, ...more } } })
    await run.until(/Code: KIRO-CODE/)
    server.approve()
    expect(await run.exited).toBe(0)
    expect(server.faults).toEqual([])
    const [login] = await storedLogins(run.home)
    expect(login).toMatchObject({ provider: 'kiro', account })
    expect(login?.metadata).toMatchObject(metadata)
    if (arn === undefined) expect(login?.metadata).not.toHaveProperty('profile_arn')
    expect(server.startUrl()).toBe(login?.metadata['start_url'])
    expect(login?.tokens.extra?.['client_secret']?.reveal()).toMatch(/^secret-client-/)
    for (const secret of server.secrets) expect(run.stdout() + run.stderr()).not.toContain(secret)
  })

  it('says that a client of Kiro needs its secret', async () => {
    const { server, settings } = await startAws()
    onTestFinished(() => server.close())
    const oauth = { ...Object(settings['oauth']), client_id: 'mine' } as object
    const run = await signIn(['kiro'], { providers: { kiro: { ...settings, oauth } } })
    expect(await run.exited).toBe(1)
    expect(run.stderr()).toContain('providers.kiro.oauth.client_id and client_secret go together')
    expect(server.requests).toEqual([])
  })

  it('puts up with a network that fails now and then', async () => {
    const { server, settings } = await startQwen()
    onTestFinished(() => server.close())
    server.disturb('cut', 502, 'cut')
    const run = await signIn(['qwen'], { providers: { qwen: settings } })
    await server.polled
    server.approve()
    expect(await run.exited).toBe(0)
    expect(server.polls()).toBeGreaterThan(3)
    expect(server.faults).toEqual([])
  })

  it.each([
    ['a database that cannot be made', async (home: string) => join(home, 'file', 'tokens.db')],
    [
      'a database that can only be read',
      async (home: string) => {
        const path = join(home, 'only-read.db')
        await (await openTokenStore({ path, keychain: false })).ready?.()
        const db = await openDatabaseFile({ path, keyFile: join(home, 'key'), onWarning: () => {}, loaders: undefined })
        // What a file system that can only be read does to a write, for root too.
        await db.exec(`CREATE TRIGGER no BEFORE UPDATE ON byok_meta BEGIN SELECT RAISE(ABORT, 'readonly'); END`)
        await db.dispose()
        return path
      },
    ],
  ])('shows no code for %s', async (_name, prepare) => {
    const { server, settings } = await startQwen()
    onTestFinished(() => server.close())
    const home = await makeHome()
    await writeFile(join(home, 'file'), '')
    const db = await prepare(home)
    const run = await signIn(['qwen'], { db, providers: { qwen: settings } })
    expect(await run.exited).toBe(1)
    expect(run.stderr()).toContain(db)
    expect(server.requests).toEqual([])
    expect(run.stdout()).not.toContain('Code:')
  })

  it('ends where the person says no', async () => {
    const { server, settings } = await startQwen()
    onTestFinished(() => server.close())
    const run = await signIn(['qwen'], { providers: { qwen: settings } })
    await server.polled
    server.deny()
    expect(await run.exited).toBe(1)
    expect(run.stderr()).toContain('The person said no. (access_denied)')
    expect(await storedLogins(run.home)).toEqual([])
  })

  it('stops polling when it is stopped', async () => {
    const { server, settings } = await startQwen()
    onTestFinished(() => server.close())
    const run = await cli(['login', 'qwen'], { config: { providers: { qwen: settings } } })
    await server.polled
    run.kill('SIGTERM')
    expect(await run.exited).toBe(143)
    expect(await storedLogins(run.home)).toEqual([])
  })
})

describe('byok login, on the command line', () => {
  it('wants a name where nobody can choose from a list', async () => {
    const run = await signIn([], {})
    expect(await run.exited).toBe(2)
    expect(run.stderr()).toMatch(/name the provider to log in to: .*codex/)
  })

  it('knows what a misspelt provider was meant to be', async () => {
    const run = await signIn(['codx'], {})
    expect(await run.exited).toBe(2)
    expect(run.stderr()).toContain('Did you mean codex?')
  })

  describe('with a list to choose from', () => {
    /** A terminal, and a list in it from which nobody chooses. */
    function list() {
      const terminals = [Readable.prototype, process.stdout] as const
      for (const terminal of terminals) {
        const before = Object.getOwnPropertyDescriptor(terminal, 'isTTY')
        Object.defineProperty(terminal, 'isTTY', { value: true, configurable: true })
        onTestFinished(() => {
          if (before) Object.defineProperty(terminal, 'isTTY', before)
          else Reflect.deleteProperty(terminal, 'isTTY')
        })
      }
      let tell = () => {}
      const shown = new Promise<void>((resolve) => (tell = resolve))
      const prompt = vi.spyOn(consola, 'prompt').mockImplementation(() => {
        tell()
        return new Promise<never>(() => {})
      })
      return { shown, prompt }
    }

    it('ends on a signal that comes while the list is shown', async () => {
      const { shown } = list()
      const run = await startCommandLine(['login'])
      await shown
      process.emit('SIGTERM', 'SIGTERM')
      expect(await run.exited).toBe(143)
      expect(run.stderr()).toContain('Cancelled. Nothing was stored.')
    })

    it('shows no list after Ctrl-C while byok starts', async () => {
      const { prompt } = list()
      const on = process.on.bind(process)
      vi.spyOn(process, 'on').mockImplementation((event: string | symbol, listener: (...args: unknown[]) => void) => {
        on(event, listener)
        if (event === 'SIGINT') queueMicrotask(() => listener('SIGINT'))
        return process
      })
      const run = await startCommandLine(['login'])
      expect(await run.exited).toBe(130)
      expect(run.stderr()).toContain('Cancelled. Nothing was stored.')
      expect(prompt).not.toHaveBeenCalled()
    })
  })
})
