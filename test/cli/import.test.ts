import { chmod, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createDatabase } from 'db0'
import { describe, expect, it, vi } from 'vitest'
import { loadSqlite } from '../../src/core/store/sqlite.ts'
import { fakeJwt } from '../upstreams/auth/code-server.ts'
import { line, ownHome, storedLogins } from './login-support.ts'

vi.setConfig({ testTimeout: 90_000 })

const FUTURE = Date.UTC(2100, 0, 1)
const ID_TOKEN = fakeJwt({
  email: 'bob@example.com',
  'https://api.openai.com/auth': { chatgpt_account_id: 'chatgpt-7' },
})
const CODEX_TOKEN = fakeJwt({ exp: FUTURE / 1000 })

/** Each tool's file as the tool writes it. */
const FILES: Record<string, object | string> = {
  '.claude/.credentials.json': {
    claudeAiOauth: {
      accessToken: 'secret-claude-access',
      refreshToken: 'secret-claude-refresh',
      expiresAt: FUTURE,
      scopes: ['user:inference'],
      subscriptionType: 'max',
    },
  },
  '.codex/auth.json': {
    OPENAI_API_KEY: null,
    tokens: {
      id_token: ID_TOKEN,
      access_token: CODEX_TOKEN,
      refresh_token: 'secret-codex-refresh',
      account_id: 'chatgpt-7',
    },
    last_refresh: '2026-01-01T00:00:00Z',
  },
  '.gemini/oauth_creds.json': {
    access_token: 'secret-gemini-access',
    refresh_token: 'secret-gemini-refresh',
    scope: 'x',
    token_type: 'Bearer',
    id_token: fakeJwt({ email: 'gem@example.com' }),
    expiry_date: FUTURE,
  },
  '.qwen/oauth_creds.json': {
    access_token: 'secret-qwen-access',
    refresh_token: 'secret-qwen-refresh',
    token_type: 'Bearer',
    resource_url: 'portal.qwen.ai',
    expiry_date: FUTURE,
  },
  '.aws/sso/cache/kiro-auth-token.json': {
    accessToken: 'secret-kiro-access',
    refreshToken: 'secret-kiro-refresh',
    expiresAt: '2100-01-01T00:00:00.000Z',
    clientIdHash: 'abc123',
    authMethod: 'IdC',
    provider: 'Enterprise',
    region: 'eu-west-1',
  },
  '.aws/sso/cache/abc123.json': { clientId: 'client-9', clientSecret: 'secret-kiro-client', expiresAt: '2100-01-01' },
  '.config/github-copilot/apps.json': {
    'github.com:Iv1.b507a08c87ecfe98': { user: 'octo-cat', oauth_token: 'secret-github-editor' },
  },
  '.config/gh/hosts.yml':
    'github.com:\n    user: hub-ot\n    oauth_token: secret-github-cli\n    git_protocol: https\nghe.example.com:\n    oauth_token: secret-other\nacme.ghe.com:\n    user: hub-ot\n    oauth_token: secret-github-company\n',
  '.kimi/credentials/kimi-code.json': {
    access_token: 'secret-kimi-access',
    refresh_token: 'secret-kimi-refresh',
    expires_at: FUTURE / 1000,
    scope: '',
    token_type: 'Bearer',
  },
  '.kimi/device_id': 'f00df00df00d\n',
}

const SECRETS = [...JSON.stringify(FILES).matchAll(/secret-[\w-]+/g)].map(([secret]) => secret)

async function homeWith(files: Record<string, object | string>): Promise<string> {
  const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-import-')))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(home, name)), { recursive: true })
    await writeFile(join(home, name), textOf(content))
    // Reading is all that is allowed.
    await chmod(join(home, name), 0o400)
  }
  return home
}

/** Kiro CLI's database, as far as logins go: aws/amazon-q-developer-cli crates/chat-cli/src/database. */
async function writeKiroCli(path: string, auth: Record<string, object | null>): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const db = createDatabase((await loadSqlite()).connector(path))
  await db.exec(
    'CREATE TABLE auth_kv (key TEXT PRIMARY KEY, value TEXT); CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB)',
  )
  for (const [key, value] of Object.entries(auth)) {
    await db.prepare('INSERT INTO auth_kv VALUES (?, ?)').run(key, JSON.stringify(value))
  }
  const profile = JSON.stringify({ arn: 'arn:aws:codewhisperer:eu-central-1:1:profile/A', profile_name: 'A' })
  await db.prepare('INSERT INTO state VALUES (?, CAST(? AS BLOB))').run('api.codewhisperer.profile', profile)
  await db.dispose()
  await chmod(path, 0o400)
}

function textOf(content: object | string): string {
  return typeof content === 'string' ? content : JSON.stringify(content)
}

/** The store lists logins in the order they came, and those of one millisecond by name: this order is always the same. */
async function loginsByName(home: string): ReturnType<typeof storedLogins> {
  const logins = await storedLogins(home)
  return logins.sort((a, b) => a.provider.localeCompare(b.provider) || a.account.localeCompare(b.account))
}

describe('byok import', () => {
  it('takes over the logins of every tool it knows, and only reads their files', async () => {
    const home = await homeWith(FILES)
    const run = await line(['import'], { home, config: {} }, SECRETS)
    expect(await run.exited).toBe(0)
    const logins = await loginsByName(home)
    const short = logins.map(({ provider, account, tokens, expiresAt, metadata }) => ({
      login: `${provider}/${account}`,
      access: tokens.accessToken.reveal(),
      refresh: tokens.refreshToken?.reveal(),
      expiresAt,
      metadata,
    }))
    expect(short).toEqual([
      {
        login: 'claude/claude-code',
        access: 'secret-claude-access',
        refresh: 'secret-claude-refresh',
        expiresAt: FUTURE,
        metadata: { subscription: 'max' },
      },
      {
        login: 'codex/bob@example.com',
        access: CODEX_TOKEN,
        refresh: 'secret-codex-refresh',
        expiresAt: FUTURE,
        metadata: { account_id: 'chatgpt-7' },
      },
      {
        login: 'copilot/hub-ot',
        access: 'secret-github-cli',
        refresh: 'secret-github-cli',
        expiresAt: 0,
        metadata: {},
      },
      {
        login: 'copilot/hub-ot@acme.ghe.com',
        access: 'secret-github-company',
        refresh: 'secret-github-company',
        expiresAt: 0,
        metadata: { domain: 'acme.ghe.com' },
      },
      {
        login: 'copilot/octo-cat',
        access: 'secret-github-editor',
        refresh: 'secret-github-editor',
        expiresAt: 0,
        metadata: {},
      },
      {
        login: 'gemini/gem@example.com',
        access: 'secret-gemini-access',
        refresh: 'secret-gemini-refresh',
        expiresAt: 0,
        metadata: {},
      },
      {
        login: 'kimi/kimi-cli',
        access: 'secret-kimi-access',
        refresh: 'secret-kimi-refresh',
        expiresAt: FUTURE,
        metadata: { device_id: 'f00df00df00d' },
      },
      {
        login: 'kiro/enterprise',
        access: 'secret-kiro-access',
        refresh: 'secret-kiro-refresh',
        // The file does not say its profile, which the first use finds with a refresh.
        expiresAt: 0,
        metadata: { region: 'eu-west-1', auth_method: 'idc', client_id: 'client-9' },
      },
      {
        login: 'qwen/qwen-code',
        access: 'secret-qwen-access',
        refresh: 'secret-qwen-refresh',
        expiresAt: FUTURE,
        metadata: { resource_url: 'portal.qwen.ai' },
      },
    ])
    expect(logins.find(({ provider }) => provider === 'kiro')?.tokens.extra?.['client_secret']?.reveal()).toBe(
      'secret-kiro-client',
    )
    for (const [name, content] of Object.entries(FILES)) {
      expect(await readFile(join(home, name), 'utf8')).toBe(textOf(content))
    }

    const again = await line(['import', 'codex'], { home, config: {} }, SECRETS)
    expect(await again.exited).toBe(0)
    expect(again.stdout()).toContain('bob@example.com is signed in already')
    expect((await loginsByName(home)).map(({ version }) => version)).toEqual(logins.map(({ version }) => version))
  })

  it('names a file it cannot read, quotes nothing of it, and takes the others', async () => {
    const home = await homeWith({
      '.codex/auth.json': '{"tokens": {"access_token": "secret-cut',
      '.qwen/oauth_creds.json': FILES['.qwen/oauth_creds.json'] ?? {},
    })
    const run = await line(['import'], { home, config: {} }, ['secret-cut', ...SECRETS])
    expect(await run.exited).toBe(1)
    expect(run.stderr()).toContain(join(home, '.codex', 'auth.json'))
    expect((await storedLogins(home)).map(({ provider }) => provider)).toEqual(['qwen'])
  })

  it('keeps the login of another workspace beside that of the first', async () => {
    const home = await homeWith(FILES)
    await line(['import', 'codex'], { home, config: {} }, SECRETS)
    const path = join(home, '.codex', 'auth.json')
    await chmod(path, 0o600)
    const tokens = { id_token: ID_TOKEN, access_token: CODEX_TOKEN, refresh_token: 'secret-of-the-team' }
    await writeFile(path, JSON.stringify({ tokens: { ...tokens, account_id: 'chatgpt-team' } }))
    const run = await line(['import', 'codex'], { home, config: {} }, SECRETS)
    expect(run.stdout()).toContain('bob@example.com-2 taken over from')
    const again = await line(['import', 'codex'], { home, config: {} }, SECRETS)
    expect(again.stdout()).toContain('bob@example.com-2 is signed in already')
    expect((await loginsByName(home)).map(({ account, metadata }) => [account, metadata['account_id']])).toEqual([
      ['bob@example.com', 'chatgpt-7'],
      ['bob@example.com-2', 'chatgpt-team'],
    ])
  })

  it('finds the homes of newer tools, and those that variables name', async () => {
    const kimi = (name: string, user: string) => ({
      access_token: fakeJwt({ user_id: user }),
      refresh_token: `secret-${name}`,
      expires_at: FUTURE / 1000,
    })
    const home = await homeWith({
      '.kimi-code/credentials/kimi-code.json': kimi('kimi-code', 'user-1'),
      // Of kimi.ai. MoonshotAI/kimi-code packages/oauth/src/managed-kimi-code.ts, `resolveKimiCodeOAuthKey`.
      '.kimi-code/credentials/kimi-code-env-0e4f99c69cc27850.json': kimi('kimi-global', 'user-3'),
      '.kimi-code/device_id': 'device-of-code\n',
      '.kimi/credentials/kimi-code.json': kimi('kimi-cli', 'user-2'),
      'elsewhere/.gemini/oauth_creds.json': FILES['.gemini/oauth_creds.json'] ?? {},
      'elsewhere/qwen/oauth_creds.json': FILES['.qwen/oauth_creds.json'] ?? {},
      '.config/gh/hosts.yml':
        'github.com:\n    user: ann\n    oauth_token: secret-ann\n    users:\n        ann:\n            oauth_token: secret-ann\n' +
        '        bob:\n            oauth_token: secret-bob\n        kept-in-keychain:\n',
    })
    const env = { GEMINI_CLI_HOME: join(home, 'elsewhere'), QWEN_HOME: '~/elsewhere/qwen' }
    const run = await line(['import'], { home, config: {}, env }, [
      'secret-kimi-code',
      'secret-kimi-global',
      'secret-bob',
      ...SECRETS,
    ])
    expect(run.stderr()).toBe('')
    const logins = await loginsByName(home)
    expect(logins.map(({ provider, account }) => `${provider}/${account}`)).toEqual([
      'copilot/ann',
      'copilot/bob',
      'gemini/gem@example.com',
      'kimi/kimi-cli',
      'kimi/kimi-code',
      'kimi/kimi-code-global',
      'qwen/qwen-code',
    ])
    expect(logins[4]?.metadata).toEqual({ device_id: 'device-of-code' })
    expect(logins[5]?.metadata).toEqual({ device_id: 'device-of-code', region: 'global' })
    expect(logins[1]?.tokens.accessToken.reveal()).toBe('secret-bob')
  })

  it.each([
    [
      'a company',
      {
        'kirocli:odic:token': {
          access_token: 'secret-kiro-cli',
          expires_at: '2100-01-01T00:00:00.123456789Z',
          refresh_token: 'secret-kiro-refresh',
          region: 'eu-central-1',
          start_url: 'https://acme.awsapps.com/start',
          oauth_flow: 'DeviceCode',
          scopes: ['codewhisperer:completions'],
        },
        'kirocli:odic:device-registration': {
          client_id: 'client-7',
          client_secret: 'secret-kiro-client',
          client_secret_expires_at: '2100-01-01T00:00:00Z',
          region: 'eu-central-1',
          oauth_flow: 'DeviceCode',
          scopes: ['codewhisperer:completions'],
        },
      },
      {
        region: 'eu-central-1',
        start_url: 'https://acme.awsapps.com/start',
        auth_method: 'idc',
        client_id: 'client-7',
        profile_arn: 'arn:aws:codewhisperer:eu-central-1:1:profile/A',
      },
    ],
    [
      'a person of GitHub',
      {
        'kirocli:social:token': {
          access_token: 'secret-kiro-cli',
          expires_at: '2100-01-01T00:00:00.123456789Z',
          refresh_token: 'secret-kiro-refresh',
          provider: 'github',
          profile_arn: 'arn:aws:codewhisperer:us-east-1:2:profile/B',
        },
        'kirocli:odic:token': null,
      },
      { region: 'us-east-1', auth_method: 'social', profile_arn: 'arn:aws:codewhisperer:us-east-1:2:profile/B' },
    ],
    [
      "a company's own identity provider",
      {
        'kirocli:external-idp:token': {
          access_token: 'secret-kiro-cli',
          expires_at: '2100-01-01T00:00:00.123456789Z',
          refresh_token: 'secret-kiro-refresh',
          issuer_url: 'https://login.example.com/acme/v2.0',
          token_endpoint: 'https://login.example.com/acme/oauth2/v2.0/token',
          client_id: 'app-7',
        },
      },
      {
        region: 'us-east-1',
        auth_method: 'external_idp',
        client_id: 'app-7',
        token_endpoint: 'https://login.example.com/acme/oauth2/v2.0/token',
        profile_arn: 'arn:aws:codewhisperer:eu-central-1:1:profile/A',
      },
    ],
  ])('takes the login of %s from the database of Kiro CLI', async (_, auth, metadata) => {
    const home = await homeWith({ '.aws/sso/cache/kiro-auth-token.json': '{"accessToken": "secret-cut' })
    const path = join(home, 'data', 'kiro-cli', 'data.sqlite3')
    await writeKiroCli(path, auth)
    const env = { XDG_DATA_HOME: join(home, 'data') }
    const run = await line(['import', 'kiro'], { home, config: {}, env }, ['secret-kiro-cli', ...SECRETS])
    expect(run.stdout()).toContain(`kiro-cli taken over from ${path}`)
    // The file of the IDE, which is none, does not stand in its way.
    expect(run.stderr()).toContain('kiro-auth-token.json')
    const [login] = await storedLogins(home)
    expect(login?.tokens.accessToken.reveal()).toBe('secret-kiro-cli')
    expect(login?.tokens.refreshToken?.reveal()).toBe('secret-kiro-refresh')
    expect([login?.metadata, login?.expiresAt]).toEqual([metadata, FUTURE + 123])
  })

  it("takes the login of a company's own identity provider from Kiro's IDE", async () => {
    const file = {
      accessToken: 'secret-kiro-access',
      refreshToken: 'secret-kiro-refresh',
      expiresAt: '2100-01-01T00:00:00.000Z',
      authMethod: 'external_idp',
      provider: 'ExternalIdp',
      clientId: 'app-7',
      tokenEndpoint: 'https://login.example.com/acme/oauth2/v2.0/token',
      issuerUrl: 'https://login.example.com/acme/v2.0',
      scopes: 'api://7/codewhisperer:conversations offline_access',
    }
    const home = await homeWith({ '.aws/sso/cache/kiro-auth-token.json': file })
    await line(['import', 'kiro'], { home, config: {} }, SECRETS)
    const [login] = await storedLogins(home)
    expect([login?.metadata, login?.expiresAt]).toEqual([
      {
        region: 'us-east-1',
        auth_method: 'external_idp',
        client_id: 'app-7',
        token_endpoint: file.tokenEndpoint,
        scopes: file.scopes,
      },
      0,
    ])
  })

  it('names the database of Kiro CLI where it is none', async () => {
    const home = await homeWith({ '.local/share/kiro-cli/data.sqlite3': 'secret-cut' })
    const run = await line(['import', 'kiro'], { home, config: {} }, ['secret-cut'])
    expect(await run.exited).toBe(1)
    expect(run.stderr()).toContain(join('.local', 'share', 'kiro-cli', 'data.sqlite3'))
  })

  it('looks in no current directory where a variable is set to nothing', async () => {
    const home = await homeWith(FILES)
    const names = ['CODEX_HOME', 'CLAUDE_CONFIG_DIR', 'KIMI_SHARE_DIR', 'GH_CONFIG_DIR']
    const env = { ...Object.fromEntries(names.map((name) => [name, ''])), XDG_CONFIG_HOME: 'relative' }
    const run = await line(['import'], { home, config: {}, env }, SECRETS)
    expect(run.stderr()).toBe('')
    expect(run.stdout()).toContain(`bob@example.com taken over from ${join(home, '.codex', 'auth.json')}`)
    expect(await storedLogins(home)).toHaveLength(9)
  })

  it('takes what it can of files with something odd', async () => {
    const [claude, qwen] = [FILES['.claude/.credentials.json'], FILES['.qwen/oauth_creds.json']]
    const home = await homeWith({
      '.claude/.credentials.json': JSON.stringify(claude).replace(String(FUTURE), '1e20'),
      '.qwen/oauth_creds.json': `\uFEFF${JSON.stringify(qwen).replace(String(FUTURE), '-5')}`,
      '.config/github-copilot/apps.json': FILES['.config/github-copilot/apps.json'] ?? '',
      '.config/gh/hosts.yml': '',
    })
    const run = await line(['import'], { home, config: {} }, SECRETS)
    expect(run.stderr()).toBe('')
    expect(await run.exited).toBe(0)
    expect((await loginsByName(home)).map(({ provider, expiresAt }) => [provider, expiresAt])).toEqual([
      ['claude', undefined],
      ['copilot', 0],
      ['qwen', undefined],
    ])
  })

  it("takes Copilot's login beside a file of gh's that it cannot read, which it names", async () => {
    const home = await homeWith({
      '.config/github-copilot/apps.json': FILES['.config/github-copilot/apps.json'] ?? '',
      '.config/gh/hosts.yml': 'github.com: [secret-cut',
    })
    const run = await line(['import'], { home, config: {} }, ['secret-cut', ...SECRETS])
    expect(await run.exited).toBe(1)
    expect(run.stderr()).toContain(join(home, '.config', 'gh', 'hosts.yml'))
    expect((await storedLogins(home)).map(({ account }) => account)).toEqual(['octo-cat'])
  })

  it('replaces a login whose token has ended and that nothing renews', async () => {
    const file = (token: string, expiresAt: number) => ({ claudeAiOauth: { accessToken: token, expiresAt } })
    const home = await homeWith({ '.claude/.credentials.json': file('secret-ended', 1000) })
    await line(['import'], { home, config: {} })
    const path = join(home, '.claude', '.credentials.json')
    await chmod(path, 0o600)
    await writeFile(path, JSON.stringify(file('secret-new', FUTURE)))
    const run = await line(['import'], { home, config: {} }, ['secret-new'])
    expect(run.stdout()).toContain('claude-code taken over from')
    expect((await storedLogins(home)).map(({ tokens }) => tokens.accessToken.reveal())).toEqual(['secret-new'])
  })

  it('says so where there is nothing to take', async () => {
    const home = await homeWith({ '.codex/auth.json': { OPENAI_API_KEY: 'sk-1', tokens: null } })
    const run = await line(['import'], { home, config: {} })
    expect(await run.exited).toBe(0)
    expect(run.stdout()).toContain('No login was found of')
    expect(await storedLogins(home)).toEqual([])
  })
})
