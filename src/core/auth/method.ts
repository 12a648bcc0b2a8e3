import type { AccountRecord } from '../store/index.ts'
import type { Existing, ImportContext, Login, LoginContext, RefreshContext, Refreshed } from './context.ts'

/** How a provider is signed in to: one entry of a plugin's `auth`. */
export type AuthMethod = ApiKeyMethod | OAuthMethod

/** A key the person has. */
export interface ApiKeyMethod {
  kind: 'api_key'
  /** What `byok status` and the banner call it. */
  label: string
  /** The environment variables the vendor's own SDK reads it from; the first that is set wins. */
  env: string[]
  /** Whether the provider answers without a key too, as a server on this machine does. Default no. */
  optional?: boolean
}

/**
 * A login, whose tokens are kept in the token store. `pkce()`, `authCode()` and `deviceCode()` make the usual ones; a
 * provider with ways of its own writes these functions itself.
 */
export interface OAuthMethod {
  kind: 'oauth'
  /** Such as `ChatGPT login`. */
  label: string
  /** What a person should know before signing in, in a sentence or two: that the vendor has ended the login for most accounts. */
  notice?: string
  /**
   * Signs a person in.
   * @throws {AuthError}
   */
  login(context: LoginContext): Promise<Login>
  /**
   * New tokens for old. Left out where tokens last for ever. Called by one process at a time for an account.
   * @throws {AuthError} `permanent` where only a new login helps.
   */
  refresh?(context: RefreshContext): Promise<Refreshed>
  /**
   * What tells a login's account from the provider's others, where its name does not: one e-mail address may stand for two
   * accounts, and some providers give no name at all. `undefined`: nothing tells. Left out, its name does.
   */
  identity?(login: Pick<AccountRecord, 'account' | 'tokens' | 'metadata'>): string | undefined
  /** Logins of the vendor's own tools on this machine, for `byok import`. It only reads. */
  existing?(context: ImportContext): Promise<Existing[]>
}

/** A provider signed in to with a key from config or from one of these environment variables. */
export function apiKey({
  label = 'API key',
  env = [],
  optional,
}: Partial<Omit<ApiKeyMethod, 'kind'>> = {}): ApiKeyMethod {
  return { kind: 'api_key', label, env, ...(optional && { optional }) }
}

/** The first way to log in among a provider's. */
export function oauthOf(methods: readonly AuthMethod[]): OAuthMethod | undefined {
  return methods.find((method) => method.kind === 'oauth')
}
