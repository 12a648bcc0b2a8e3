import { AuthError } from '../../index.ts'
import type { RefreshContext, Refreshed } from '../../index.ts'
import { askFor, FINAL_STATUSES, readTokens, refreshTokenOf, textOf } from '../../kit.ts'

/*
 * Logins of a company whose people Kiro lets sign in at the company's own identity provider, Microsoft Entra or Okta. Such a login is made in
 * Kiro and taken over from there.
 *
 * Facts: mikeyobrien/pi-provider-kiro pull request 134 (the kind of token, which Kiro's CLI sends with each call and Kiro answers 403 without;
 * the refresh, by form and without a secret); diegosouzapw/OmniRoute pull request 6363 and decolua/9router pull request 2109 (the same of
 * Kiro's IDE, with the scopes).
 */

/** What Kiro's IDE calls it. */
export const EXTERNAL_IDP = 'external_idp'

/** The kind of a login's token, which goes with each request to Kiro that it signs. */
export function tokenType(method: string | undefined): Record<string, string> {
  return method === EXTERNAL_IDP ? { tokentype: 'EXTERNAL_IDP' } : {}
}

/** What such a refresh needs to know besides the client. */
export function providerFacts(endpoint: unknown, scopes: unknown): Record<string, string | undefined> {
  return { token_endpoint: textOf(endpoint), scopes: textOf(scopes) }
}

export async function refreshAtProvider(context: RefreshContext): Promise<Refreshed> {
  const { account, config, title } = context
  const { client_id: clientId, token_endpoint: endpoint, scopes } = account.metadata
  const url = config.oauth?.token_url ?? (endpoint?.startsWith('https://') ? endpoint : undefined)
  if (clientId === undefined || clientId === '' || url === undefined) {
    throw new AuthError(`${title}'s login does not say where it can be refreshed.`, {
      code: 'no_client',
      permanent: true,
    })
  }
  const body = await askFor(context, 'new tokens', {
    url,
    form: {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: refreshTokenOf(context, account),
      ...(scopes !== undefined && { scope: scopes }),
    },
    finalStatuses: FINAL_STATUSES,
  })
  const { tokens, expiresAt } = readTokens(context, body)
  return { tokens, ...(expiresAt !== undefined && { expiresAt }) }
}
