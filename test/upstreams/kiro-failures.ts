import type { Reply } from '../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../src/testing/script.ts'

/** An error as Kiro answers it: by HTTP, or as an exception in a stream. */
export interface KiroError {
  status: number
  /** The exception's name. */
  name: string
  message: string
  reason: string | null
  /** Seconds. */
  retryAfter?: number
}

/**
 * Kiro's errors. Bodies are those reported in jwadow/kiro-gateway issues 10 and 62, hank9999/kiro.rs issue 67,
 * kirodotdev/Kiro issue 9193; reasons are the service model's (aws/amazon-q-developer-cli,
 * crates/amzn-codewhisperer-streaming-client/src/types).
 */
export function failureOf(failure: ScriptFailure): KiroError {
  const known = errorOf(failure.kind)
  return { ...known, message: failure.message ?? known.message, retryAfter: failure.retryAfter }
}

function errorOf(kind: ScriptFailure['kind']): KiroError {
  switch (kind) {
    case 'invalid_request':
      return invalid('REQUEST_BODY_INVALID', 'Improperly formed request.')
    case 'invalid_key':
      return badToken()
    case 'forbidden':
      return denied('User is not authorized to make this call.')
    case 'not_found':
      return invalid('INVALID_MODEL_ID', 'Invalid model. Please select a different model to continue.')
    case 'too_large':
      return invalid('CONTENT_LENGTH_EXCEEDS_THRESHOLD', 'Input is too long.')
    case 'context_length':
      return invalid(
        'PROMPT_TOO_LONG',
        'Input is too long for requested model. Maximum input length is 200,000 tokens.',
      )
    case 'rate_limit':
      return throttled(null, 'Too many requests, please wait before trying again.')
    case 'quota':
      return {
        status: 402,
        name: 'ServiceQuotaExceededException',
        message: 'You have reached the limit.',
        reason: 'MONTHLY_REQUEST_COUNT',
      }
    case 'server_error':
      return {
        status: 500,
        name: 'InternalServerException',
        message: 'Encountered an unexpected error when processing the request, please try again.',
        reason: null,
      }
    case 'overloaded':
      return throttled('INSUFFICIENT_MODEL_CAPACITY', 'I am experiencing high traffic, please try again shortly.')
  }
}

export function invalid(reason: string | null, message: string): KiroError {
  return { status: 400, name: 'ValidationException', message, reason }
}

export function denied(message: string): KiroError {
  return { status: 403, name: 'AccessDeniedException', message, reason: null }
}

export function badToken(): KiroError {
  return denied('The bearer token included in the request is invalid.')
}

function throttled(reason: string | null, message: string): KiroError {
  return { status: 429, name: 'ThrottlingException', message, reason }
}

export function payloadOf({ message, reason }: KiroError): Record<string, unknown> {
  return { message, reason }
}

let count = 0

/** The headers every answer has. */
export function vendorHeaders(): Record<string, string> {
  count++
  return { 'x-amzn-requestid': `00000000-0000-4000-8000-${String(count).padStart(12, '0')}` }
}

export function sendError(reply: Reply, error: KiroError): void {
  reply.send(error.status, JSON.stringify(payloadOf(error)), {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-errortype': `com.amazon.aws.codewhisperer#${error.name}`,
    ...vendorHeaders(),
    ...(error.retryAfter !== undefined && { 'retry-after': String(Math.ceil(error.retryAfter)) }),
  })
}
