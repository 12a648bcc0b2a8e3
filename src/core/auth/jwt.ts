import { dateOf } from './facts.ts'
import { parseObject } from '../json/json.ts'

/**
 * What a JSON Web Token says; empty for any other text. The signature is not checked: the token came from the authorization
 * server itself, and nothing is granted on its word.
 */
export function claimsOf(token: string): Record<string, unknown> {
  const [, payload] = token.split('.')
  if (payload === undefined) return {}
  return parseObject(Buffer.from(payload, 'base64url').toString('utf8')) ?? {}
}

/** A token's `exp` in Unix milliseconds. */
export function expiryOf(token: string): number | undefined {
  const { exp } = claimsOf(token)
  return typeof exp === 'number' ? dateOf(exp * 1000) : undefined
}
