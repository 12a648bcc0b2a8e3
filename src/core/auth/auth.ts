import { runHook } from '../hooks.ts'
import type { Hooks, LoginChange } from '../hooks.ts'
import { faultOf } from '../log/fault.ts'
import { homeFolder } from '../home.ts'
import type { Logger } from '../log/log.ts'
import type { Provider, Registry } from '../registry.ts'
import type { AccountRecord, TokenStore } from '../store/index.ts'
import type { Upstream } from '../upstream/client.ts'
import type { AuthContext, Existing, Login, LoginUi } from './context.ts'
import { keyCredentials, settingsOf } from './credentials.ts'
import { AuthError } from './error.ts'
import { existingBy, loginBy, ofMethod } from './login-by-method.ts'
import { oauthOf } from './method.ts'
import type { OAuthMethod } from './method.ts'
import { placeOf, wordsOn } from './place.ts'
import type { Place } from './place.ts'
import { stateOf } from './state.ts'
import type { LoginState } from './state.ts'
import { createTokenManager } from './token-manager.ts'
import type { TokenManager } from './token-manager.ts'

/** A way into a provider, as `byok status` tells of it. Never a secret. */
export interface AccountStatus extends LoginState {
  provider: string
  /** The provider's title. */
  title: string
  account: string
  kind: 'oauth' | 'api_key'
  /** Unix milliseconds at which the token at hand ends. */
  expiresAt?: number
}

export interface LoginOptions {
  ui: LoginUi
  signal: AbortSignal
  /** The name to keep it under, whoever else has it. Default: what the provider calls the account. */
  account?: string
}

/** What became of a login that was made elsewhere. */
export interface TakenOver {
  account: string
  /** `kept`: byok has it already, or one of its name that may be the same. */
  result: 'imported' | 'kept'
}

/** What tools left: their logins, and what is wrong with those that cannot be read. */
export interface Left {
  logins: Existing[]
  failures: AuthError[]
}

/** Logins: making, listing, taking over, and keeping them fresh. */
export interface Auth {
  readonly tokens: TokenManager
  /**
   * Signs a person in and stores the login, in the place of one of the same account. Another account of the same name is left
   * alone: then the login gets a free name. Nothing is stored before all of it is there; that it can be is known before anybody is sent to sign in.
   * @throws {AuthError | StoreError}
   */
  login(provider: Provider, options: LoginOptions): Promise<AccountRecord>
  /** Stores a login that was made elsewhere, replacing one of the same name. */
  keep(provider: Provider, login: Login): Promise<AccountRecord>
  /** As {@link Auth.keep}, unless there is one of the same account, or of a name that may be its, which still works. */
  takeOver(provider: Provider, login: Login, options: { force: boolean }): Promise<TakenOver>
  /** Every key and login of the enabled providers. */
  status(): Promise<AccountStatus[]>
  /** What the vendor's own tools left on this machine for a provider. */
  existing(provider: Provider, signal: AbortSignal): Promise<Left>
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
      fetchOnce: upstream.fetchFor({ ...bound, once: true }),
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

  const placeIn = ({ name: provider }: Provider, method: OAuthMethod, login: Login, there: readonly AccountRecord[]) =>
    ofMethod('`identity`', { provider, logger }, () => placeOf(method, login, there))

  return {
    tokens,

    async login(provider, { ui, signal, account }) {
      const method = oauthOf(provider.plugin.auth)
      if (!method) throw new AuthError(`${provider.title} has no login.`, { code: 'no_login' })
      if (method.notice !== undefined) ui.note(method.notice)
      await store.ready?.()
      const login = await loginBy(method, { ...contextFor(provider, signal, account), ui }, logger)
      signal.throwIfAborted()
      const there = await store.list(provider.name)
      const place = account === undefined ? await placeIn(provider, method, login, there) : placeNamed(account, there)
      const record = await keep(provider, { ...login, account: place.account })
      const words = wordsOn(place, provider)
      if (words !== undefined) ui.note(words)
      return record
    },

    keep,

    async takeOver(provider, login, { force }) {
      const method = oauthOf(provider.plugin.auth)
      const there = await store.list(provider.name)
      const place = method ? await placeIn(provider, method, login, there) : placeNamed(login.account, there)
      const { record: maybe, known } = place.beside ?? {}
      const old = place.replaces ?? (known === false ? maybe : undefined)
      if (old && !force && stateOf(method, old).state === 'ok') return { account: old.account, result: 'kept' }
      const { account } = await keep(provider, { ...login, account: old?.account ?? place.account })
      return { account, result: 'imported' }
    },

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
      const failures: AuthError[] = []
      const report = (error: AuthError) => void failures.push(error)
      const method = oauthOf(provider.plugin.auth)
      const home = homeFolder(env['HOME'])
      const context = { ...contextFor(provider, signal), home, env, platform: process.platform, report }
      try {
        return { logins: method ? await existingBy(method, context, logger) : [], failures }
      } catch (error) {
        if (!(error instanceof AuthError)) throw error
        return { logins: [], failures: [...failures, error] }
      }
    },

    close: () => tokens.close(),
  }
}

function statusOfKey({ name, title }: Provider, account: string): AccountStatus {
  return { provider: name, title, account, kind: 'api_key', state: 'ok', renews: false }
}

function statusOf({ name, title, plugin }: Provider, record: AccountRecord): AccountStatus {
  const { account, expiresAt } = record
  return {
    provider: name,
    title,
    account,
    kind: 'oauth',
    ...stateOf(oauthOf(plugin.auth), record),
    ...(expiresAt !== undefined && { expiresAt }),
  }
}

/** A name that the person chose: whatever login has it is replaced. */
function placeNamed(account: string, there: readonly AccountRecord[]): Place {
  const replaces = there.find((record) => record.account === account)
  return { account, ...(replaces && { replaces }) }
}
