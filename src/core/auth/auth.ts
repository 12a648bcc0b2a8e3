import { homedir } from 'node:os'
import { runHook } from '../hooks.ts'
import type { Hooks, LoginChange } from '../hooks.ts'
import { faultOf } from '../fault.ts'
import type { Logger } from '../log.ts'
import type { Provider, Registry } from '../registry.ts'
import type { AccountRecord, TokenStore } from '../store/index.ts'
import type { Upstream } from '../upstream/client.ts'
import type { AuthContext, Existing, Login, LoginUi } from './context.ts'
import { keyCredentials, settingsOf } from './credentials.ts'
import { AuthError } from './error.ts'
import { oauthOf } from './method.ts'
import { createTokenManager } from './token-manager.ts'
import type { TokenManager } from './token-manager.ts'

/** A way into a provider, as `byok status` tells of it. Never a secret. */
export interface AccountStatus {
  provider: string
  /** The provider's title. */
  title: string
  account: string
  kind: 'oauth' | 'api_key'
  /** `needs_login`: only a new login helps. */
  state: 'ok' | 'needs_login'
  /** Why a login is needed. */
  reason?: string
  /** Unix milliseconds at which the token at hand ends. */
  expiresAt?: number
  /** Whether byok gets a new one by itself. */
  renews: boolean
}

export interface LoginOptions {
  ui: LoginUi
  signal: AbortSignal
  /** The name to keep it under. Default: what the provider calls the account. */
  account?: string
}

/** Logins: making, listing, taking over, and keeping them fresh. */
export interface Auth {
  readonly tokens: TokenManager
  /**
   * Signs a person in and stores the login, replacing one of the same name. Nothing is stored before all of it is there.
   * @throws {AuthError}
   */
  login(provider: Provider, options: LoginOptions): Promise<AccountRecord>
  /** Stores a login that was made elsewhere, replacing one of the same name. */
  keep(provider: Provider, login: Login): Promise<AccountRecord>
  /** Every key and login of the enabled providers. */
  status(): Promise<AccountStatus[]>
  /**
   * What the vendor's own tools left on this machine for a provider.
   * @throws {AuthError} naming a file that cannot be read.
   */
  existing(provider: Provider, signal: AbortSignal): Promise<Existing[]>
  close(): Promise<void>
}

export interface AuthParts {
  registry: Registry
  store: TokenStore
  upstream: Upstream
  logger: Logger
  hooks: Hooks
  env: Record<string, string | undefined>
}

export function createAuth({ registry, store, upstream, logger, hooks, env }: AuthParts): Auth {
  const contextFor = (provider: Provider, signal: AbortSignal, account?: string): AuthContext => {
    const { name, title, config } = provider
    const proxy = account === undefined ? config.proxy : settingsOf(provider, { kind: 'oauth', account }).proxy
    const bound = { signal, provider: title, ...(proxy && { proxy }) }
    return {
      provider: name,
      title,
      config,
      env,
      signal,
      fetch: upstream.fetchFor(bound),
      fetchOnce: upstream.fetchFor({ ...bound, retries: 0 }),
    }
  }
  const onChange = async (login: LoginChange) => {
    // It only tells: the login is what it is.
    await runHook(hooks, 'login', login)?.catch((error: unknown) =>
      logger.error('a hook failed', { fault: faultOf(error) }),
    )
  }
  const tokens = createTokenManager({ store, logger, contextFor, onChange })

  const keep = async ({ name: provider }: Provider, login: Login): Promise<AccountRecord> => {
    const record = await store.put({ ...login, provider, kind: 'oauth' })
    await onChange({ provider, account: record.account, change: 'made' })
    return record
  }

  return {
    tokens,

    async login(provider, { ui, signal, account }) {
      const method = oauthOf(provider.plugin.auth)
      if (!method) throw new AuthError(`${provider.title} has no login.`, { code: 'no_login' })
      if (method.notice !== undefined) ui.note(method.notice)
      const login = await method.login({ ...contextFor(provider, signal, account), ui })
      signal.throwIfAborted()
      return await keep(provider, { ...login, account: account ?? login.account })
    },

    keep,

    async status() {
      const logins = await store.list()
      return registry.providers
        .filter(({ config }) => config.enabled)
        .flatMap((provider) => [
          ...keyCredentials(provider).map((key) => statusOfKey(provider, key.account)),
          ...logins.filter((record) => record.provider === provider.name).map((record) => statusOf(provider, record)),
        ])
    },

    async existing(provider, signal) {
      const method = oauthOf(provider.plugin.auth)
      const home = env['HOME'] ?? homedir()
      return (
        (await method?.existing?.({ ...contextFor(provider, signal), home, env, platform: process.platform })) ?? []
      )
    },

    close: () => tokens.close(),
  }
}

function statusOfKey({ name, title }: Provider, account: string): AccountStatus {
  return { provider: name, title, account, kind: 'api_key', state: 'ok', renews: false }
}

function statusOf({ name, title, plugin }: Provider, record: AccountRecord): AccountStatus {
  const renews = oauthOf(plugin.auth)?.refresh !== undefined && record.tokens.refreshToken !== undefined
  const { account, expiresAt, reason } = record
  const over = !renews && expiresAt !== undefined && expiresAt <= Date.now()
  return {
    provider: name,
    title,
    account,
    kind: 'oauth',
    state: over ? 'needs_login' : record.state,
    ...(over ? { reason: 'expired' } : reason !== undefined && { reason }),
    ...(expiresAt !== undefined && { expiresAt }),
    renews,
  }
}
