import { isoTime } from './json.ts'

/** Where the keys of `byok key create` are said to be from. */
export const CREATED = 'byok key create'

/** A client's key, from wherever it is. */
export interface ListedKey {
  label: string
  source: string
  admin?: boolean | undefined
  models?: string[] | undefined
  budget?: { tokens_per_day?: number | undefined; requests_per_day?: number | undefined } | undefined
  created_at?: number
  expires_at?: number | undefined
  revoked_at?: number | undefined
}

export function stateOf({ revoked_at: revoked, expires_at: expires }: ListedKey): 'ok' | 'expired' | 'revoked' {
  if (revoked !== undefined) return 'revoked'
  return expires !== undefined && expires <= Date.now() ? 'expired' : 'ok'
}

/** A key as programs read it, without what it is compared by. */
export function jsonOf(key: ListedKey) {
  const { label, source, admin = false, models = null, budget = null } = key
  return {
    label,
    source,
    state: stateOf(key),
    admin,
    models,
    budget,
    created_at: isoTime(key.created_at),
    expires_at: isoTime(key.expires_at),
    revoked_at: isoTime(key.revoked_at),
  }
}
