import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openTokenStore } from '../../src/core/store/index.ts'
import { join } from 'node:path'
import { startCommandLine } from '../helpers/command-line.ts'
import { startAws } from '../upstreams/auth/aws.ts'
import { startCodex, startGitHub, startQwen } from '../upstreams/auth/vendors.ts'
import { browse, printedUrl, storedLogins } from './login-support.ts'

vi.setConfig({ testTimeout: 90_000 })

/** Signs in in a home that may have logins already, and returns what was printed. */
async function signInAt(home: string | undefined, command: string[], config: object, sign: SignIn) {
  const run = await startCommandLine(['login', ...command], { config, ...(home !== undefined && { home }) })
  await sign(run)
  expect(await run.exited).toBe(0)
  return { home: run.home, stdout: run.stdout() }
}
type SignIn = (run: Awaited<ReturnType<typeof startCommandLine>>) => unknown

const inBrowser: SignIn = async (run) => await browse(await printedUrl(run))
const accountsOf = async (home: string) => (await storedLogins(home)).map(({ account }) => account)

async function codex() {
  const { server, settings } = await startCodex()
  onTestFinished(() => server.close())
  return { server, config: { providers: { codex: settings } } }
}

async function qwen() {
  const { server, settings } = await startQwen()
  onTestFinished(() => server.close())
  server.approve()
  return { config: { providers: { qwen: settings } } }
}

async function kiro() {
  const { server, settings } = await startAws()
  onTestFinished(() => server.close())
  const approve: SignIn = async (run) => {
    await run.until(/Code: KIRO-CODE/)
    server.approve()
  }
  return { server, approve, config: { providers: { kiro: settings } } }
}

describe('a second login', () => {
  it('of the same account replaces the first, and says so', async () => {
    const { config } = await codex()
    const { home, stdout } = await signInAt(undefined, ['codex'], config, inBrowser)
    expect(stdout).not.toContain('replaces')
    const [first] = await storedLogins(home)
    const again = await signInAt(home, ['codex'], config, inBrowser)
    expect(again.stdout).toContain('This login replaces the one that byok had as bob@example.com.')
    const logins = await storedLogins(home)
    expect(logins.map(({ account }) => account)).toEqual(['bob@example.com'])
    expect(logins[0]?.tokens.accessToken.reveal()).not.toBe(first?.tokens.accessToken.reveal())
  })

  it('of the same account replaces it under the name that it was given', async () => {
    const { config } = await codex()
    const { home } = await signInAt(undefined, ['codex', '--account', 'work'], config, inBrowser)
    const again = await signInAt(home, ['codex'], config, inBrowser)
    expect(again.stdout).toContain('the one that byok had as work.')
    expect(again.stdout).toContain('as work.')
    expect(await accountsOf(home)).toEqual(['work'])
  })

  it('for another workspace of the same e-mail address keeps both, each to be renewed by its own', async () => {
    const { server, config } = await codex()
    const { home } = await signInAt(undefined, ['codex'], config, inBrowser)
    server.workspace = 'chatgpt-team'
    const second = await signInAt(home, ['codex'], config, inBrowser)
    expect(second.stdout).toContain('This is another account than bob@example.com')
    expect(second.stdout).toContain('Signed in to OpenAI as bob@example.com-2.')
    await signInAt(home, ['codex'], config, inBrowser)
    const logins = await storedLogins(home)
    expect(logins.map(({ account, metadata }) => [account, metadata['account_id']])).toEqual([
      ['bob@example.com', 'chatgpt-7'],
      ['bob@example.com-2', 'chatgpt-team'],
    ])
  })

  it('under a name that was asked for replaces what has it, and says so', async () => {
    const { server, config } = await codex()
    const { home } = await signInAt(undefined, ['codex', '--account', 'work'], config, inBrowser)
    server.workspace = 'chatgpt-team'
    const again = await signInAt(home, ['codex', '--account', 'work'], config, inBrowser)
    expect(again.stdout).toContain('This login replaces the one that byok had as work.')
    expect((await storedLogins(home)).map(({ metadata }) => metadata['account_id'])).toEqual(['chatgpt-team'])
  })

  it('that does not say whose it is loses no other, and says how to replace one', async () => {
    const { config } = await qwen()
    const { home } = await signInAt(undefined, ['qwen'], config, () => {})
    const second = await signInAt(home, ['qwen'], config, () => {})
    expect(second.stdout).toContain('`byok login qwen --account default`')
    expect(await accountsOf(home)).toEqual(['default', 'default-2'])
    await signInAt(home, ['qwen', '--account', 'default'], config, () => {})
    expect(await accountsOf(home)).toEqual(['default', 'default-2'])
  })

  it('that does not say whose it is takes the place of one that no longer works', async () => {
    const { config } = await qwen()
    const { home } = await signInAt(undefined, ['qwen'], config, () => {})
    const store = await openTokenStore({ path: join(home, '.byok', 'tokens.db'), keychain: false })
    const record = await store.get('qwen', 'default')
    await store.markNeedsLogin('qwen', 'default', record?.version ?? 0, 'invalid_grant')
    await store.close()
    const second = await signInAt(home, ['qwen'], config, () => {})
    expect(second.stdout).toContain('This login replaces the one that byok had as default.')
    expect((await storedLogins(home)).map(({ account, state }) => [account, state])).toEqual([['default', 'ok']])
  })

  it('of Copilot is told by its GitHub name', async () => {
    const { server, settings } = await startGitHub()
    onTestFinished(() => server.close())
    server.approve()
    const config = { providers: { copilot: settings } }
    const { home } = await signInAt(undefined, ['copilot'], config, () => {})
    const again = await signInAt(home, ['copilot'], config, () => {})
    expect(again.stdout).toContain('This login replaces the one that byok had as octo-cat.')
    expect(await accountsOf(home)).toEqual(['octo-cat'])
  })
})

describe('a login of Kiro', () => {
  it('has the e-mail address of who signed in, whose second login replaces it', async () => {
    const { server, approve, config } = await kiro()
    server.person = { email: 'kim@example.com', userId: 'd-1.kim' }
    const { home } = await signInAt(undefined, ['kiro'], config, approve)
    server.person = { email: 'lee@example.com', userId: 'd-1.lee' }
    await signInAt(home, ['kiro'], config, approve)
    server.person = { email: 'kim@example.com', userId: 'd-1.kim' }
    await signInAt(home, ['kiro'], config, approve)
    expect(server.faults).toEqual([])
    expect(await accountsOf(home)).toEqual(['kim@example.com', 'lee@example.com'])
  })

  it('is kept beside another Builder ID where Kiro does not say whose either is', async () => {
    const { server, approve, config } = await kiro()
    const { home } = await signInAt(undefined, ['kiro'], config, approve)
    const second = await signInAt(home, ['kiro'], config, approve)
    expect(second.stdout).toContain('both are kept, this one as builder-id-2')
    expect(server.faults).toEqual([])
    expect(await accountsOf(home)).toEqual(['builder-id', 'builder-id-2'])
  })
})
