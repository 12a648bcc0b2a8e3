import type { ChatError } from '../chat/index.ts'

/**
 * What a failed attempt means for the others:
 * - `invalid`: the request is at fault. Nobody is asked again.
 * - `elsewhere`: the account is well, but cannot do it; another may. A model that is not found may be there for other accounts: OpenAI
 *   says `model_not_found`, by 403 or 404, of one that the key's project may not use (Aider-AI/aider issues 604 and 2030).
 * - `spent`: the account has used up what it may use. It is not asked before its time.
 * - `refused`: the account is not let in. Others come first.
 * - `fault`: the provider or the way to it failed. Others come first.
 */
export type FailureKind = 'invalid' | 'elsewhere' | 'spent' | 'refused' | 'fault'

/** The kinds after which an account rests. */
export type RestCause = Exclude<FailureKind, 'invalid' | 'elsewhere'>

export const MODEL_NOT_FOUND = 'model_not_found'
const ELSEWHERE = new Set(['unsupported_feature', MODEL_NOT_FOUND])

export function kindOfFailure({ status, type, code }: ChatError): FailureKind {
  if (code !== null && ELSEWHERE.has(code)) return 'elsewhere'
  if (status === 429 || status === 402 || type === 'insufficient_quota') return 'spent'
  if (status === 401 || status === 403) return 'refused'
  return status >= 500 || status === 408 ? 'fault' : 'invalid'
}
