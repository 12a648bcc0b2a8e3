import type { UpstreamErrorInfo } from '../../index.ts'
import { isObject } from '../../kit.ts'

/*
 * What Kiro's errors mean. They come as an HTTP status with `{ message, reason }`, some with `__type` or an
 * `x-amzn-errortype` header, and as exceptions within a stream, which carry the same payload.
 *
 * Sources: aws/amazon-q-developer-cli, crates/amzn-codewhisperer-streaming-client/src/types/error.rs and
 * types/_validation_exception_reason.rs, crates/amzn-qdeveloper-streaming-client/src/types/_throttling_exception_reason.rs;
 * bodies as reported in jwadow/kiro-gateway issues 10 and 62, hank9999/kiro.rs issue 67, aws/aws-toolkit-jetbrains issue
 * 5059.
 */

const OF_NAME: Record<string, UpstreamErrorInfo> = {
  ThrottlingException: { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  ServiceQuotaExceededException: { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' },
  ValidationException: { status: 400, type: 'invalid_request_error' },
  AccessDeniedException: { status: 403, type: 'permission_error' },
  UnauthorizedException: { status: 401, type: 'authentication_error' },
  ExpiredTokenException: { status: 401, type: 'authentication_error' },
  ResourceNotFoundException: { status: 404, type: 'not_found_error' },
  InternalServerException: { status: 500, type: 'server_error' },
  ServiceUnavailableException: { status: 503, type: 'overloaded_error' },
}

const QUOTA: UpstreamErrorInfo = { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' }
const OVERLOADED: UpstreamErrorInfo = { status: 503, type: 'overloaded_error', code: 'overloaded' }
const TOO_LONG: UpstreamErrorInfo = {
  status: 400,
  type: 'invalid_request_error',
  code: 'context_length_exceeded',
  param: 'messages',
}

/** A reason says more than the name it comes with. */
const OF_REASON: Record<string, UpstreamErrorInfo> = {
  MONTHLY_REQUEST_COUNT: QUOTA,
  DAILY_REQUEST_COUNT: QUOTA,
  INSUFFICIENT_MODEL_CAPACITY: OVERLOADED,
  MODEL_TEMPORARILY_UNAVAILABLE: OVERLOADED,
  CONTENT_LENGTH_EXCEEDS_THRESHOLD: TOO_LONG,
  PROMPT_TOO_LONG: TOO_LONG,
  INVALID_MODEL_ID: { status: 404, type: 'not_found_error', code: 'model_not_found', param: 'model' },
}

/** Where the reason is missing, as in older answers. */
const OF_MESSAGE: [RegExp, UpstreamErrorInfo][] = [
  [/reached for this month/i, QUOTA],
  [/input is too long/i, TOO_LONG],
  [/unexpectedly high load/i, OVERLOADED],
  // Comes as a 403, and is cured by a new token.
  [/bearer token included in the request is invalid/i, { status: 401, type: 'authentication_error' }],
]

/** A 402 is an account that has used up its credits. */
const OF_STATUS: Record<number, UpstreamErrorInfo> = { 402: QUOTA }

/** Reads an HTTP error. */
export function readError(body: unknown, status: number, headers: Headers): UpstreamErrorInfo | undefined {
  const declared = isObject(body) ? body['__type'] : undefined
  const name = headers.get('x-amzn-errortype') ?? (typeof declared === 'string' ? declared : '')
  if (!isObject(body) && name === '') return OF_STATUS[status]
  return { ...OF_STATUS[status], ...readException(name, body) }
}

/** Reads an error by its name, such as `ThrottlingException`, and its payload. */
export function readException(name: string, body: unknown): UpstreamErrorInfo {
  const { message: lower, Message: upper, reason, ...rest } = isObject(body) ? body : {}
  const message = typeof lower === 'string' ? lower : typeof upper === 'string' ? upper : undefined
  const code = typeof reason === 'string' && reason !== '' ? reason : undefined
  return {
    ...OF_NAME[shortName(name)],
    ...OF_MESSAGE.find(([pattern]) => message !== undefined && pattern.test(message))?.[1],
    ...(code !== undefined && (OF_REASON[code] ?? { code: code.toLowerCase() })),
    ...(message !== undefined && { message: code === undefined ? message : `${message} (${code})` }),
    ...retryAfter(rest),
  }
}

/** `com.amazon.aws.codewhisperer#ThrottlingException:http://…` without its surroundings. */
export function shortName(name: string): string {
  return (name.split('#').at(-1) ?? '').split(':')[0] ?? ''
}

function retryAfter({ retryAfterSeconds, retryAfterMilliseconds }: Record<string, unknown>): UpstreamErrorInfo {
  if (typeof retryAfterSeconds === 'number' && retryAfterSeconds >= 0) return { retryAfter: retryAfterSeconds }
  if (typeof retryAfterMilliseconds === 'number' && retryAfterMilliseconds >= 0) {
    return { retryAfter: retryAfterMilliseconds / 1000 }
  }
  return {}
}
