import { ChatError, errorTypeOfStatus } from '../../chat/index.ts'
import type { ChatErrorType } from '../../chat/index.ts'
import { durationOf } from '../../upstream/retry-after.ts'
import type { UpstreamErrorInfo } from '../../translator/translator.ts'
import { compact, isObject, objects, parseJson, text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { untilQuotaDay } from './quota-day.ts'

const LONGEST_MESSAGE = 1000

/**
 * Reads `{ error: { code, message, status, details } }`, a google.rpc.Status, or a list with one in it, as streams without
 * `alt=sse` answer.
 *
 * What counts as which is from gemini-cli, packages/core/src/utils/googleQuotaErrors.ts: a limit per day, or `QUOTA_EXHAUSTED`, is
 * a spent quota; a limit per minute passes.
 */
export function readError(body: unknown): UpstreamErrorInfo | undefined {
  const whole: unknown = Array.isArray(body) ? body[0] : body
  if (!isObject(whole)) return undefined
  const { error } = whole
  if (typeof error === 'string') return compact({ message: text(whole['error_description']) ?? error, code: error })
  if (!isObject(error)) return undefined
  const message = text(error['message']) ?? ''
  // Code Assist passes errors of the layer below on as text.
  const inner = message.startsWith('{') ? readError(parseJson(message)) : undefined
  if (inner) return inner
  const details = detailsOf(error)
  const status = statusOf(error)
  const kind = classify(status, message, details)
  return compact({
    ...kind,
    message: shorten(withHelp(message, details)),
    status: kind.status ?? status,
    // Interactions have a word there: `invalid_request` (allenhutchison/gemini-cli-deep-research issue 73).
    code: kind.code ?? details.reason?.toLowerCase() ?? text(error['status'])?.toLowerCase() ?? text(error['code']),
    param: details.field,
    // `RetryInfo` stands beside a quota per day too, and names the seconds of one per minute.
    retryAfter: isDaily(details) ? untilQuotaDay() : (details.retryAfter ?? retryIn(message)),
  })
}

interface Details {
  reason: string | undefined
  quotaIds: string[]
  retryAfter: number | undefined
  field: string | undefined
  link: string | undefined
}

/** Reads the details that are told apart by `@type`; Code Assist has been seen to send that key with a space before it. */
function detailsOf(error: JsonObject): Details {
  const details: Details = { reason: undefined, quotaIds: [], retryAfter: undefined, field: undefined, link: undefined }
  for (const detail of objects(error['details'])) {
    const key = Object.keys(detail).find((name) => name.trim() === '@type')
    const type = key === undefined ? '' : String(detail[key])
    if (type.endsWith('.ErrorInfo')) {
      details.reason = text(detail['reason'])
      details.retryAfter ??= quotaReset(detail['metadata'])
    } else if (type.endsWith('.RetryInfo')) {
      details.retryAfter = durationOf(text(detail['retryDelay']) ?? '') ?? details.retryAfter
    } else if (type.endsWith('.QuotaFailure')) {
      details.quotaIds = objects(detail['violations']).flatMap(({ quotaId }) => text(quotaId) ?? [])
    } else if (type.endsWith('.BadRequest')) {
      details.field = text(objects(detail['fieldViolations'])[0]?.['field'])
    } else if (type.endsWith('.Help')) details.link = text(objects(detail['links'])[0]?.['url'])
  }
  return details
}

function statusOf({ code, status }: JsonObject): number | undefined {
  if (typeof code === 'number' && code >= 400 && code < 600) return code === 499 ? 502 : code
  return STATUS_OF_NAME[text(status) ?? '']
}

/** HTTP statuses of google.rpc.Code, of google/rpc/code.proto. */
const STATUS_OF_NAME: Record<string, number> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ABORTED: 409,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  UNKNOWN: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
}

/**
 * `FAILED_PRECONDITION` where it is the key's project, or the place its requests come from, that is refused. Other errors of that
 * name are the request's fault.
 *
 * @see https://ai.google.dev/gemini-api/docs/troubleshooting
 * @see google-gemini/gemini-cli issue 1993, for "User location is not supported for the API use."
 */
const NOT_HERE = /free tier is not available in your country|User location is not supported/i

function isDaily({ quotaIds }: Details): boolean {
  return quotaIds.some((id) => /PerDay|Daily/.test(id))
}

function classify(status: number | undefined, message: string, details: Details): UpstreamErrorInfo {
  const { reason } = details
  // Google answers 400 to a wrong key.
  if (reason === 'API_KEY_INVALID' || (status === 400 && /API key (not valid|expired)/i.test(message))) {
    return { status: 401, type: 'authentication_error', code: 'invalid_api_key' }
  }
  if (status === 400 && /exceeds the maximum number of tokens|input token count.*exceeds/i.test(message)) {
    return { code: 'context_length_exceeded' }
  }
  if (status === 400 && /payload size exceeds the limit/i.test(message)) {
    return { status: 413, code: 'request_too_large' }
  }
  if (status === 400 && NOT_HERE.test(message)) return { status: 403, type: 'permission_error' }
  if (status === 404) return { code: 'model_not_found' }
  if (reason === 'MODEL_CAPACITY_EXHAUSTED' || reason === 'MODEL_CAPACITY_EXCEEDED') {
    return { status: 503, type: 'overloaded_error', code: reason.toLowerCase() }
  }
  if (status !== 429) return {}
  const spent =
    isDaily(details) ||
    reason === 'QUOTA_EXHAUSTED' ||
    reason === 'INSUFFICIENT_G1_CREDITS_BALANCE' ||
    /limit:\s*0(?!\d|\.\d)/.test(message)
  return spent
    ? { type: 'insufficient_quota' satisfies ChatErrorType, code: 'insufficient_quota' }
    : { type: 'rate_limit_error', code: 'rate_limit_exceeded' }
}

/** The link of a `Help` detail, where the account has to be verified and only it says how. */
function withHelp(message: string, { reason, link }: Details): string {
  return reason === 'VALIDATION_REQUIRED' && link !== undefined ? `${message} Verify the account: ${link}` : message
}

/**
 * Code Assist's own word on when a quota is back: `quotaResetDelay`, such as `1h16m0.667s`, or the moment, `quotaResetTimeStamp`.
 *
 * @see router-for-me/CLIProxyAPI internal/runtime/executor/helps/json_retry_helpers.go `ParseRetryDelay`
 */
function quotaReset(metadata: unknown): number | undefined {
  if (!isObject(metadata)) return undefined
  const delay = durationOf(text(metadata['quotaResetDelay']) ?? '')
  if (delay !== undefined) return delay
  const left = (Date.parse(text(metadata['quotaResetTimeStamp']) ?? '') - Date.now()) / 1000
  return left > 0 ? left : undefined
}

/** The wait that the message names, where no detail does. */
function retryIn(message: string): number | undefined {
  return durationOf(/Please retry in ((?:[\d.]+(?:ms|[hms]))+)/.exec(message)?.[1] ?? '') ?? resetAfter(message)
}

/** Code Assist's "Your quota will reset after 2h30m5s." */
function resetAfter(message: string): number | undefined {
  const total = durationOf(/reset after ((?:[\d.]+(?:ms|[hms]))+)/.exec(message)?.[1] ?? '')
  return total !== undefined && total > 0 ? total : undefined
}

function shorten(words: string): string | undefined {
  if (words === '') return undefined
  return words.length > LONGEST_MESSAGE ? `${words.slice(0, LONGEST_MESSAGE)}…` : words
}

/** An error the provider reported in the middle of its answer. */
export function errorInAnswer(body: unknown): ChatError {
  const { message, ...info } = readError(body) ?? {}
  const status = info.status ?? 502
  return new ChatError(message ?? 'The provider reported an error within its answer. Try again.', {
    ...info,
    status,
    type: info.type ?? errorTypeOfStatus(status),
    upstreamStatus: info.status,
  })
}
