import { hash } from 'node:crypto'
import { baseUrlOf } from '../auth/credential.ts'
import type { Credential } from '../auth/credential.ts'
import type { Provider } from '../registry.ts'
import type { Secret } from '../secrets/secret.ts'

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
  /** {@link idOf} it. */
  id: string
  /** Changes when another key, login or endpoint stands under the same name. Tells nothing of the secret. */
  fingerprint: string
}

/**
 * Names an account over all providers and kinds: a login by its name, for its tokens change; a key by what it is, wherever in config's
 * list it stands and whatever it is called.
 */
export function idOf({
  provider,
  kind,
  account,
  fingerprint,
}: {
  provider: string
  kind: Credential['kind']
  account: string
  fingerprint: string
}): string {
  return JSON.stringify([provider, kind, kind === 'oauth' ? account : fingerprint])
}

/** Where a conversation is at home: the account, and the model it was asked for there. */
export function homeOf({ id, model }: Pick<Account, 'id' | 'model'>): string {
  return `${id} ${model}`
}

/**
 * What an account is known by besides its name. A login's refresh token stands for it, because the access token changes by
 * itself.
 */
export function fingerprintOf({ config }: Provider, credential: Credential): string {
  const secret = credential.kind === 'api_key' ? credential.key : (credential.refreshToken ?? credential.accessToken)
  const text = JSON.stringify([secret.reveal(), baseUrlOf(credential, config) ?? ''])
  return hash('sha256', text, 'base64url').slice(0, 16)
}
