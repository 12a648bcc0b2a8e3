import { z } from 'zod'
import { Secret } from '../secret.ts'
import type { AccountRecord, AccountTokens } from '../store/index.ts'
import type { AuthContext, Login, RefreshContext, Refreshed } from './context.ts'
import { AuthError } from './error.ts'
import { expiryOf } from './jwt.ts'

/** A token endpoint's answer: RFC 6749 section 5.1, and whatever else the provider adds. */
export interface TokenAnswer {
  tokens: AccountTokens
  /** Unix milliseconds by this machine's clock. */
  expiresAt?: number
  /** All of it, for what a provider adds. It holds secrets: never to be logged. */
  body: Record<string, unknown>
}

const secret = z
  .string()
  .min(1)
  .transform((value) => new Secret(value))

const answerSchema = z.object({
  access_token: secret,
  refresh_token: secret.nullish(),
  id_token: secret.nullish(),
  expires_in: z.coerce.number().nullish(),
})

/**
 * Reads a token endpoint's answer. The expiry is counted from now by this machine's clock, so that a clock that is wrong does
 * no harm; only where the answer gives none is the token's own date used.
 *
 * @throws {AuthError}
 */
export function readTokens({ title }: AuthContext, body: Record<string, unknown>): TokenAnswer {
  const { success, data } = answerSchema.safeParse(body)
  if (!success) throw new AuthError(`${title} sent an answer without an access token.`, { code: 'bad_answer' })
  const expiresAt = data.expires_in ? Date.now() + data.expires_in * 1000 : expiryOf(data.access_token.reveal())
  return {
    tokens: {
      accessToken: data.access_token,
      ...(data.refresh_token && { refreshToken: data.refresh_token }),
      ...(data.id_token && { idToken: data.id_token }),
    },
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
