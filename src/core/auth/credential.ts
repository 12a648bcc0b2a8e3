import type { ProviderConfig } from '../config/schema.ts'
import type { Secret } from '../secrets/secret.ts'

/** What a request is signed with. */
export type Credential = ApiKeyCredential | OAuthCredential

interface CredentialBase {
  /** The account's name in logs and status; never a secret. */
  account: string
}

/** A key from config or the environment. */
export interface ApiKeyCredential extends CredentialBase {
  kind: 'api_key'
  key: Secret
  /** This key's own endpoint, over the provider's. */
  baseUrl?: string
}

/** A login. */
export interface OAuthCredential extends CredentialBase {
  kind: 'oauth'
  accessToken: Secret
  refreshToken?: Secret
  /** Unix milliseconds; absent where the provider gives no expiry. */
  expiresAt?: number
  /** What the provider needs for later calls, such as ChatGPT's account id. Not secret. */
  metadata: Record<string, string>
}

/** The secret that signs a request, whichever kind of credential it is: what most providers want as a bearer token. */
export function tokenOf(credential: Credential): Secret {
  return credential.kind === 'api_key' ? credential.key : credential.accessToken
}

/** Where config sends requests signed with a credential; `undefined` for the provider's own address. Logins may have another than keys. */
export function baseUrlOf(
  credential: Credential,
  config: Pick<ProviderConfig, 'base_url' | 'oauth_base_url'>,
): string | undefined {
  return credential.kind === 'api_key' ? (credential.baseUrl ?? config.base_url) : config.oauth_base_url
}

/** Where config says what {@link baseUrlOf} gives; `undefined` where it says nothing. */
export function baseUrlSetting(
  provider: string,
  credential: Credential,
  config: Pick<ProviderConfig, 'base_url' | 'oauth_base_url'>,
): string | undefined {
  if (baseUrlOf(credential, config) === undefined) return undefined
  if (credential.kind === 'oauth') return `providers.${provider}.oauth_base_url`
  return credential.baseUrl === undefined
    ? `providers.${provider}.base_url`
    : `base_url in providers.${provider}.api_keys`
}
