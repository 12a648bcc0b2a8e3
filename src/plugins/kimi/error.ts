import type { Translator, UpstreamErrorInfo } from '../../index.ts'
import { isObject } from '../../kit.ts'

/** What Kimi means, by `error.type`. */
const ERRORS: Record<string, UpstreamErrorInfo> = {
  invalid_authentication_error: { status: 401, type: 'authentication_error' },
  incorrect_api_key_error: { status: 401, type: 'authentication_error' },
  permission_denied_error: { status: 403, type: 'permission_error' },
  resource_not_found_error: { status: 404, type: 'not_found_error', code: 'model_not_found' },
  rate_limit_reached_error: { status: 429, type: 'rate_limit_error' },
  exceeded_current_quota_error: { status: 429, type: 'insufficient_quota' },
  engine_overloaded_error: { status: 503, type: 'overloaded_error' },
  server_error: { status: 500, type: 'server_error' },
  content_filter: { status: 400, type: 'invalid_request_error' },
}

/**
 * Reads Kimi's `{ error: { message, type } }`, whose types are its own (https://platform.kimi.ai/docs/api/errors).
 *
 * The coding plan's `access_terminated_error` (403) is one of two things: the plan is used up, or the plan does not serve
 * this kind of client. Only the words tell.
 */
export const readError: NonNullable<Translator['error']> = (body) => {
  const { type, message } = isObject(body) && isObject(body['error']) ? body['error'] : {}
  if (typeof type !== 'string') return undefined
  const words = typeof message === 'string' && message !== '' ? { message } : {}
  if (type === 'access_terminated_error') return { ...words, code: type, ...terminated(words.message) }
  const known = ERRORS[type]
  if (known) return { ...words, code: type, ...known }
  if (/token length too long|exceeded model token limit/i.test(words.message ?? '')) {
    return { ...words, status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' }
  }
  return undefined
}

function terminated(message = ''): UpstreamErrorInfo {
  return /usage limit|quota|billing cycle/i.test(message)
    ? { status: 429, type: 'insufficient_quota' }
    : { status: 403, type: 'permission_error' }
}
