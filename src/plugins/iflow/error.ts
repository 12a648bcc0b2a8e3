import type { UpstreamErrorInfo } from '../../index.ts'

/**
 * iFlow's own statuses, in the body of an answer with HTTP status 200: `{ "status": "435", "msg": "Model not support", "body": null }`.
 *
 * Sources: answers recorded by its users. 434 "Invalid apiKey", 435, and 439 "Your API Token has expired."
 * in the tests of several proxies; 449 "You exceeded your current rate limit": the tests of forks of
 * router-for-me/CLIProxyAPI (internal/runtime/executor/iflow_executor_test.go).
 */
const STATUSES: Record<number, UpstreamErrorInfo> = {
  434: { status: 401, type: 'authentication_error', code: 'invalid_api_key' },
  435: { status: 404, type: 'invalid_request_error', code: 'model_not_found', param: 'model' },
  439: { status: 401, type: 'authentication_error', code: 'token_expired' },
  449: { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
}

/** What the numbers leave open, and the words tell. They are those of the servers iFlow's models run on. */
const WORDS: [RegExp, UpstreamErrorInfo][] = [
  [
    /maximum context length|context length is exceeded/i,
    { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' },
  ],
  [/current quota|quota exceeded/i, { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' }],
]

/** The status within an answer that is an error, whatever HTTP said. */
export function statusOfAnswer(body: unknown): number | undefined {
  if (typeof body !== 'object' || body === null || 'choices' in body || !('msg' in body)) return undefined
  const status = 'status' in body ? Number(body.status) : Number.NaN
  return Number.isInteger(status) && status !== 0 && status !== 200 ? status : undefined
}

/** Reads `{ status, msg }`. Everything else is read as OpenAI's. */
export function readError(body: unknown, httpStatus: number, _headers: Headers): UpstreamErrorInfo | undefined {
  const status = statusOfAnswer(body)
  if (status === undefined) return undefined
  const message = typeof body === 'object' && body !== null && 'msg' in body ? body.msg : undefined
  const words: { message?: string } = typeof message === 'string' && message !== '' ? { message } : {}
  const known = STATUSES[status] ?? WORDS.find(([pattern]) => pattern.test(words.message ?? ''))?.[1]
  if (known) return { ...words, ...known }
  // HTTP's own numbers mean what they mean there; another of iFlow's is a refusal that byok does not know.
  const isHttp = [400, 401, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504].includes(status)
  return { ...words, code: String(status), status: isHttp ? status : httpStatus >= 400 ? httpStatus : 400 }
}
