import type { Translator, UpstreamErrorInfo } from '../../index.ts'
import { isObject } from '../../kit.ts'

const QUOTA: UpstreamErrorInfo = { status: 429, type: 'insufficient_quota' }
const FILTER: UpstreamErrorInfo = { status: 400, type: 'invalid_request_error', code: 'content_filter' }
const RATE: UpstreamErrorInfo = { status: 429, type: 'rate_limit_error' }

/**
 * Reads DashScope's errors: `{ error: { code, message, type } }`, or those fields without the object around them, which also
 * come within a stream (https://www.alibabacloud.com/help/en/model-studio/error-code).
 *
 * `insufficient_quota` is two things: with 403, or in words about a free allowance, the account has nothing left
 * (router-for-me/CLIProxyAPI, internal/runtime/executor/qwen_executor.go, `isQwenQuotaError`); else it is a limit per minute.
 */
export const readError: NonNullable<Translator['error']> = (body, status) => {
  const error = errorIn(body)
  if (!error) return undefined
  const { code = '', message = '' } = error
  const known = meaningOf(code, message, status)
  if (!known) return undefined
  return { ...(message !== '' && { message }), ...(code !== '' && { code }), ...known }
}

function meaningOf(code: string, message: string, status: number): UpstreamErrorInfo | undefined {
  if (/^(insufficient_quota|quota_exceeded|AllocationQuota|Throttling\.AllocationQuota)/.test(code)) {
    return status === 403 || /free (allocated quota|trial quota|tier)/i.test(message) ? QUOTA : RATE
  }
  if (/free allocated quota exceeded/i.test(message)) return QUOTA
  if (/^(Arrearage|PrepaidBillOverdue|PostpaidBillOverdue)$/.test(code)) return QUOTA
  if (/^(Throttling|LimitRequests|limit_requests|limit_burst_rate)/.test(code)) return RATE
  if (/^data_?inspection_?failed$/i.test(code)) return FILTER
  // That of the prompt, or of the prompt and the answer asked for together (FoundationAgents/OpenManus issue 935).
  if (/range of (?:input|total) length should be/i.test(message)) {
    return { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' }
  }
  if (/^(InvalidApiKey|invalid_api_key|invalid_access_token)$/.test(code)) {
    return { status: 401, type: 'authentication_error' }
  }
  if (/^(ModelNotFound|model_not_found|model_not_supported)$/.test(code)) {
    return { status: 404, type: 'invalid_request_error', param: 'model' }
  }
  return undefined
}

function errorIn(body: unknown): { code?: string; message?: string } | undefined {
  if (!isObject(body)) return undefined
  const { code, type, message } = isObject(body['error']) ? body['error'] : body
  const word = typeof code === 'string' && code !== '' ? code : type
  return {
    ...(typeof word === 'string' && { code: word }),
    ...(typeof message === 'string' && { message }),
  }
}
