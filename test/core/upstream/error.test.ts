import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { connectionError, errorOfResponse, streamFailure } from '../../../src/core/upstream/error.ts'
import type { ErrorContext } from '../../../src/core/upstream/error.ts'
import type { UpstreamErrorInfo } from '../../../src/core/translator/translator.ts'
import { resetOf, retryAfterOf, waitIn } from '../../../src/core/upstream/retry-after.ts'

function contextOf(info?: UpstreamErrorInfo): ErrorContext {
  return {
    provider: 'acme',
    title: 'Acme',
    secrets: [new Secret('sk-very-secret')],
    translator: {
      format: 'x',
      request: () => ({}),
      events: () => ({ push: () => [], end: () => [] }),
      error: () => info,
    },
  }
}

const answer = (status: number, body: string, headers: Record<string, string> = {}) =>
  new Response(body, { status, headers })

describe('errorOfResponse', () => {
  it('keeps status, words, code and request id', async () => {
    const error = await errorOfResponse(
      answer(429, '{}', { 'x-request-id': 'req_7', 'retry-after': '30' }),
      contextOf({ message: 'Slow down', code: 'rate_limit_exceeded', type: 'rate_limit_error' }),
    )
    expect(error).toMatchObject({
      message: 'Acme: Slow down',
      status: 429,
      code: 'rate_limit_exceeded',
      type: 'rate_limit_error',
      provider: 'acme',
      upstreamStatus: 429,
      upstreamRequestId: 'req_7',
      retryAfter: 30,
    })
  })

  it('never quotes the key or token', async () => {
    const error = await errorOfResponse(
      answer(401, '{}'),
      contextOf({ message: 'Incorrect API key provided: sk-very-secret (Bearer abcdefgh12345678)' }),
    )
    expect(error.message).not.toMatch(/sk-very-secret|abcdefgh/)
    expect(error.message).toMatch(/providers\.acme\.api_key/)
  })

  it.each([
    [answer(404, '404 page not found'), undefined, 'Acme: 404 page not found. Check providers.acme.base_url.'],
    [answer(404, ''), undefined, 'Acme: answered with status 404. Check providers.acme.base_url.'],
    [answer(404, '{}'), 'Invalid URL (POST /chat)', 'Acme: Invalid URL (POST /chat). Check providers.acme.base_url.'],
    [answer(404, '{}'), 'The model `x` was not found', 'Acme: The model `x` was not found. It was shut down.'],
    [answer(400, '{}'), 'Not found', 'Acme: Not found'],
  ])('names the setting that led to where nothing is', async (response, message, told) => {
    const context = { ...contextOf(message === undefined ? undefined : { message }), missing: 'It was shut down.' }
    const error = await errorOfResponse(response, { ...context, setting: 'providers.acme.base_url' })
    expect(error.message).toBe(told)
  })

  it.each([
    ['plain text', answer(500, 'it broke'), 500, 'Acme: it broke'],
    ['an HTML page', answer(502, '<html><body>Bad gateway</body></html>'), 502, 'Acme: answered with status 502.'],
    ['no body', answer(503, ''), 503, 'Acme: answered with status 503.'],
    ['a redirect', answer(302, ''), 502, 'Acme: answered with status 302.'],
  ])('reads %s', async (_, response, status, message) => {
    expect(await errorOfResponse(response, contextOf())).toMatchObject({ status, message })
  })

  it.each([
    ['data:{"error":{"code":"400","message":"Param Incorrect"}}'],
    ['event:error\ndata: {"code":"InvalidParameter","message":"Range of max_tokens"}\n\n'],
    ['{"code":"InvalidParameter"}'],
  ])('has the translator read the JSON of %j', async (body) => {
    const read: unknown[] = []
    const context = contextOf()
    context.translator.error = (given) => void read.push(given)
    await errorOfResponse(answer(400, body), context)
    expect(read).toEqual([JSON.parse(body.slice(body.indexOf('{')))])
  })

  it('reads no more of a huge answer than it needs', async () => {
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++
        controller.enqueue(new Uint8Array(16 * 1024).fill(120))
      },
    })
    const error = await errorOfResponse(new Response(endless, { status: 500 }), contextOf())
    expect(error.message.length).toBeLessThan(2100)
    expect(pulled).toBeLessThan(10)
  })
})

describe('retryAfterOf', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  it.each([
    [{ 'retry-after': '12' }, 12],
    [{ 'retry-after': '0.5' }, 0.5],
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 1.5],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' }, 60],
    [{ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 0],
    [{ 'retry-after': '1767225690' }, 90],
    [{ 'retry-after': '1767225690000' }, 90],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '1e300', 'retry-after-ms': 'Infinity' }, undefined],
    [{}, undefined],
  ])('reads %j', (headers, seconds) => {
    expect(retryAfterOf(new Headers(headers as Record<string, string>), now)).toBe(seconds)
  })
})

it('counts to a moment by the clock of the server that names it', () => {
  const date = 'Thu, 01 Jan 2026 00:00:00 GMT'
  const at = Date.parse(date) + 60_000
  expect(retryAfterOf(new Headers({ date, 'retry-after': new Date(at).toUTCString() }))).toBe(60)
  expect(resetOf(new Headers({ date, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(at) }))).toBe(60)
})

describe('how long a limit lasts, where Retry-After is missing', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  it.each([
    [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' }, 360],
    [
      {
        'x-ratelimit-remaining-requests': '12',
        'x-ratelimit-reset-requests': '6m0s',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '898ms',
      },
      0.898,
    ],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now + 90_000) }, 90],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 90) }, 90],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '17' }, 17],
    [{ 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': '17' }, undefined],
    [{ 'x-ratelimit-remaining': '0' }, undefined],
  ])('is read from %j', (headers, seconds) => {
    expect(resetOf(new Headers(headers as Record<string, string>), now)).toBe(seconds)
  })

  it.each([
    ['Rate limit reached for gpt-4o … Please try again in 1.898s. Visit …', 1.898],
    ['Please try again in 7m12s.', 432],
    ['Try again in 35 seconds', 35],
    ['Please retry after 26 seconds.', 26],
    ['try again in 1 hour 5 minutes', 3900],
    ['Please try again in 20ms.', 0.02],
    ['Please try again in a while.', undefined],
    [undefined, undefined],
  ])('is read from %j', (words, seconds) => {
    expect(waitIn(words)).toBe(seconds)
  })

  it('counts for a limit alone, and after what the vendor says elsewhere', async () => {
    const words = { message: 'Please try again in 20s.' }
    expect((await errorOfResponse(answer(429, '{}'), contextOf(words))).retryAfter).toBe(20)
    expect((await errorOfResponse(answer(429, '{}', { 'retry-after': '5' }), contextOf(words))).retryAfter).toBe(5)
    expect((await errorOfResponse(answer(500, '{}'), contextOf(words))).retryAfter).toBeUndefined()
  })
})

describe('a connection that fails', () => {
  const withCode = (code: string) => Object.assign(new Error('x'), { code })

  it.each([
    [connectionError(withCode('ECONNREFUSED'), 'Acme'), 502, 'upstream_unreachable'],
    [connectionError(new Error('x', { cause: withCode('ENOTFOUND') }), 'Acme'), 502, 'upstream_unreachable'],
    [connectionError(withCode('UND_ERR_CONNECT_TIMEOUT'), 'Acme'), 504, 'upstream_unreachable'],
    [connectionError(withCode('UND_ERR_HEADERS_TIMEOUT'), 'Acme'), 504, 'upstream_timeout'],
    [streamFailure(withCode('UND_ERR_BODY_TIMEOUT'), 'Acme'), 504, 'upstream_timeout'],
    [streamFailure(withCode('ECONNRESET'), 'Acme'), 502, 'upstream_stream_cut'],
  ])('is %s', (error, status, code) => {
    expect(error).toMatchObject({ status, code })
  })
})
