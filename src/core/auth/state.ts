import type { AccountRecord } from '../store/index.ts'
import type { OAuthMethod } from './method.ts'

/** How well a login is. */
export interface LoginState {
  /** `needs_login`: only a new login helps. */
  state: 'ok' | 'needs_login'
  /** Why a login is needed. */
  reason?: string
  /** Whether byok gets a new token by itself. */
  renews: boolean
}

/** The state of a login: as it is stored, or over where its token has ended and nothing renews it. */
export function stateOf(method: OAuthMethod | undefined, record: AccountRecord): LoginState {
  const { state, reason, expiresAt } = record
  const renews = method?.refresh !== undefined && record.tokens.refreshToken !== undefined
  const over = !renews && expiresAt !== undefined && expiresAt <= Date.now()
  if (over) return { state: 'needs_login', reason: 'expired', renews }
  return { state, ...(reason !== undefined && { reason }), renews }
}
