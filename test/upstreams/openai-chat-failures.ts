import type { Reply } from '../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../src/testing/script.ts'

/** An error as OpenAI answers it. */
export interface VendorError {
  status: number
  error: { message: string; type: string; param: string | null; code: string | null }
  headers?: Record<string, string>
}

/**
 * OpenAI's errors, by their documented codes. Messages are those reported with them.
 *
 * Sources: platform.openai.com/docs/guides/error-codes; langchain-ai/langchainjs issue 1929 (insufficient_quota);
 * davidmigloz/langchain_dart issue 712 (unrecognized argument); miurla/morphic issue 136 (tool without a call).
 */
export function failureOf(failure: ScriptFailure, model: string): VendorError {
  const known = errorOf(failure.kind, model)
  const error = { ...known.error, message: failure.message ?? known.error.message }
  return { ...known, error, headers: retryHeaders(failure) }
}

function errorOf(kind: ScriptFailure['kind'], model: string): Omit<VendorError, 'headers'> {
  const invalid = (status: number, message: string, code: string | null, param: string | null = null) => ({
    status,
    error: { message, type: 'invalid_request_error', param, code },
  })
  const server = (status: number, message: string) => ({
    status,
    error: { message, type: 'server_error', param: null, code: null },
  })
  switch (kind) {
    case 'invalid_request':
      return invalid(400, "Invalid value for 'messages'.", 'invalid_value', 'messages')
    case 'invalid_key':
      return invalid(
        401,
        'Incorrect API key provided: sk-****wxyz. You can find your API key at https://platform.openai.com/account/api-keys.',
        'invalid_api_key',
      )
    case 'forbidden':
      return {
        status: 403,
        error: {
          message: 'Country, region, or territory not supported',
          type: 'request_forbidden',
          param: null,
          code: 'unsupported_country_region_territory',
        },
      }
    case 'not_found':
      return invalid(404, `The model \`${model}\` does not exist or you do not have access to it.`, 'model_not_found')
    case 'too_large':
      return server(413, 'Maximum content size limit (26214400) exceeded (26227174 bytes read)')
    case 'context_length':
      return invalid(
        400,
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 130021 tokens. " +
          'Please reduce the length of the messages.',
        'context_length_exceeded',
        'messages',
      )
    case 'rate_limit':
      return {
        status: 429,
        error: {
          message:
            `Rate limit reached for ${model} in organization org-fake on tokens per min (TPM): Limit 30000, Used 29500, ` +
            'Requested 1500. Please try again in 2s. Visit https://platform.openai.com/account/rate-limits to learn more.',
          type: 'tokens',
          param: null,
          code: 'rate_limit_exceeded',
        },
      }
    case 'quota':
      return {
        status: 429,
        error: {
          message:
            'You exceeded your current quota, please check your plan and billing details. For more information on this ' +
            'error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
          type: 'insufficient_quota',
          param: null,
          code: 'insufficient_quota',
        },
      }
    case 'server_error':
      return server(500, 'The server had an error while processing your request. Sorry about that!')
    case 'overloaded':
      return server(503, 'That model is currently overloaded with other requests. You can retry your request.')
  }
}

function retryHeaders({ kind, retryAfter }: ScriptFailure): Record<string, string> {
  const limits: Record<string, string> =
    kind === 'rate_limit'
      ? {
          'x-ratelimit-limit-requests': '500',
          'x-ratelimit-remaining-requests': '499',
          'x-ratelimit-reset-requests': '120ms',
          'x-ratelimit-limit-tokens': '30000',
          'x-ratelimit-remaining-tokens': '500',
          'x-ratelimit-reset-tokens': '2s',
        }
      : {}
  if (retryAfter === undefined) return limits
  return { ...limits, 'retry-after': String(Math.ceil(retryAfter)), 'retry-after-ms': String(retryAfter * 1000) }
}

/** A 400 in the form OpenAI gives nearly all of them. */
export function badRequest(message: string, param: string | null = null, code: string | null = null): VendorError {
  return { status: 400, error: { message, type: 'invalid_request_error', param, code } }
}

let count = 0

/** The headers every answer of OpenAI's has. */
export function vendorHeaders(): Record<string, string> {
  count++
  return {
    'openai-organization': 'org-fake',
    'openai-processing-ms': '42',
    'openai-version': '2020-10-01',
    'x-request-id': `req_${count.toString(16).padStart(32, '0')}`,
  }
}

export function sendError(reply: Reply, { status, error, headers }: VendorError): void {
  reply.json(status, { error }, { ...vendorHeaders(), ...headers })
}
