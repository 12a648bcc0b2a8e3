import { randomUUID } from 'node:crypto'
import { clientOf, refreshRequest, refreshTokenOf } from './client.ts'
import type { Client, ClientFacts, Session } from './client.ts'
import type { RefreshContext, Refreshed } from './context.ts'
import { askFor } from './request.ts'
import { readTokens, refreshedOf } from './tokens.ts'

/**
 * New tokens for an account's refresh token.
 *
 * @param headersOf headers of the request
 * @throws {AuthError}
 */
export async function refreshTokens(
  facts: ClientFacts,
  context: RefreshContext,
  headersOf: (client: Client, session: Session) => Record<string, string> | undefined,
): Promise<Refreshed> {
  const { complete } = facts
  const client = clientOf(facts, context.config)
  const session: Session = { loginId: randomUUID(), before: context.account }
  const refreshToken = refreshTokenOf(context, context.account)
  const request = refreshRequest(facts, client, refreshToken, headersOf(client, session))
  const answer = readTokens(context, await askFor(context, 'new tokens', request))
  return await refreshedOf(context, answer, complete && (() => complete(context, answer, session)))
}
