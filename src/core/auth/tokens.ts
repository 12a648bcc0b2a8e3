import { Secret } from '../secrets/secret.ts'
import type { AccountRecord, AccountTokens } from '../store/index.ts'
import type { AuthContext, Login, RefreshContext, Refreshed } from './context.ts'
import { AuthError } from './error.ts'
import { endOf } from './facts.ts'
import { expiryOf } from './jwt.ts'

/** A token endpoint's answer: RFC 6749 section 5.1, and whatever else the provider adds. */
export interface TokenAnswer {
  tokens: AccountTokens
  /** Unix milliseconds by this machine's clock. */
  expiresAt?: number
  /** All of it, for what a provider adds. It holds secrets: never to be logged. */
  body: Record<string, unknown>
}

/** A secret, or nothing: some say with an empty text, or `null`, that there is none. */
function secretOf(value: unknown): Secret | undefined {
  return typeof value === 'string' && value !== '' ? new Secret(value) : undefined
}

/**
 * Reads a token endpoint's answer. The expiry is counted from now by this machine's clock, so that a clock that is wrong does
 * no harm; only where the answer gives none is the token's own date used. Whatever is odd beside
 * the access token is taken for absent: a refresh token that came with it may be the only one that still works.
 *
 * @throws {AuthError}
 */
export function readTokens({ title }: AuthContext, body: Record<string, unknown>): TokenAnswer {
  const accessToken = secretOf(body['access_token'])
  if (!accessToken) throw new AuthError(`${title} sent an answer without an access token.`, { code: 'bad_answer' })
  const [refreshToken, idToken] = [secretOf(body['refresh_token']), secretOf(body['id_token'])]
  const expiresAt = endOf(body['expires_in']) ?? expiryOf(accessToken.reveal())
  return {
    tokens: { accessToken, ...(refreshToken && { refreshToken }), ...(idToken && { idToken }) },
    ...(expiresAt !== undefined && { expiresAt }),
    body,
  }
}

/** A finished login, of what the token endpoint gave and what was found out after. */
export function loginOf(answer: TokenAnswer, found: Partial<Login> = {}): Login {
  const { tokens, expiresAt } = answer
  return { account: 'default', tokens, ...(expiresAt !== undefined && { expiresAt }), ...found }
}

/**
 * A finished refresh. A refresh token that was replaced is kept first, lest it be lost when `complete` fails; one that was not
 * replaced stays good.
 */
export async function refreshedOf(
  { account, keep }: RefreshContext,
  answer: TokenAnswer,
  complete?: () => Promise<Partial<Login>>,
): Promise<Refreshed> {
  const { refreshToken } = answer.tokens
  if (complete && refreshToken) await keep(refreshToken)
  const login = loginOf(answer, await complete?.())
  return renewed(account, login)
}

/** What a refresh gave, over what there was. */
export function renewed(before: AccountRecord, { tokens, expiresAt, metadata }: Refreshed): Refreshed {
  const extra = { ...before.tokens.extra, ...tokens.extra }
  return {
    tokens: { ...before.tokens, ...tokens, ...(Object.keys(extra).length > 0 && { extra }) },
    ...(expiresAt !== undefined && { expiresAt }),
    metadata: { ...before.metadata, ...metadata },
  }
}
