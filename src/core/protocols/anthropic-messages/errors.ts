import { ChatError } from '../../chat/index.ts'
import type { ChatErrorType } from '../../chat/index.ts'
import { retryAfterOf, nowAt } from '../../upstream/retry-after.ts'
import type { UpstreamErrorInfo } from '../../translator/translator.ts'
import { compact, isObject, text } from '../json.ts'
import type { JsonObject } from '../json.ts'

/**
 * Anthropic's error types: the status each goes with, and the neutral word.
 *
 * @see https://platform.claude.com/docs/en/api/errors
 */
const TYPES: Record<string, { status: number; type: ChatErrorType }> = {
  invalid_request_error: { status: 400, type: 'invalid_request_error' },
  authentication_error: { status: 401, type: 'authentication_error' },
  billing_error: { status: 402, type: 'insufficient_quota' },
  permission_error: { status: 403, type: 'permission_error' },
  not_found_error: { status: 404, type: 'not_found_error' },
  conflict_error: { status: 409, type: 'invalid_request_error' },
  request_too_large: { status: 413, type: 'invalid_request_error' },
  rate_limit_error: { status: 429, type: 'rate_limit_error' },
  api_error: { status: 500, type: 'server_error' },
  timeout_error: { status: 504, type: 'timeout_error' },
  overloaded_error: { status: 529, type: 'overloaded_error' },
}

/** Messages of a plain `invalid_request_error` that has a reason worth telling apart. */
const CONTEXT_LENGTH = /prompt is too long|exceeds? (?:the )?context (?:limit|window)/i
const CREDIT = /credit balance is too low/i
/**
 * A limit of money that is reached: the one that the organization or workspace set itself (anthropics/claude-code issues 2127,
 * 38035), and what a login pays beyond its plan (issues 45046, 45048).
 */
const LIMIT = /reached your specified (?:\w+ )?API usage limits|out of extra usage|now draw from your extra usage/i
/**
 * Limits of money that Anthropic sets, by their code, whose words may change: what a tier may cost a month, which is a `rate_limit_error`
 * without `retry-after` (platform.claude.com/docs/en/api/rate-limits), and a contract's (`ErrorDetails` of @anthropic-ai/sdk 1.14).
 */
const LIMIT_CODES = new Set(['enforced_spend_limit_reached', 'contract_spend_limit_reached'])
/** When such a limit is reset: "You will regain access on 2026-12-01 at 00:00 UTC." */
const REGAIN = /regain access on (\d{4}-\d\d-\d\d) at (\d\d:\d\d) UTC/i
/** The account was closed (anthropics/claude-code issue 19028, router-for-me/CLIProxyAPI issue 3409). */
const DISABLED = /organization has been disabled/i
/** The same by its code, and what else is wrong with a key or who it belongs to, whatever is asked with it (`ErrorDetails` there). */
const SHUT_CODES = new Set([
  'organization_on_hold',
  'claude_code_key_creator_not_member',
  'cmek_key_disabled',
  'cmek_key_network_blocked',
])
/**
 * Of a `permission_error`: the login's token is no longer good, which a new one cures. Claude Code's own answer to it is to renew (SagerNet/sing-box
 * service/ccm; vybestack/llxprt-code issue 1123).
 */
const REVOKED = /OAuth token has been revoked/i
/** Of a `not_found_error`: it is the model that is not there. */
const NO_MODEL = /^model: /
/** What Anthropic calls a 400, and OpenAI, whose word byok passes on, a 429. */
const USED_UP: UpstreamErrorInfo = { status: 429, type: 'insufficient_quota' }
/** Another 400 that is no fault of the request. */
const SHUT: UpstreamErrorInfo = { status: 403, type: 'permission_error' }
/** What others answer to a token that has ended. */
const UNKNOWN_TOKEN: UpstreamErrorInfo = { status: 401, type: 'authentication_error' }

/**
 * Reads `{ type: 'error', error: { type, message, details }, request_id }`. The status of an error within a stream is that
 * of its type. `retry-after` and `request-id` core reads; of the rate limit's headers, the reset of one that is used up
 * tells how long to wait where `retry-after` is missing.
 */
export function readError(body: unknown, headers?: Headers): UpstreamErrorInfo | undefined {
  if (!isObject(body) || !isObject(body['error'])) return undefined
  const { error } = body
  const message = text(error['message'])
  const word = text(error['type'])
  const known = word === undefined ? undefined : TYPES[word]
  const details = isObject(error['details']) ? error['details'] : undefined
  const code = text(details?.['error_code'])
  const said = message ?? ''
  const quota = CREDIT.test(said) || LIMIT.test(said) || LIMIT_CODES.has(code ?? '')
  const shut = word === 'invalid_request_error' && (DISABLED.test(said) || SHUT_CODES.has(code ?? ''))
  const revoked = word === 'permission_error' && REVOKED.test(said)
  return compact({
    message,
    type: known?.type,
    ...(quota && USED_UP),
    ...(shut && SHUT),
    ...(revoked && UNKNOWN_TOKEN),
    code: code ?? codeOf(word, message, quota),
    param: message === undefined ? undefined : paramOf(word, message),
    upstreamRequestId: text(body['request_id']),
    retryAfter:
      (quota ? regainIn(said) : undefined) ?? (headers && word === 'rate_limit_error' ? resetOf(headers) : undefined),
    details,
  })
}

/** An error within an answer, where the HTTP status was 200. */
export function errorInAnswer(body: unknown): ChatError {
  const info = readError(body) ?? {}
  const word = isObject(body) && isObject(body['error']) ? text(body['error']['type']) : undefined
  const known = word === undefined ? undefined : TYPES[word]
  const { message, ...rest } = info
  return new ChatError(message ?? 'The provider reported an error within its answer. Try again.', {
    ...rest,
    status: info.status ?? known?.status ?? 502,
    upstreamStatus: known?.status,
  })
}

/** An answer that is not in the format it should be in. */
export function unexpectedAnswer(what: string): ChatError {
  return new ChatError(
    `The provider answered with ${what}, which is no Anthropic message. Check its \`base_url\`, or try again.`,
    { status: 502, type: 'server_error', code: 'upstream_bad_answer' },
  )
}

function codeOf(word: string | undefined, message: string | undefined, quota: boolean): string | undefined {
  if (quota) return 'insufficient_quota'
  if (word === 'invalid_request_error') {
    return message !== undefined && CONTEXT_LENGTH.test(message) ? 'context_length_exceeded' : undefined
  }
  if (word === 'not_found_error' && message !== undefined && NO_MODEL.test(message)) return 'model_not_found'
  // Where the neutral type is the same word, the code would say it twice.
  return word !== undefined && TYPES[word]?.type !== word ? word : undefined
}

function regainIn(message: string): number | undefined {
  const [, day, time] = REGAIN.exec(message) ?? []
  const left = (Date.parse(`${day}T${time}Z`) - Date.now()) / 1000
  return left > 0 ? left : undefined
}

/** Messages about one field begin with its path: `messages.0.content.1: …`, `max_tokens: Field required`. */
function paramOf(word: string | undefined, message: string): string | undefined {
  if (word !== 'invalid_request_error') return undefined
  return /^([a-z_]+(?:\.[\w-]+)*): /.exec(message)?.[1]
}

/**
 * Seconds until the limit that is used up is reset; headers of limits that still have room do not count.
 *
 * @see https://platform.claude.com/docs/en/api/rate-limits#response-headers
 */
function resetOf(headers: Headers): number | undefined {
  const windows = unifiedReset(headers)
  if (windows !== undefined) return Math.max(windows, retryAfterOf(headers) ?? 0)
  if (headers.has('retry-after') || headers.has('retry-after-ms')) return undefined
  let longest: number | undefined
  for (const [name, value] of headers) {
    const limit = /^(anthropic-ratelimit-.+)-remaining$/.exec(name)?.[1]
    if (limit === undefined || value !== '0') continue
    const reset = Date.parse(headers.get(`${limit}-reset`) ?? '')
    if (!Number.isNaN(reset)) longest = Math.max(longest ?? 0, (reset - nowAt(headers)) / 1000)
  }
  return longest
}

/**
 * The windows of a plan that a login uses: `anthropic-ratelimit-unified-5h-status: rejected` with `…-5h-reset` in Unix seconds,
 * the same without a window, which speaks for all. The last of the rejected ones counts. `overage` is no window: it says
 * whether more may be paid for beyond the plan, and is `rejected` for as long as that is switched off.
 *
 * @see router-for-me/CLIProxyAPI internal/runtime/executor/helps/claude_ratelimit.go
 * @see https://github.com/smithersai/smithers/issues/1342 for `overage` as it always is with some accounts
 */
function unifiedReset(headers: Headers): number | undefined {
  let longest: number | undefined
  for (const [name, value] of headers) {
    const window = /^(anthropic-ratelimit-unified(?:-(?!overage-)\w+)?)-status$/.exec(name)?.[1]
    if (window === undefined || value !== 'rejected') continue
    const left = Number(headers.get(`${window}-reset`) ?? Number.NaN) - nowAt(headers) / 1000
    if (left > 0) longest = Math.max(longest ?? 0, left)
  }
  return longest
}

/**
 * Anthropic's error object. The type is that of the status, as every one of Anthropic's own statuses has one.
 *
 * @param requestId byok's id of the request. Default: the provider's.
 */
export function encodeError(error: ChatError, requestId?: string): JsonObject {
  return {
    type: 'error',
    error: compact({ type: writeErrorType(error), message: writeMessage(error), details: error.details }),
    request_id: requestId ?? error.upstreamRequestId ?? null,
  }
}

/** An error in the middle of a stream: the event on which Anthropic's clients throw. */
export function encodeStreamError(error: ChatError, requestId?: string): string {
  return `event: error\ndata: ${JSON.stringify(encodeError(error, requestId))}\n\n`
}

/** What a client shortens the conversation after, or asks for fewer tokens. */
const TOO_LONG_HERE = /prompt is too long|input length and `max_tokens` exceed context limit/i

/**
 * In Anthropic's words where the prompt does not fit: after others Claude Code ends, and cannot compact the conversation either, for that asks
 * with all of it (Menci/Floway pull request 166; Yeachan-Heo/oh-my-claudecode issue 3574). Newer versions know some vendors' words, though
 * neither Copilot's nor Kiro's (the binary of @anthropic-ai/claude-code 2.1.331).
 */
function writeMessage({ code, message }: ChatError): string {
  return code === 'context_length_exceeded' && !TOO_LONG_HERE.test(message) ? `prompt is too long: ${message}` : message
}

function writeErrorType({ status, type }: ChatError): string {
  if (type === 'insufficient_quota') return 'billing_error'
  const exact = Object.entries(TYPES).find(([, known]) => known.status === status)
  if (exact) return exact[0]
  if (status === 408) return 'timeout_error'
  if (status === 503) return 'overloaded_error'
  if (status < 500) return 'invalid_request_error'
  return type === 'overloaded_error' || type === 'timeout_error' ? type : 'api_error'
}
