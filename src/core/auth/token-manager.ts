import { randomUUID } from 'node:crypto'
import { ChatError } from '../chat/index.ts'
import type { LoginChange } from '../hooks.ts'
import type { Logger } from '../log/log.ts'
import type { Provider } from '../registry.ts'
import { sameSecret } from '../secrets/secret.ts'
import { accountKey } from '../store/account.ts'
import { isStoreFault } from '../store/errors.ts'
import { credentialOf } from '../store/index.ts'
import type { AccountRecord, TokenStore } from '../store/index.ts'
import type { AuthContext, Refreshed } from './context.ts'
import type { Credential, OAuthCredential } from './credential.ts'
import { loginRequired } from './credentials.ts'
import { oauthOf } from './method.ts'
import { refreshBy } from './refresh-by-method.ts'
import { RefreshFailures } from './refresh-failures.ts'
import { isOver, sleep } from '../async/waiting.ts'
import { TokenWriter } from './token-writer.ts'

/** The moments of a refresh, in order; for tests that stop a process at each. */
export type RefreshStep = 'lease' | 'read' | 'ask' | 'received' | 'kept' | 'answered' | 'stored' | 'released'

export interface TokenManagerOptions {
  store: TokenStore
  logger: Logger
  /** Makes what a provider is asked with about an account. */
  contextFor(provider: Provider, signal: AbortSignal, account: string): AuthContext
  /** Milliseconds that a refresh may take before another process may try. Default 45 s. */
  leaseMs?: number
  /** Told when a login was renewed, or found to work no longer. Never rejects. */
  onChange?(login: LoginChange): Promise<void>
  /** For tests. */
  onStep?: (step: RefreshStep) => void | Promise<void>
}

/** Keeps the tokens of logins fresh. */
export interface TokenManager {
  /**
   * A credential as it should be sent: an API key as it is; a login with a token that is still good, refreshed first where it
   * is not; at once where nothing has to be done. Shortly before its end a token is refreshed in the background.
   *
   * @throws {ChatError} 401 `login_required` where only a new login helps, 503 `refresh_failed` where it may work later: try
   * another account.
   */
  fresh(provider: Provider, credential: Credential): Credential | Promise<Credential>
  /**
   * After the provider answered 401: a newer credential to try once more with, or `undefined` where there is none.
   * @throws {ChatError} as `fresh`.
   */
  rejected(provider: Provider, credential: Credential): Promise<OAuthCredential | undefined>
  /** Waits for refreshes under way: a rotated token must be stored. */
  close(): Promise<void>
}

/** Refreshed this long before the end, or a fifth of the token's life before it where that is shorter. */
const AHEAD_MS = 5 * 60_000
const SHARE_OF_LIFE = 1 / 5
/** How much of that is left to chance, so that processes do not all refresh at the same moment. */
const JITTER = 0.3
/** A token closer to its end than this is not sent any more: the request takes time, and clocks differ. */
const MIN_LEFT_MS = 15_000
/** A token that was refreshed after a 401 is not refreshed again for one within this time: it is not the token's fault. */
const FORCED_PAUSE_MS = 60_000
/** The longest that one refresh takes, storing it included. */
export const LEASE_MS = 45_000
/** A refresh gives up while the lease still has time to store what came last, more than once where need be. */
const SHARE_OF_LEASE = 2 / 3
/** Between two looks at whether the process that refreshes is done. */
const LOOK_AGAIN_MS = 100

export function createTokenManager(options: TokenManagerOptions): TokenManager {
  return new RefreshingTokenManager(options)
}

class RefreshingTokenManager implements TokenManager {
  readonly #store: TokenStore
  readonly #logger: Logger
  readonly #options: TokenManagerOptions
  readonly #owner = randomUUID()
  readonly #jitter = 1 - Math.random() * JITTER
  /** By account: the refresh that is under way in this process. */
  readonly #running = new Map<string, Promise<AccountRecord>>()
  readonly #failures: RefreshFailures
  readonly #writer: TokenWriter
  /** By account: when a refresh was last forced. */
  readonly #forced = new Map<string, number>()
  readonly #closing = new AbortController()

  constructor(options: TokenManagerOptions) {
    this.#options = options
    this.#store = options.store
    this.#logger = options.logger
    this.#failures = new RefreshFailures(options)
    this.#writer = new TokenWriter(options)
  }

  fresh(provider: Provider, credential: Credential): Credential | Promise<Credential> {
    if (credential.kind === 'api_key' || !this.#mayRefresh(provider)) return credential
    // The snapshot tells cheaply that there is nothing to do; everything else is looked up.
    if (credential.expiresAt === undefined || credential.expiresAt - Date.now() > AHEAD_MS) return credential
    return this.#renewed(provider, credential)
  }

  async #renewed(provider: Provider, { account }: Credential): Promise<Credential> {
    const record = await this.#lookUp(provider, account)
    const left = (record.expiresAt ?? Infinity) - Date.now()
    if (left > this.#ahead(record)) return credentialOf(record)
    if (left > MIN_LEFT_MS) {
      if (record.tokens.refreshToken && !this.#failures.last(provider, record.account)) {
        // Its failure is logged, and met again by whoever needs the next token.
        void this.#refresh(provider, record, false).catch(() => {})
      }
      return credentialOf(record)
    }
    return credentialOf(await this.#refresh(provider, record, false))
  }

  async rejected(provider: Provider, credential: Credential): Promise<OAuthCredential | undefined> {
    if (credential.kind === 'api_key' || !this.#mayRefresh(provider)) return undefined
    const record = await this.#lookUp(provider, credential.account)
    if (!sameSecret(record.tokens.accessToken, credential.accessToken)) return credentialOf(record)
    const key = accountKey(record)
    const last = this.#forced.get(key)
    if (last !== undefined && !isOver(last, FORCED_PAUSE_MS)) return undefined
    const refreshed = await this.#refresh(provider, record, true)
    this.#forced.set(key, Date.now())
    return credentialOf(refreshed)
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('byok is closing'))
    await Promise.allSettled(this.#running.values())
    await this.#writer.close()
  }

  /** What the store fails with is no reason not to ask another account. */
  #fail({ name }: Provider, account: string, error: unknown): never {
    if (!isStoreFault(error)) throw error
    const { code, message } = error
    this.#logger.error('a login could not be read or written', { provider: name, account, code, fault: message })
    const why = code === 'busy' ? 'is held by another process' : 'cannot be used; the log says why'
    throw new ChatError(`The login ${account} could not be refreshed: byok's database of logins ${why}. Try again.`, {
      status: 503,
      type: 'server_error',
      code: 'refresh_failed',
      provider: name,
      cause: error,
    })
  }

  #mayRefresh({ plugin }: Provider): boolean {
    return oauthOf(plugin.auth)?.refresh !== undefined
  }

  #ahead({ expiresAt = Infinity, updatedAt }: AccountRecord): number {
    const life = Math.max(0, expiresAt - updatedAt)
    return Math.min(AHEAD_MS, life * SHARE_OF_LIFE) * this.#jitter
  }

  async #lookUp(provider: Provider, account: string): Promise<AccountRecord> {
    const record = await this.#store
      .get(provider.name, account)
      .catch((error: unknown) => this.#fail(provider, account, error))
    if (!record) throw loginRequired(provider, account, 'it was logged out')
    if (record.state === 'needs_login') throw loginRequired(provider, account, record.reason)
    return record
  }

  /** One refresh of an account at a time in this process; whoever asks meanwhile gets its outcome. */
  #refresh(provider: Provider, record: AccountRecord, forced: boolean): Promise<AccountRecord> {
    const key = accountKey(record)
    const running = this.#running.get(key)
    if (running) return running
    const work = this.#refreshOnce(provider, record, forced)
      .catch((error: unknown) => this.#fail(provider, record.account, error))
      .finally(() => this.#running.delete(key))
    this.#running.set(key, work)
    return work
  }

  async #refreshOnce(provider: Provider, seen: AccountRecord, forced: boolean): Promise<AccountRecord> {
    const failed = this.#failures.last(provider, seen.account)
    if (failed) throw failed
    const leased = await this.#takeLease(provider, seen)
    if (leased) return leased
    const leaseEnd = AbortSignal.timeout(this.#options.leaseMs ?? LEASE_MS)
    try {
      await this.#step('lease')
      await this.#writer.writeLeft(seen, leaseEnd)
      // The holder before may have refreshed it.
      const record = await this.#lookUp(provider, seen.account)
      await this.#step('read')
      if (!sameSecret(record.tokens.accessToken, seen.tokens.accessToken) && isGood(record)) return record
      const refreshed = await this.#askAndStore(provider, record, leaseEnd)
      this.#failures.clear(provider, seen.account)
      this.#logger.info('login refreshed', { provider: provider.name, account: seen.account, forced })
      await this.#options.onChange?.({ provider: provider.name, account: seen.account, change: 'renewed' })
      return refreshed
    } finally {
      // Where it cannot be given back it runs out by itself.
      await this.#store.releaseLease(provider.name, seen.account, this.#owner).catch(() => false)
      await this.#step('released')
    }
  }

  /**
   * Resolves once the account is this process's to refresh, with nothing; or with the record as another process left it, where
   * that is good.
   */
  async #takeLease({ name, title }: Provider, seen: AccountRecord): Promise<AccountRecord | undefined> {
    const leaseMs = this.#options.leaseMs ?? LEASE_MS
    const giveUp = Date.now() + 2 * leaseMs
    while (!(await this.#store.acquireLease(name, seen.account, this.#owner, leaseMs))) {
      if (Date.now() > giveUp) {
        throw new ChatError(
          `Another byok has been refreshing ${title}'s login ${seen.account} for too long. Try again.`,
          {
            status: 503,
            code: 'refresh_failed',
            provider: name,
          },
        )
      }
      await sleep(LOOK_AGAIN_MS * (0.5 + Math.random()), this.#closing.signal)
      const record = await this.#store.get(name, seen.account)
      if (!record || record.state === 'needs_login') return undefined
      if (!sameSecret(record.tokens.accessToken, seen.tokens.accessToken) && isGood(record)) return record
    }
    return undefined
  }

  async #askAndStore(provider: Provider, record: AccountRecord, leaseEnd: AbortSignal): Promise<AccountRecord> {
    const { account } = record
    const method = oauthOf(provider.plugin.auth)
    if (!method?.refresh) return record
    // Not aborted when byok closes: the answer may hold the only refresh token that still works.
    const signal = AbortSignal.timeout((this.#options.leaseMs ?? LEASE_MS) * SHARE_OF_LEASE)
    let current = record
    try {
      await this.#step('ask')
      const refreshed = await refreshBy(method, provider.name, {
        ...this.#options.contextFor(provider, signal, account),
        account: record,
        keep: async (refreshToken) => {
          await this.#step('received')
          const kept = { tokens: { ...current.tokens, refreshToken } }
          current = (await this.#writer.write(current, kept, leaseEnd)) ?? current
          await this.#step('kept')
        },
      })
      await this.#step('answered')
      const stored = await this.#put(provider, current, refreshed, leaseEnd)
      await this.#step('stored')
      return stored
    } catch (error) {
      throw await this.#failures.note(provider, current, error)
    }
  }

  /** Stores new tokens, unless the person logged in anew meanwhile: then that login counts. */
  async #put(
    provider: Provider,
    record: AccountRecord,
    refreshed: Refreshed,
    leaseEnd: AbortSignal,
  ): Promise<AccountRecord> {
    const { tokens, expiresAt = null, metadata } = refreshed
    const stored = await this.#writer.write(record, { tokens, expiresAt, ...(metadata && { metadata }) }, leaseEnd)
    return stored ?? (await this.#lookUp(provider, record.account))
  }

  async #step(step: RefreshStep): Promise<void> {
    await this.#options.onStep?.(step)
  }
}

function isGood({ expiresAt = Infinity }: AccountRecord): boolean {
  return expiresAt - Date.now() > MIN_LEFT_MS
}
