import { describe, expect, it, onTestFinished } from 'vitest'
import { AuthError } from '../../../src/core/auth/error.ts'
import type { OAuthMethod } from '../../../src/core/auth/method.ts'
import { codexLogin } from '../../../src/plugins/codex/auth.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { createMemoryTokenStore, credentialOf, StoreError } from '../../../src/core/store/index.ts'
import type { TokenStore } from '../../../src/core/store/index.ts'
import { startCodexTokens } from '../../upstreams/auth/vendors.ts'
import { codexAt, loginThat, managerOf, putExpired } from './manager-support.ts'

const LOST = new StoreError('unavailable', 'The connection was lost.')
const SHORT_LEASE_MS = 300

/** A store whose writes of tokens fail as the test says: `before` they are made, or after, where only the answer is lost. */
function unsteady() {
  const store = createMemoryTokenStore()
  const state = { fails: 0, lost: false, tries: 0 }
  const shaky: TokenStore = {
    list: (provider) => store.list(provider),
    get: (...args) => store.get(...args),
    put: (account) => store.put(account),
    async update(...args) {
      state.tries++
      if (state.fails === 0) return await store.update(...args)
      state.fails--
      if (state.lost) await store.update(...args)
      throw LOST
    },
    markNeedsLogin: (...args) => store.markNeedsLogin(...args),
    delete: (...args) => store.delete(...args),
    acquireLease: (...args) => store.acquireLease(...args),
    releaseLease: (...args) => store.releaseLease(...args),
    close: () => store.close(),
  }
  return { store: shaky, state }
}

/** A provider that takes a refresh token once, and an expired login of its. */
async function setUp(login: OAuthMethod = codexLogin) {
  const server = await startCodexTokens('strict')
  onTestFinished(() => server.close())
  const { store, state } = unsteady()
  const credential = credentialOf(await putExpired(store, server.grant()))
  const tokenOf = async () => (await store.get('codex', 'ann'))?.tokens.accessToken.reveal()
  return { server, store, state, credential, provider: codexAt(server.tokenUrl, login), tokenOf }
}

/** A login that is refreshed at once, however short the lease; each refresh token is good for one. */
function rotating(): OAuthMethod {
  let good: string | undefined
  let made = 0
  const refresh: OAuthMethod['refresh'] = ({ account }) => {
    const sent = account.tokens.refreshToken?.reveal()
    good ??= sent
    if (sent !== good) throw new AuthError('It was used before.', { code: 'invalid_grant', permanent: true })
    made++
    good = `refresh-${made}`
    const tokens = { accessToken: new Secret(`access-${made}`), refreshToken: new Secret(good) }
    return Promise.resolve({ tokens, expiresAt: Date.now() + 3_600_000 })
  }
  return loginThat(refresh)
}

/** A login that is told its new refresh token before what follows fails. */
function failsAfterKeep(used: string[]): OAuthMethod {
  const refresh: OAuthMethod['refresh'] = async ({ account, keep }) => {
    used.push(account.tokens.refreshToken?.reveal() ?? '')
    await keep(new Secret(`rotated-${used.length}`))
    if (used.length === 1) throw new AuthError('The account could not be looked up.', { code: 'unreachable' })
    return { tokens: { ...account.tokens, accessToken: new Secret('new') }, expiresAt: Date.now() + 3_600_000 }
  }
  return loginThat(refresh)
}

describe('tokens of a refresh that the store does not take', () => {
  it('are written again, for the refresh token before them is dead', async () => {
    const { server, store, state, credential, provider, tokenOf } = await setUp()
    state.fails = 2
    const fresh = await managerOf(store).fresh(provider, credential)
    expect(fresh.kind === 'oauth' && fresh.accessToken.reveal()).toBe(await tokenOf())
    expect(server.knows(await tokenOf())).toBe(true)
    expect(server.refreshes()).toBe(1)
  })

  it('are not taken for those of a new login where only the answer of the store was lost', async () => {
    const used: string[] = []
    const { store, state, credential, provider } = await setUp(failsAfterKeep(used))
    used.push('one before')
    Object.assign(state, { fails: 1, lost: true })
    await managerOf(store).fresh(provider, credential)
    const record = await store.get('codex', 'ann')
    expect(record?.tokens.accessToken.reveal()).toBe('new')
    expect(record?.expiresAt).toBeGreaterThan(Date.now())
  })

  it('are kept once the lease is over, and are the next try', async () => {
    const { store, state, credential, provider, tokenOf } = await setUp(rotating())
    state.fails = Infinity
    const lines: unknown[] = []
    const log = (...line: unknown[]) => void lines.push(line)
    const logger = { error: log, warn: log, info: log, debug: log }
    const manager = managerOf(store, { leaseMs: SHORT_LEASE_MS, logger })
    await expect(manager.fresh(provider, credential)).rejects.toMatchObject({ status: 503, code: 'refresh_failed' })
    expect(JSON.stringify(lines)).toContain('could not be stored')
    expect(state.tries).toBeGreaterThan(1)
    state.fails = 0
    await manager.fresh(provider, credential)
    expect(await tokenOf()).toBe('access-1')
  })

  it('are tried once more when byok stops', async () => {
    const { store, state, credential, provider, tokenOf } = await setUp(rotating())
    state.fails = Infinity
    const manager = managerOf(store, { leaseMs: SHORT_LEASE_MS })
    await expect(manager.fresh(provider, credential)).rejects.toMatchObject({ code: 'refresh_failed' })
    state.fails = 0
    await manager.close()
    expect(await tokenOf()).toBe('access-1')
  })

  it('give way to a login made since', async () => {
    const { server, store, state, credential, provider, tokenOf } = await setUp(rotating())
    state.fails = Infinity
    const manager = managerOf(store, { leaseMs: SHORT_LEASE_MS })
    await expect(manager.fresh(provider, credential)).rejects.toMatchObject({ code: 'refresh_failed' })
    state.fails = 0
    const anew = server.grant()
    await putExpired(store, anew, 3_600_000)
    await manager.close()
    expect(await tokenOf()).toBe(anew.accessToken)
  })

  it('bring a login back that another process found dead meanwhile, for they are why', async () => {
    const { store, state, credential, provider, tokenOf } = await setUp(rotating())
    state.fails = Infinity
    const [manager, other] = [managerOf(store, { leaseMs: SHORT_LEASE_MS }), managerOf(store)]
    await expect(manager.fresh(provider, credential)).rejects.toMatchObject({ code: 'refresh_failed' })
    await expect(other.fresh(provider, credential)).rejects.toMatchObject({ code: 'login_required' })
    expect((await store.get('codex', 'ann'))?.state).toBe('needs_login')
    state.fails = 0
    await manager.close()
    expect([(await store.get('codex', 'ann'))?.state, await tokenOf()]).toEqual(['ok', 'access-1'])
  })

  it('are no less than a refresh token alone', async () => {
    const used: string[] = []
    const { store, state, credential, provider } = await setUp(failsAfterKeep(used))
    const first = credential.refreshToken?.reveal()
    state.fails = Infinity
    const manager = managerOf(store, { leaseMs: SHORT_LEASE_MS })
    await expect(manager.fresh(provider, credential)).rejects.toMatchObject({ code: 'refresh_failed' })
    state.fails = 0
    await manager.fresh(provider, credential)
    expect(used).toEqual([first, 'rotated-1'])
  })

  it('are not written again where the store can never take them', async () => {
    const refresh: OAuthMethod['refresh'] = ({ account }) =>
      Promise.resolve({ tokens: account.tokens, expiresAt: Number.NaN })
    const { store, state, credential, provider } = await setUp({ ...codexLogin, refresh })
    await expect(managerOf(store).fresh(provider, credential)).rejects.toMatchObject({ code: 'bad_record' })
    expect(state.tries).toBe(1)
  })
})
