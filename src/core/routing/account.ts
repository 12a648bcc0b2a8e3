import { hash } from 'node:crypto'
import { configuredKeys, settingsOf } from '../auth/credentials.ts'
import type { AccountSettings } from '../auth/credentials.ts'
import type { Credential } from '../auth/credential.ts'
import type { Provider, Route } from '../registry.ts'
import type { Secret } from '../secret.ts'
import { credentialOf } from '../store/index.ts'
import type { TokenStore } from '../store/index.ts'
import { Lru } from './lru.ts'

/** One account that may serve a request: a key or a login, and the model it is asked for. */
export interface Account {
  provider: Provider
  /** The model's name as the provider knows it. */
  model: string
  /** The place of its provider among those of the model, from 0. */
  route: number
  credential: Credential
  /** Its share of the requests, where accounts take turns. */
  weight: number
  /** Accounts with a higher one are used first. */
  priority: number
  /** Its way out; `undefined` for a direct one. */
  proxy?: Secret
  /** Names the account over all providers and kinds. */
  id: string
  /** Changes when another key, login or endpoint stands under the same name. Tells nothing of the secret. */
  fingerprint: string
}

/**
 * The accounts of a route in the order of config: its keys, then its logins. A login that only a new one replaces is not
 * among them. Where the model is for one kind of credential, only those are, if there are any: the provider says best
 * what is wrong with another.
 */
export async function accountsOf({ provider, model }: Route, route: number, store: TokenStore): Promise<Account[]> {
  const { plugin } = provider
  if (!plugin.auth.some((method) => method.kind === 'oauth')) return keyAccountsOf(provider, model, route)
  const known = [...keysOf(provider)]
  for (const record of await store.list(provider.name)) {
    if (record.state === 'ok') known.push(entryOf(provider, credentialOf(record), settingsOf(provider, record)))
  }
  return fitting(provider, model, route, known)
}

const MOST_MODELS = 200

/** By provider: what each model's accounts are where there are keys alone. */
const keyAccounts = new WeakMap<Provider, Lru<string, Account[]>>()

function keyAccountsOf(provider: Provider, model: string, route: number): Account[] {
  let models = keyAccounts.get(provider)
  if (!models) keyAccounts.set(provider, (models = new Lru(MOST_MODELS)))
  const name = `${route} ${model}`
  let accounts = models.get(name)
  if (!accounts) models.set(name, (accounts = fitting(provider, model, route, keysOf(provider))))
  return accounts
}

function fitting(provider: Provider, model: string, route: number, known: Entry[]): Account[] {
  const { models } = provider
  const kind = models.get(model)?.credential
  const fit = known.filter(({ credential }) => kind === undefined || kind === credential.kind)
  return (fit.length > 0 ? fit : known).map((entry) => ({ provider, model, route, ...entry }))
}

/** What is the same of an account for every model. */
type Entry = Omit<Account, 'provider' | 'model' | 'route'>

/** By provider, each of which a new config replaces: to hash thousands of keys would be the most of a request. */
const keys = new WeakMap<Provider, Entry[]>()

function keysOf(provider: Provider): Entry[] {
  let entries = keys.get(provider)
  if (!entries) {
    entries = configuredKeys(provider).map(({ credential, settings }) => entryOf(provider, credential, settings))
    keys.set(provider, entries)
  }
  return entries
}

function entryOf(provider: Provider, credential: Credential, { weight, priority, proxy }: AccountSettings): Entry {
  const id = JSON.stringify([provider.name, credential.kind, credential.account])
  return { credential, weight, priority, ...(proxy && { proxy }), id, fingerprint: fingerprintOf(provider, credential) }
}

/**
 * What an account is known by besides its name. A login's refresh token stands for it, because the access token changes by
 * itself.
 */
export function fingerprintOf({ config }: Provider, credential: Credential): string {
  const [secret, base] =
    credential.kind === 'api_key'
      ? [credential.key, credential.baseUrl ?? config.base_url]
      : [credential.refreshToken ?? credential.accessToken, config.oauth_base_url]
  return hash('sha256', JSON.stringify([secret.reveal(), base ?? '']), 'base64url').slice(0, 16)
}
