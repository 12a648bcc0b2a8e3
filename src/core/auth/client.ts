import type { ProviderConfig } from '../config/schema.ts'
import type { AuthContext, Login } from './context.ts'
import { AuthError } from './error.ts'
import type { AuthRequest } from './request.ts'
import type { TokenAnswer } from './tokens.ts'
import type { AccountRecord } from '../store/index.ts'

/** Who byok signs in as, and where: the facts of a provider's OAuth client. Config's `oauth` goes over each of them. */
export interface ClientFacts {
  clientId: string
  /** Public, as it stands in the vendor's own client: an installed program can keep no secret. */
  clientSecret?: string
  tokenUrl: string
  scopes: string[]
  /** How the token endpoint is asked. Default `form`. */
  tokenFormat?: 'form' | 'json'
  /** How a refresh is asked for, where that differs. */
  refreshFormat?: 'form' | 'json'
  /** Whether a refresh names the scopes. Default no: what was granted stays. */
  refreshScopes?: boolean
  /** See {@link AuthRequest.finalStatuses}, of a refresh. Default {@link FINAL_STATUSES}. */
  finalStatuses?: readonly number[]
  /** Headers of every request to the authorization server. */
  headers?: (session: Session) => Record<string, string>
  /**
   * Finds what later calls need once there are tokens, after a login and after each refresh. What it returns goes over what
   * the answer gave; an account without a name is called `default`.
   */
  complete?: (context: AuthContext, answer: TokenAnswer, session: Session) => Promise<Partial<Login>>
}

/** What one login, and every refresh after it, have in common. */
export interface Session {
  /** A random id of this login. */
  loginId: string
  /** The account as it was; absent in a login. */
  before: AccountRecord | undefined
}

/** {@link ClientFacts} as they hold for one provider's settings. */
export interface Client {
  id: string
  secret: string | undefined
  tokenUrl: string
  scope: string
}

/** The facts with config's over them. */
export function clientOf(facts: ClientFacts, { oauth }: ProviderConfig): Client {
  return {
    id: oauth?.client_id ?? facts.clientId,
    secret: oauth?.client_secret?.reveal() ?? facts.clientSecret,
    tokenUrl: oauth?.token_url ?? facts.tokenUrl,
    scope: (oauth?.scopes ?? facts.scopes).join(' '),
  }
}

/** A request to the token endpoint in the format it wants. */
export function tokenRequest(
  url: string,
  format: 'form' | 'json' | undefined,
  parameters: Record<string, string>,
  headers: Record<string, string> = {},
): AuthRequest {
  return format === 'json' ? { url, json: parameters, headers } : { url, form: parameters, headers }
}

/**
 * A server that answers 401 to a refresh takes neither its client nor its token (RFC 6749 section 5.2), with whatever code: so
 * Codex reads it, openai/codex codex-rs/login/src/auth/manager.rs `request_chatgpt_token_refresh`.
 */
export const FINAL_STATUSES: readonly number[] = [401]

/** A refresh: RFC 6749 section 6. */
export function refreshRequest(
  facts: ClientFacts,
  client: Client,
  refreshToken: string,
  headers?: Record<string, string>,
): AuthRequest {
  const parameters = {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: client.id,
    ...(client.secret !== undefined && { client_secret: client.secret }),
    ...(facts.refreshScopes === true && { scope: client.scope }),
  }
  return {
    ...tokenRequest(client.tokenUrl, facts.refreshFormat ?? facts.tokenFormat, parameters, headers),
    finalStatuses: facts.finalStatuses ?? FINAL_STATUSES,
  }
}

/** `Basic` as in RFC 6749 section 2.3.1. */
export function basicAuthorization(client: Client): string {
  const encoded = [client.id, client.secret ?? ''].map((part) => encodeURIComponent(part)).join(':')
  return `Basic ${Buffer.from(encoded).toString('base64')}`
}

/**
 * What a refresh is asked with.
 * @throws {AuthError} `permanent`, where the login came without a refresh token.
 */
export function refreshTokenOf({ title }: AuthContext, account: AccountRecord): string {
  const token = account.tokens.refreshToken?.reveal()
  if (token !== undefined) return token
  throw new AuthError(`${title} gave no refresh token for ${account.account}.`, {
    code: 'no_refresh_token',
    permanent: true,
  })
}
