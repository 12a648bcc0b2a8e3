import { once } from 'node:events'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { AuthError } from '../../../src/core/auth/error.ts'
import type { Refreshed } from '../../../src/core/auth/context.ts'
import type { Credential } from '../../../src/core/auth/credential.ts'
import { silentLogger } from '../../../src/core/log/log.ts'
import type { Provider } from '../../../src/core/registry.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { createMemoryTokenStore, credentialOf, StoreError } from '../../../src/core/store/index.ts'
import type { TokenStore } from '../../../src/core/store/index.ts'
import { gate } from '../../../src/testing/expect.ts'
import { startCodex } from '../../upstreams/auth/vendors.ts'
import { codexAt, loginThat, managerOf, putExpired } from './manager-support.ts'

async function start() {
  const { server } = await startCodex()
  onTestFinished(() => server.close())
  return { server, store: createMemoryTokenStore(), provider: codexAt(server.tokenUrl) }
}

async function nowOf(store: TokenStore) {
  const record = await store.get('codex', 'ann')
  if (!record) throw new Error('the account is gone')
  return record
}

/** A refresh by another process, which has the lease and asks nothing until it is told to go on. */
async function refreshingElsewhere(store: TokenStore, provider: Provider, credential: Credential) {
  const asking = gate()
  const held = gate()
  const slow = managerOf(store, {
    onStep: async (step) => {
      if (step !== 'ask') return
      asking.open()
      await held.passed
    },
  })
  const outcome = slow.fresh(provider, credential)
  await asking.passed
  return { outcome, go: held.open }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('a token manager', () => {
  it('leaves a good token, and a key, alone', async () => {
    const { server, store, provider } = await start()
    const credential = credentialOf(await putExpired(store, server.grant(), 3_600_000))
    const manager = managerOf(store)
    expect(await manager.fresh(provider, credential)).toBe(credential)
    const key = { kind: 'api_key', account: 'api_key', key: new Secret('k') } as const
    expect(await manager.fresh(provider, key)).toBe(key)
    expect(await manager.rejected(provider, key)).toBeUndefined()
    expect(server.requests).toEqual([])
  })

  it('refreshes an expired token once for a hundred who ask at once', async () => {
    const { server, store, provider } = await start()
    const credential = credentialOf(await putExpired(store, server.grant()))
    const manager = managerOf(store)
    const got = await Promise.all(Array.from({ length: 100 }, async () => await manager.fresh(provider, credential)))
    expect(server.refreshes()).toBe(1)
    const tokens = new Set(got.map((one) => (one.kind === 'oauth' ? one.accessToken.reveal() : '')))
    expect(tokens.size).toBe(1)
    expect(server.knows([...tokens][0])).toBe(true)
    const record = await nowOf(store)
    expect(record.metadata).toMatchObject({ account_id: 'chatgpt-7' })
    expect((record.expiresAt ?? 0) - Date.now()).toBeGreaterThan(3_500_000)
    expect(record.lease).toBeUndefined()
  })

  it('hands out a token that ends soon, and refreshes it meanwhile', async () => {
    const { server, store, provider } = await start()
    const record = await putExpired(store, server.grant(), 3_600_000)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 - 120_000 })
    const manager = managerOf(store)
    const got = await manager.fresh(provider, credentialOf(record))
    expect(got).toMatchObject({ accessToken: record.tokens.accessToken })
    await manager.close()
    expect(server.refreshes()).toBe(1)
    expect((await nowOf(store)).tokens.accessToken.reveal()).not.toBe(record.tokens.accessToken.reveal())
  })

  it('tries once more after a 401, and leaves a token alone that another has refreshed', async () => {
    const { server, store, provider } = await start()
    const credential = credentialOf(await putExpired(store, server.grant(), 3_600_000))
    const manager = managerOf(store)
    const got = await Promise.all(Array.from({ length: 20 }, () => manager.rejected(provider, credential)))
    expect(server.refreshes()).toBe(1)
    const [renewed] = got
    if (!renewed) throw new Error('no credential')
    expect(new Set(got.map((one) => one?.accessToken.reveal())).size).toBe(1)
    // A provider that goes on answering 401 has other reasons than the token.
    expect(await manager.rejected(provider, renewed)).toBeUndefined()
    expect(server.refreshes()).toBe(1)
  })

  it('says that a login is needed where the refresh token is refused', async () => {
    const { server, store, provider } = await start()
    const credential = credentialOf(
      await putExpired(store, { accessToken: 'secret-a', refreshToken: 'secret-dead-token' }),
    )
    const warnings: unknown[] = []
    const log = (...line: unknown[]) => void warnings.push(line)
    const manager = managerOf(store, { logger: { error: log, warn: log, info: log, debug: log } })
    const failed = await Promise.resolve(manager.fresh(provider, credential)).catch((error: unknown) => error)
    expect(failed).toMatchObject({ status: 401, code: 'login_required' })
    expect(String(failed)).toContain('byok login codex')
    expect(String(failed) + JSON.stringify(warnings)).not.toContain('secret-')
    expect(JSON.stringify(warnings)).toContain('invalid_grant')
    expect(await nowOf(store)).toMatchObject({ state: 'needs_login', reason: 'invalid_grant' })
    // Not asked again, until there is a new login.
    await expect(manager.fresh(provider, credential)).rejects.toMatchObject({ code: 'login_required' })
    expect(server.refreshes()).toBe(1)
    const anew = credentialOf(await putExpired(store, server.grant()))
    expect(await manager.fresh(provider, anew)).toMatchObject({ kind: 'oauth' })
  })

  it.each<[string, () => Promise<Refreshed>, string]>([
    ['fails', () => Promise.reject(new TypeError('canary')), "failed. byok's log has the details."],
    // The types would not have these; a plugin in JavaScript has none.
    ['gives nothing', () => Promise.resolve() as never, 'gave no tokens, of which `accessToken` is a Secret.'],
    [
      'gives a token as text',
      () => Promise.resolve({ tokens: { accessToken: 'canary' } }) as never,
      'gave no tokens, of which `accessToken` is a Secret.',
    ],
  ])("names the provider whose plugin's own refresh %s, and keeps the login", async (_, refresh, words) => {
    const store = createMemoryTokenStore()
    const record = await putExpired(store, { accessToken: 'old', refreshToken: 'r' })
    const provider = codexAt('http://localhost', loginThat(refresh))
    await expect(managerOf(store).fresh(provider, credentialOf(record))).rejects.toMatchObject({
      code: 'plugin_failed',
      message: `The refresh of provider "codex" ${words}`,
    })
    expect(await store.get('codex', 'ann')).toMatchObject({ state: 'ok', tokens: record.tokens })
  })

  it('passes on what the store fails with in the middle of a refresh', async () => {
    const store = createMemoryTokenStore()
    const record = await putExpired(store, { accessToken: 'old', refreshToken: 'r' })
    store.update = () => Promise.reject(new StoreError('busy', 'held'))
    const login = loginThat(async ({ keep, account }) => {
      await keep(new Secret('new'))
      return account
    })
    const provider = codexAt('http://localhost', login)
    await expect(managerOf(store, { leaseMs: 60 }).fresh(provider, credentialOf(record))).rejects.toMatchObject({
      code: 'refresh_failed',
    })
  })

  it('says that there was no answer in time, and keeps the login', async () => {
    const store = createMemoryTokenStore()
    const record = await putExpired(store, { accessToken: 'old', refreshToken: 'r' })
    const never = loginThat(async ({ signal }) => {
      await once(signal, 'abort')
      signal.throwIfAborted()
      throw new Error('not reached')
    })
    const manager = managerOf(store, { leaseMs: 30 })
    await expect(manager.fresh(codexAt('http://localhost', never), credentialOf(record))).rejects.toMatchObject({
      status: 503,
      code: 'refresh_failed',
      message: 'The login ann could not be refreshed. OpenAI did not answer in time.',
    })
    expect(await store.get('codex', 'ann')).toMatchObject({ state: 'ok', tokens: record.tokens })
  })

  it('backs off where a refresh fails, and does not ask in between', async () => {
    const { server, store, provider } = await start()
    const credential = credentialOf(await putExpired(store, server.grant()))
    server.failToken(503, { error: 'temporarily_unavailable', error_description: 'Later.' })
    server.failToken(503, 'no JSON')
    const manager = managerOf(store)
    const failed = await Promise.resolve(manager.fresh(provider, credential)).catch((error: unknown) => error)
    expect(failed).toMatchObject({ status: 503, code: 'refresh_failed' })
    expect(String(failed)).toContain('Later.')
    await expect(manager.fresh(provider, credential)).rejects.toMatchObject({ code: 'refresh_failed' })
    expect(server.requests).toHaveLength(1)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2500 })
    await expect(manager.fresh(provider, credential)).rejects.toMatchObject({ code: 'refresh_failed' })
    expect(server.requests).toHaveLength(2)
    // Twice as long the second time.
    vi.setSystemTime(Date.now() + 2500)
    await expect(manager.fresh(provider, credential)).rejects.toMatchObject({ code: 'refresh_failed' })
    expect(server.requests).toHaveLength(2)
    vi.setSystemTime(Date.now() + 2500)
    expect(await manager.fresh(provider, credential)).toMatchObject({ kind: 'oauth' })
    expect((await nowOf(store)).state).toBe('ok')
  })

  it('leaves no login alone until a clock that was ahead, and was set right, is there again', async () => {
    const { server, store, provider } = await start()
    const credential = credentialOf(await putExpired(store, server.grant()))
    const manager = managerOf(store)
    const right = Date.now()
    // As a machine that starts has it, whose hardware keeps local time.
    vi.useFakeTimers({ toFake: ['Date'], now: right + 5 * 3_600_000 })
    server.failToken(503, 'no network yet')
    await expect(manager.fresh(provider, credential)).rejects.toMatchObject({ code: 'refresh_failed' })
    vi.setSystemTime(right)
    const fresh = await manager.fresh(provider, credential)
    expect(fresh).toMatchObject({ kind: 'oauth' })
    // Nor is one that is refused meanwhile.
    vi.setSystemTime(right + 5 * 3_600_000)
    const forced = await manager.rejected(provider, fresh)
    vi.setSystemTime(right)
    expect(forced && (await manager.rejected(provider, forced))).toMatchObject({ kind: 'oauth' })
    expect(server.requests).toHaveLength(4)
  })

  it.each(['get', 'acquireLease'] as const)(
    'lets another account be asked where the store fails to %s',
    async (call) => {
      const { store, provider, server } = await start()
      const credential = credentialOf(await putExpired(store, server.grant()))
      vi.spyOn(store, call).mockRejectedValue(new StoreError('busy', 'tokens.db is held by another process.'))
      const logger = { ...silentLogger, error: vi.fn() }
      const manager = managerOf(store, { logger })
      await expect(manager.fresh(provider, credential)).rejects.toMatchObject({
        name: 'ChatError',
        status: 503,
        code: 'refresh_failed',
      })
      await expect(manager.rejected(provider, credential)).rejects.toMatchObject({ code: 'refresh_failed' })
      expect(logger.error).toHaveBeenCalledWith(
        expect.any(String),
        expect.objectContaining({ account: 'ann', code: 'busy', fault: 'tokens.db is held by another process.' }),
      )
    },
  )

  it('goes by the time the provider gives where it is longer', async () => {
    const store = createMemoryTokenStore()
    const provider = codexAt(
      'http://127.0.0.1/',
      loginThat(() => Promise.reject(new AuthError('Too many.', { code: 'http_429', status: 429, retryAfter: 900 }))),
    )
    const credential = credentialOf(await putExpired(store, { accessToken: 'a', refreshToken: 'r' }))
    await expect(managerOf(store).fresh(provider, credential)).rejects.toMatchObject({ retryAfter: 900 })
  })

  it('keeps a rotated refresh token though what follows fails', async () => {
    const { store } = await start()
    let fails = true
    const used: (string | undefined)[] = []
    const provider = codexAt(
      'http://127.0.0.1/',
      loginThat(async ({ account, keep }) => {
        used.push(account.tokens.refreshToken?.reveal())
        await keep(new Secret(`rotated-${used.length}`))
        if (fails) throw new AuthError('The account could not be looked up.', { code: 'unreachable' })
        return { tokens: { ...account.tokens, accessToken: new Secret('new') }, expiresAt: Date.now() + 3_600_000 }
      }),
    )
    const credential = credentialOf(await putExpired(store, { accessToken: 'a', refreshToken: 'r' }))
    await expect(managerOf(store).fresh(provider, credential)).rejects.toMatchObject({ code: 'refresh_failed' })
    expect(await nowOf(store)).toMatchObject({ state: 'ok' })
    fails = false
    await managerOf(store).fresh(provider, credential)
    expect(used).toEqual(['r', 'rotated-1'])
  })

  it('lets a login count that was made while it refreshed', async () => {
    const store = createMemoryTokenStore()
    const provider = codexAt(
      'http://127.0.0.1/',
      loginThat(async ({ account }) => {
        await putExpired(store, { accessToken: 'of-the-login', refreshToken: 'r2' }, 3_600_000)
        return { tokens: { ...account.tokens, accessToken: new Secret('of-the-refresh') } }
      }),
    )
    const credential = credentialOf(await putExpired(store, { accessToken: 'a', refreshToken: 'r' }))
    const got = await managerOf(store).fresh(provider, credential)
    expect(got.kind === 'oauth' && got.accessToken.reveal()).toBe('of-the-login')
    expect((await nowOf(store)).tokens.accessToken.reveal()).toBe('of-the-login')
  })

  it("waits for another process's refresh, however often it has to look, and takes its outcome", async () => {
    const { server, store, provider } = await start()
    const credential = credentialOf(await putExpired(store, server.grant()))
    const slow = await refreshingElsewhere(store, provider, credential)
    const looks = vi.spyOn(store, 'acquireLease')
    const second = managerOf(store).fresh(provider, credential)
    await vi.waitUntil(() => looks.mock.calls.length > 2, { timeout: 10_000 })
    slow.go()
    const [one, other] = await Promise.all([slow.outcome, second])
    expect(server.refreshes()).toBe(1)
    expect(one.kind === 'oauth' && other.kind === 'oauth' && other.accessToken.reveal()).toBe(
      one.kind === 'oauth' && one.accessToken.reveal(),
    )
  })

  it('waits no longer for the refresh of a login that is logged out meanwhile', async () => {
    const { server, store, provider } = await start()
    const credential = credentialOf(await putExpired(store, server.grant()))
    const slow = await refreshingElsewhere(store, provider, credential)
    const second = managerOf(store).fresh(provider, credential)
    const refused = expect(second).rejects.toMatchObject({ code: 'login_required' })
    await store.delete('codex', 'ann')
    await refused
    slow.go()
    await expect(slow.outcome).rejects.toMatchObject({ code: 'login_required' })
  })

  it('is done when it is closed', async () => {
    const { server, store, provider } = await start()
    const credential = credentialOf(await putExpired(store, server.grant()))
    const manager = managerOf(store)
    const refreshing = manager.fresh(provider, credential)
    await Promise.resolve()
    await manager.close()
    await refreshing
    expect(server.knows((await nowOf(store)).tokens.accessToken.reveal())).toBe(true)
  })
})
