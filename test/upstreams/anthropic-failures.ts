import type { Reply } from '../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../src/testing/script.ts'

/** An error as Anthropic answers it. */
export interface AnthropicError {
  status: number
  type: string
  message: string
  details?: Record<string, unknown>
  headers?: Record<string, string>
}

/**
 * Anthropic's errors by their documented types, with the messages that are reported with them.
 *
 * Sources: platform.claude.com/docs/en/api/errors (types and statuses) and …/api/rate-limits (headers);
 * anthropics/claude-code issues (`prompt is too long`, `Overloaded`, `credit balance is too low`, `invalid x-api-key`).
 */
export function anthropicFailure(failure: ScriptFailure, model: string): AnthropicError {
  const known = errorOf(failure.kind, model)
  const headers: Record<string, string> = failure.kind === 'rate_limit' ? rateLimitHeaders() : {}
  if (failure.retryAfter !== undefined) headers['retry-after'] = String(Math.ceil(failure.retryAfter))
  return { ...known, message: failure.message ?? known.message, headers }
}

function errorOf(kind: ScriptFailure['kind'], model: string): AnthropicError {
  switch (kind) {
    case 'invalid_request':
      return invalid('messages: Input should be a valid list')
    case 'invalid_key':
      return { status: 401, type: 'authentication_error', message: 'invalid x-api-key' }
    case 'forbidden':
      return {
        status: 403,
        type: 'permission_error',
        message: 'Your API key does not have permission to use the specified resource.',
      }
    case 'not_found':
      return { status: 404, type: 'not_found_error', message: `model: ${model}` }
    case 'too_large':
      return { status: 413, type: 'request_too_large', message: 'Request exceeds the maximum size' }
    case 'context_length':
      return invalid('prompt is too long: 210021 tokens > 200000 maximum')
    case 'rate_limit':
      return {
        status: 429,
        type: 'rate_limit_error',
        message:
          "This request would exceed your organization's rate limit of 50 requests per minute. For details, refer to: " +
          'https://docs.claude.com/en/api/rate-limits.',
      }
    case 'quota':
      return invalid(
        'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase ' +
          'credits.',
      )
    case 'server_error':
      return { status: 500, type: 'api_error', message: 'Internal server error' }
    case 'overloaded':
      return { status: 529, type: 'overloaded_error', message: 'Overloaded' }
  }
}

function rateLimitHeaders(): Record<string, string> {
  const reset = new Date(Date.now() + 30_000).toISOString()
  return {
    'anthropic-ratelimit-requests-limit': '50',
    'anthropic-ratelimit-requests-remaining': '0',
    'anthropic-ratelimit-requests-reset': reset,
    'anthropic-ratelimit-tokens-limit': '40000',
    'anthropic-ratelimit-tokens-remaining': '39000',
    'anthropic-ratelimit-tokens-reset': reset,
  }
}

export function invalid(message: string): AnthropicError {
  return { status: 400, type: 'invalid_request_error', message }
}

let count = 0

function requestId(): string {
  count++
  return `req_011${count.toString(36).padStart(21, '0')}`
}

/** The headers every answer of Anthropic's has. */
export function anthropicHeaders(id = requestId()): Record<string, string> {
  return { 'request-id': id, 'anthropic-organization-id': '00000000-0000-4000-8000-000000000000' }
}

export function errorBody({ type, message, details }: AnthropicError, id: string): object {
  return { type: 'error', error: { type, message, ...(details && { details }) }, request_id: id }
}

export function sendAnthropicError(reply: Reply, error: AnthropicError): void {
  const id = requestId()
  reply.json(error.status, errorBody(error, id), { ...anthropicHeaders(id), ...error.headers })
}
