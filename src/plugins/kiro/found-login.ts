import { Secret } from '../../index.ts'
import type { Existing } from '../../index.ts'
import { dateOf, knownFacts, textOf } from '../../kit.ts'
import { lacksProfile } from './profile.ts'

/** What a tool of Kiro's keeps of a login. */
export interface Found {
  account: string
  accessToken: string
  refreshToken: string | undefined
  clientSecret: string | undefined
  /** A date, as text. */
  expiresAt: unknown
  facts: Record<string, string | undefined>
  source: string
}

/** Such a login as byok takes it over. */
export function foundLogin({
  account,
  accessToken,
  refreshToken,
  clientSecret,
  facts,
  source,
  ...found
}: Found): Existing {
  // In the past where the first use has to refresh it, which finds the profile.
  const refreshesFirst = lacksProfile(facts) && refreshToken !== undefined
  const expiresAt = refreshesFirst ? 0 : dateOf(Date.parse(textOf(found.expiresAt) ?? ''))
  return {
    account,
    tokens: {
      accessToken: new Secret(accessToken),
      ...(refreshToken !== undefined && { refreshToken: new Secret(refreshToken) }),
      ...(clientSecret !== undefined && { extra: { client_secret: new Secret(clientSecret) } }),
    },
    ...(expiresAt !== undefined && { expiresAt }),
    metadata: knownFacts(facts),
    source,
  }
}
