import { ChatError } from '../chat/index.ts'
import type { ProviderConfig } from '../config/schema.ts'
import type { Provider } from '../registry.ts'
import { Secret } from '../secrets/secret.ts'
import { credentialOf, isStandIn } from '../store/index.ts'
import type { TokenStore } from '../store/index.ts'
import type { Credential } from './credential.ts'

/**
 * The credentials of a provider, best first: the keys of its config in their order, then its logins. A key takes
 * precedence over a login because it was written down on purpose. A provider that needs no key and was given none has one
 * credential with an empty key.
 */
export async function credentialsOf(provider: Provider, store: TokenStore): Promise<Credential[]> {
  const keys = keyCredentials(provider)
  if (!provider.plugin.auth.some(({ kind }) => kind === 'oauth')) return keys
  const logins = await store.list(provider.name)
  return [...keys, ...logins.filter(({ state }) => state === 'ok').map(credentialOf)]
}

/** What the key of `api_key` is called. */
export const ONLY_KEY = 'api_key'
/** The account of a provider that needs no key and was given none. */
const KEYLESS = 'no key'

/** How an account is signed in, for people. */
export function signedInBy({
  kind,
  account,
}: Pick<Credential, 'kind' | 'account'>): 'login' | 'API key' | typeof KEYLESS {
  if (kind === 'oauth') return 'login'
  return account === KEYLESS ? KEYLESS : 'API key'
}

/** The keys of a provider's config, in their order. */
export function keyCredentials(provider: Pick<Provider, 'config' | 'plugin'>): Credential[] {
  return configuredKeys(provider).map(({ credential }) => credential)
}

/** The keys of a provider's config in their order, each with what config says of it besides. */
export function configuredKeys({
  config,
  plugin,
}: Pick<Provider, 'config' | 'plugin'>): { credential: Credential; settings: AccountSettings }[] {
  if (!plugin.auth.some(({ kind }) => kind === 'api_key')) return []
  const usual = settings(config)
  const keys: { credential: Credential; settings: AccountSettings }[] = []
  if (config.api_key) {
    keys.push({ credential: { kind: 'api_key', account: ONLY_KEY, key: config.api_key }, settings: usual })
  }
  for (const [index, entry] of (config.api_keys ?? []).entries()) {
    const baseUrl = 'base_url' in entry ? entry.base_url : undefined
    const account = keyNameOf(entry, index)
    keys.push({
      credential: { kind: 'api_key', account, key: entry.key, ...(baseUrl === undefined ? {} : { baseUrl }) },
      settings: settings(config, entry),
    })
  }
  const keyless = plugin.auth.some((method) => method.kind === 'api_key' && method.optional)
  if (keys.length === 0 && keyless) {
    keys.push({ credential: { kind: 'api_key', account: KEYLESS, key: new Secret('') }, settings: usual })
  }
  return keys
}

/** What config says of one account beside its secret. */
export interface AccountSettings {
  /** Its share of the requests, where accounts take turns. */
  weight: number
  /** Accounts with a higher one are used first. */
  priority: number
  /** Its way out; `undefined` for a direct one. */
  proxy: Secret | undefined
}

/** An account's entry of `api_keys` or `logins`; what every account has where there is none. */
export function settingsOf(
  provider: Pick<Provider, 'config'>,
  { kind, account }: Pick<Credential, 'kind' | 'account'>,
): AccountSettings {
  const { config } = provider
  if (kind === 'oauth') return settings(config, ownOf(config.logins ?? {}, account))
  const named = account === ONLY_KEY && config.api_key
  return settings(config, named ? undefined : config.api_keys?.find((key, index) => account === keyNameOf(key, index)))
}

function settings({ proxy }: ProviderConfig, entry: Partial<AccountSettings> = {}): AccountSettings {
  return { weight: entry.weight ?? 1, priority: entry.priority ?? 0, proxy: entry.proxy ?? proxy }
}

/** Names under `logins` that no login has: each a mistake that would else go unnoticed. */
export async function unknownLogins(providers: readonly Provider[], store: TokenStore): Promise<string[]> {
  const warnings: string[] = []
  if (isStandIn(store)) return warnings
  for (const { name, title, config } of providers) {
    const names = Object.keys(config.logins ?? {})
    if (names.length === 0 || !config.enabled) continue
    const there = (await store.list(name)).map(({ account }) => account)
    for (const login of names.filter((one) => !there.includes(one))) {
      const known = there.length > 0 ? ` There is ${there.join(', ')}.` : ''
      warnings.push(`providers.${name}.logins names ${JSON.stringify(login)}, which is no login of ${title}.${known}`)
    }
  }
  return warnings
}

/** What a key of `api_keys` is called. */
export function keyNameOf(entry: NonNullable<ProviderConfig['api_keys']>[number], index: number): string {
  return 'label' in entry && entry.label ? entry.label : `api_keys[${index}]`
}

function ownOf<Value>(record: Record<string, Value>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

/**
 * A 401 that says how to sign in to one of those that could serve, and which logins have ceased to work.
 * @param providers the one to name first before the others
 */
export async function noCredential(
  providers: readonly [Provider, ...Provider[]],
  store: TokenStore,
): Promise<ChatError> {
  for (const provider of providers) {
    const dead = (await store.list(provider.name)).find(({ state }) => state === 'needs_login')
    if (dead) return loginRequired(provider, dead.account, dead.reason)
  }
  const [first] = providers
  const message =
    providers.length === 1
      ? `There is no credential for ${first.title}. ${howToSignIn(first)}`
      : `There is no credential for any that has this model. ${providers.map((one) => `${one.title}: ${waysToSignIn(one)}`).join('; ')}.`
  return new ChatError(message, {
    status: 401,
    type: 'authentication_error',
    code: 'no_credential',
    provider: first.name,
  })
}

/** A 401 for a login that only a new one replaces. */
export function loginRequired({ name, title }: Provider, account: string, reason: string | undefined): ChatError {
  const why = reason === undefined ? '' : ` (${reason})`
  return new ChatError(
    `${title}'s login ${account} no longer works${why}. Run \`byok login ${name}\` where byok runs, then try again.`,
    { status: 401, type: 'authentication_error', code: 'login_required', provider: name },
  )
}

/** What to do to make a provider usable, as a sentence. */
export function howToSignIn(provider: Provider): string {
  const text = waysToSignIn(provider)
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function waysToSignIn({ name, plugin }: Provider): string {
  const ways: string[] = []
  for (const method of plugin.auth) {
    if (method.kind === 'oauth') ways.push(`run \`byok login ${name}\``)
    else ways.push(`set providers.${name}.api_key${method.env[0] ? ` (or ${method.env[0]} in the environment)` : ''}`)
  }
  return ways.join(', or ')
}
