import { ChatError } from '../chat/index.ts'
import { reasonOf } from '../log/fault.ts'
import type { Logger } from '../log/log.ts'
import { sameSecret } from '../secrets/secret.ts'
import { accountKey } from '../store/account.ts'
import { StoreError } from '../store/index.ts'
import type { AccountChanges, AccountRecord, TokenStore } from '../store/index.ts'

/** What a refresh brought, and the account as it was before. */
interface Unwritten {
  record: AccountRecord
  changes: AccountChanges
}

/** Between two tries; longer after each. */
const WAITS_MS = { initialDelay: 50, maxDelay: 2000 }

/**
 * Stores what refreshes bring. The refresh token before may be dead by then, so that what cannot be stored is tried again and
 * kept meanwhile.
 */
export class TokenWriter {
  readonly #store: TokenStore
  readonly #logger: Logger
  /** By account: what is not known to be stored. */
  readonly #left = new Map<string, Unwritten>()

  constructor({ store, logger }: { store: TokenStore; logger: Logger }) {
    this.#store = store
    this.#logger = logger
  }

  /**
   * Resolves with the new record, or `undefined` where the account was changed meanwhile.
   *
   * @param end from when on a failed write is not tried again
   * @throws {ChatError} 503 `refresh_failed`: {@link TokenWriter.writeLeft} tries again.
   * @throws {StoreError} where trying again is pointless.
   */
  async write(record: AccountRecord, changes: AccountChanges, end: AbortSignal): Promise<AccountRecord | undefined> {
    const key = accountKey(record)
    this.#left.set(key, { record, changes })
    try {
      const stored = await untilItPasses(() => this.#tryOnce(record, changes), end)
      this.#left.delete(key)
      return stored
    } catch (error) {
      if (mayPass(error)) throw this.#notStored(record, error)
      this.#left.delete(key)
      throw error
    }
  }

  /** Stores what is left of an account's last refresh, as {@link TokenWriter.write}. */
  async writeLeft(account: Pick<AccountRecord, 'provider' | 'account'>, end: AbortSignal): Promise<void> {
    const left = this.#left.get(accountKey(account))
    if (left) await this.write(left.record, left.changes, end)
  }

  /** The last try for what is left. */
  async close(): Promise<void> {
    const accounts = [...this.#left.values()].map(({ record }) => record)
    await Promise.allSettled(accounts.map((account) => this.writeLeft(account, AbortSignal.abort())))
  }

  async #tryOnce(record: AccountRecord, changes: AccountChanges): Promise<AccountRecord | undefined> {
    const { provider, account, version } = record
    const stored = await this.#store.update(provider, account, version, changes)
    if (stored) return stored
    // A try before may have been made, and only its answer lost.
    const now = await this.#store.get(provider, account)
    if (!now || hasTokens(now, changes)) return now
    // As it was before: of a backup that took the database's place meanwhile. Its refresh token is dead, or soon will be.
    const isBackup = now.createdAt === record.createdAt && now.version < version
    // Another process has tried those of before since, which these have made void.
    const isGivenUp = now.state === 'needs_login' && hasTokens(now, record)
    return isBackup || isGivenUp ? await this.#store.update(provider, account, now.version, changes) : undefined
  }

  #notStored({ provider, account }: AccountRecord, cause: unknown): ChatError {
    this.#logger.error('a refreshed login could not be stored; it is kept in memory and tried again', {
      provider,
      account,
      fault: reasonOf(cause),
    })
    return new ChatError(`The login ${account} was refreshed, but could not be stored. Try again.`, {
      status: 503,
      type: 'server_error',
      code: 'refresh_failed',
      provider,
      cause,
    })
  }
}

/** What `write` resolves with, once it does; its last failure where that does not pass, or the end has come. */
async function untilItPasses<T>(write: () => Promise<T>, end: AbortSignal): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (end.aborted || !mayPass(error)) throw error
  }
  const { ExponentialBackoff, handleWhen, retry } = await import('cockatiel')
  const policy = retry(handleWhen(mayPass), { maxAttempts: Infinity, backoff: new ExponentialBackoff(WAITS_MS) })
  return await policy.execute(write, end)
}

/** A lock or a lost connection does; what the store can never take does not. */
function mayPass(error: unknown): boolean {
  return !(error instanceof StoreError) || error.code === 'busy' || error.code === 'unavailable'
}

function hasTokens({ tokens }: AccountRecord, { tokens: wanted }: Pick<AccountChanges, 'tokens'>): boolean {
  return sameSecret(tokens.accessToken, wanted?.accessToken) && sameSecret(tokens.refreshToken, wanted?.refreshToken)
}
