import { ChatError } from '../chat/index.ts'
import { isError } from '../log/fault.ts'
import type { LoginChange } from '../hooks.ts'
import type { Logger } from '../log/log.ts'
import type { Provider } from '../registry.ts'
import { accountKey } from '../store/account.ts'
import type { AccountRecord, TokenStore } from '../store/index.ts'
import { loginRequired } from './credentials.ts'
import { AuthError } from './error.ts'
import { RefreshBackoff } from './refresh-backoff.ts'

interface RefreshFailuresOptions {
  store: TokenStore
  logger: Logger
  onChange?(login: LoginChange): Promise<void>
}

/** What failed refreshes mean for their logins, and for whoever waits for one. */
export class RefreshFailures {
  readonly #options: RefreshFailuresOptions
  readonly #backoff = new RefreshBackoff()

  constructor(options: RefreshFailuresOptions) {
    this.#options = options
  }

  /** The last failure of a login that is still left alone. */
  last(provider: Provider, account: string): ChatError | undefined {
    const failed = this.#backoff.holds(keyOf(provider, account))
    return failed && refreshFailed(provider, account, failed.error, failed.waitMs)
  }

  clear(provider: Provider, account: string): void {
    this.#backoff.clear(keyOf(provider, account))
  }

  /**
   * A refresh failed: its login is marked where only a new one helps, else left alone for a time.
   *
   * @returns what to throw
   */
  async note(provider: Provider, record: AccountRecord, error: unknown): Promise<unknown> {
    if (!(error instanceof AuthError) && !isTimeout(error)) return error
    const { store, logger, onChange } = this.#options
    const { name } = provider
    const { account } = record
    const known =
      error instanceof AuthError
        ? error
        : new AuthError(`${provider.title} did not answer in time.`, { code: 'unreachable', cause: error })
    if (known.permanent) {
      const marked = await store.markNeedsLogin(name, account, record.version, known.code)
      logger.warn(`a login no longer works: run \`byok login ${name}\``, {
        provider: name,
        account,
        reason: known.code,
      })
      if (marked) await onChange?.({ provider: name, account, change: 'lost' })
      // Changed since: by a login, whose tokens are for the next try.
      return marked || !(await store.get(name, account))
        ? loginRequired(provider, account, known.code)
        : refreshFailed(provider, account, known, 0)
    }
    const waitMs = this.#backoff.fail(keyOf(provider, account), known)
    logger.warn('a login could not be refreshed', {
      provider: name,
      account,
      reason: known.code,
      status: known.status,
      retry_ms: Math.round(waitMs),
    })
    return refreshFailed(provider, account, known, waitMs)
  }
}

function keyOf({ name }: Provider, account: string): string {
  return accountKey({ provider: name, account })
}

function isTimeout(error: unknown): boolean {
  return isError(error) && error.name === 'TimeoutError'
}

function refreshFailed({ name }: Provider, account: string, error: AuthError, waitMs: number): ChatError {
  return new ChatError(`The login ${account} could not be refreshed. ${error.message}`, {
    status: 503,
    type: 'server_error',
    code: 'refresh_failed',
    provider: name,
    ...(error.status !== undefined && { upstreamStatus: error.status }),
    retryAfter: Math.ceil(waitMs / 1000),
    cause: error,
  })
}
