import type { Reply } from '../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../src/testing/script.ts'
import type { Json } from './gemini-wire.ts'

/** An error as Google answers it: a google.rpc.Status. */
export interface GoogleError {
  code: number
  message: string
  status: string
  details?: Json[]
}

const TYPE = 'type.googleapis.com/google.rpc'
const QUOTA =
  'You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: ' +
  'https://ai.google.dev/gemini-api/docs/rate-limits.'
const HELP = {
  '@type': `${TYPE}.Help`,
  links: [
    { description: 'Learn more about Gemini API quotas', url: 'https://ai.google.dev/gemini-api/docs/rate-limits' },
  ],
}

/**
 * The Gemini API's errors.
 *
 * Sources: gemini-cli packages/core/src/utils/googleErrors.test.ts (rate limit, recorded), gemini-cli issue 8437 (daily quota),
 * ai.google.dev/gemini-api/docs/troubleshooting (the others).
 */
export function failureOf({ kind, retryAfter, message }: ScriptFailure, model: string): GoogleError {
  const error = errorOf(kind, model, retryAfter)
  return message === undefined ? error : { ...error, message }
}

function errorOf(kind: ScriptFailure['kind'], model: string, retryAfter: number | undefined): GoogleError {
  switch (kind) {
    case 'invalid_request':
      return badRequest('Request contains an invalid argument.')
    case 'invalid_key':
      return wrongKey()
    case 'forbidden':
      return {
        code: 403,
        message: 'The caller does not have permission',
        status: 'PERMISSION_DENIED',
      }
    case 'not_found':
      return {
        code: 404,
        message:
          `models/${model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to ` +
          'see the list of available models and their supported methods.',
        status: 'NOT_FOUND',
      }
    case 'too_large':
      return badRequest('Request payload size exceeds the limit: 20971520 bytes.')
    case 'context_length':
      return badRequest('The input token count (1200001) exceeds the maximum number of tokens allowed (1048576).')
    case 'rate_limit':
      return {
        code: 429,
        message:
          `${QUOTA}\n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 2` +
          (retryAfter === undefined ? '' : `\nPlease retry in ${retryAfter}.887755558s.`),
        status: 'RESOURCE_EXHAUSTED',
        details: [
          quotaFailure('GenerateRequestsPerMinutePerProjectPerModel-FreeTier', model, '2'),
          HELP,
          ...retryInfo(retryAfter),
        ],
      }
    case 'quota':
      return {
        code: 429,
        message: QUOTA,
        status: 'RESOURCE_EXHAUSTED',
        details: [
          quotaFailure('GenerateRequestsPerDayPerProjectPerModel-FreeTier', model, '50'),
          HELP,
          ...retryInfo(retryAfter),
        ],
      }
    case 'server_error':
      return {
        code: 500,
        message:
          'An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting',
        status: 'INTERNAL',
      }
    case 'overloaded':
      return {
        code: 503,
        message: 'The model is overloaded. Please try again later.',
        status: 'UNAVAILABLE',
        ...(retryAfter !== undefined && { details: retryInfo(retryAfter) }),
      }
  }
}

function quotaFailure(quotaId: string, model: string, quotaValue: string): Json {
  return {
    '@type': `${TYPE}.QuotaFailure`,
    violations: [
      {
        quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests',
        quotaId,
        quotaDimensions: { location: 'global', model },
        quotaValue,
      },
    ],
  }
}

export function retryInfo(seconds: number | undefined): Json[] {
  return seconds === undefined ? [] : [{ '@type': `${TYPE}.RetryInfo`, retryDelay: `${seconds}s` }]
}

export function errorInfo(reason: string, domain: string, metadata: Record<string, string> = {}): Json {
  return { '@type': `${TYPE}.ErrorInfo`, reason, domain, metadata }
}

/** A key that is none. Google answers 400. */
export function wrongKey(): GoogleError {
  return {
    code: 400,
    message: 'API key not valid. Please pass a valid API key.',
    status: 'INVALID_ARGUMENT',
    details: [
      errorInfo('API_KEY_INVALID', 'googleapis.com', { service: 'generativelanguage.googleapis.com' }),
      {
        '@type': `${TYPE}.LocalizedMessage`,
        locale: 'en-US',
        message: 'API key not valid. Please pass a valid API key.',
      },
    ],
  }
}

export function badRequest(message: string, details?: Json[]): GoogleError {
  return { code: 400, message, status: 'INVALID_ARGUMENT', ...(details && { details }) }
}

/** Fields that no message of the API has, told together as the JSON parser of Google's front end tells them. */
export function unknownNames(found: { name: string; at: string; why?: string }[]): GoogleError {
  const violations = found.map(({ name, at, why = 'Cannot find field.' }) => ({
    field: at,
    description: `Invalid JSON payload received. Unknown name "${name}"${at === '' ? '' : ` at '${at}'`}: ${why}`,
  }))
  return badRequest(violations.map(({ description }) => description).join('\n'), [
    { '@type': `${TYPE}.BadRequest`, fieldViolations: violations },
  ])
}

/** Google's own: JSON over several lines. */
export function sendError(reply: Reply, error: GoogleError): void {
  reply.send(error.code, JSON.stringify({ error }, null, 2), {
    'content-type': 'application/json; charset=UTF-8',
    ...vendorHeaders(),
  })
}

export function vendorHeaders(): Record<string, string> {
  return {
    vary: 'Origin, X-Origin, Referer',
    server: 'scaffolding on HTTPServer2',
    'x-content-type-options': 'nosniff',
  }
}
