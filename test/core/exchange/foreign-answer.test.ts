import type { ServerResponse } from 'node:http'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { createMemoryTokenStore } from '../../../src/core/store/index.ts'
import { startVendor } from '../../faults/faults.ts'
import { ask, startByok } from './support.ts'

/* What answers at a wrong `base_url`, or in a provider's place. */

const PAGE = '<!doctype html><title>Sign in</title>'
const ANSWERS: [what: string, answer: (response: ServerResponse) => void, told: RegExp, code: string | null][] = [
  [
    'a web page',
    (response) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE),
    /^OpenAI sent .*a web page \(text\/html\).*providers\.codex\.base_url/,
    'upstream_bad_answer',
  ],
  [
    'nothing',
    (response) => response.writeHead(204).end(),
    /^OpenAI sent .*nothing at all \(status 204\).*providers\.codex\.base_url/,
    'upstream_bad_answer',
  ],
  [
    'packed bytes',
    (response) =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(gzipSync('{"choices":[]}')),
    /^OpenAI sent .*content-encoding: gzip/,
    'upstream_bad_answer',
  ],
  [
    'a redirect to another host',
    (response) => response.writeHead(301, { location: 'https://u:pw@other.example/v1?token=t' }).end(PAGE),
    /^OpenAI: redirects to other\.example \(status 301\).*providers\.codex\.base_url\.$/,
    null,
  ],
  [
    'a redirect within it',
    (response) => response.writeHead(307, { location: '/v1/chat/completions?token=t' }).end('Moved'),
    /^OpenAI: redirects to \/v1\/chat\/completions \(status 307\).*providers\.codex\.base_url\.$/,
    null,
  ],
]

// What is signed in with a login goes elsewhere than what is signed with a key, and each key may go its own way.
it.each([
  ['a page in place of an answer', 200],
  ['a page that says there is none', 404],
  ['a redirect', 302],
])('%s is told with the setting that led there', async (_, status) => {
  const { vendor, provider, close } = await startVendor()
  onTestFinished(close)
  vendor.handle = (response) =>
    response.writeHead(status, { 'content-type': 'text/html', location: 'https://other.example/' }).end(PAGE)
  const url = provider.base_url
  const store = createMemoryTokenStore()
  const tokens = { accessToken: new Secret('token-of-login') }
  await store.put({ provider: 'gemini', account: 'ann', kind: 'oauth', tokens, metadata: { project_id: 'p' } })
  await store.put({ provider: 'antigravity', account: 'ann', kind: 'oauth', tokens, metadata: { project_id: 'p' } })
  const byok = await startByok({
    store,
    providers: {
      gemini: { oauth_base_url: url },
      antigravity: { oauth_base_url: url },
      codex: { api_keys: [{ key: 'sk-test', base_url: url }] },
    },
  })
  for (const [model, setting] of [
    ['gemini/gemini-2.5-pro', 'providers.gemini.oauth_base_url'],
    ['antigravity/gemini-3-flash', 'providers.antigravity.oauth_base_url'],
    ['codex/gpt-4o', 'base_url in providers.codex.api_keys'],
  ] as const) {
    const { json } = await ask(byok, { model })
    expect(json.error?.message.match(/[Cc]heck ([^,]*?)(?:,|\.$|\. )/)?.[1]).toBe(setting)
  }
})

describe.each(ANSWERS)('%s', (_, answer, told, code) => {
  it.each([true, false])('is told as what it is (stream: %s)', async (stream) => {
    const { vendor, provider, close } = await startVendor()
    vendor.handle = answer
    onTestFinished(close)
    const { api_key, base_url } = provider
    const byok = await startByok({ providers: { codex: { api_key, base_url } } })
    const { status, json } = await ask(byok, { stream })
    expect(status).toBe(502)
    expect(json.error).toMatchObject({ code, message: expect.stringMatching(told) as string })
  })
})

const LIMIT = JSON.stringify({
  error: { message: 'Rate limit reached. Please try again in 7m12s.', type: 'tokens', code: 'rate_limit_exceeded' },
})

it.each([
  ['gzip', gzipSync(LIMIT)],
  ['br', brotliCompressSync(LIMIT)],
  ['deflate', deflateSync(LIMIT)],
])('an error that is packed (%s) is read all the same', async (encoding, packed) => {
  const { vendor, provider, close } = await startVendor()
  let accepts: string | undefined
  vendor.handle = (response, request) => {
    accepts = request.headers['accept-encoding']
    response.writeHead(429, { 'content-type': 'application/json', 'content-encoding': encoding }).end(packed)
  }
  onTestFinished(close)
  const { api_key, base_url } = provider
  const byok = await startByok({ providers: { codex: { api_key, base_url } } })
  const { headers, json } = await ask(byok)
  expect(json.error).toMatchObject({
    code: 'rate_limit_exceeded',
    message: 'OpenAI: Rate limit reached. Please try again in 7m12s.',
  })
  expect(headers.get('retry-after')).toBe('432')
  expect(accepts).toBe('identity')
})

it.each([
  ['gzip', 'no gzip at all'],
  ['zip', 'anything'],
  ['gzip', gzipSync(Buffer.alloc(1_000_000, 'x'))],
])('of one that cannot be unpacked (%s, %#) the status is left', async (encoding, body) => {
  const { vendor, provider, close } = await startVendor()
  vendor.handle = (response) => response.writeHead(400, { 'content-encoding': encoding }).end(body)
  onTestFinished(close)
  const { api_key, base_url } = provider
  const byok = await startByok({ providers: { codex: { api_key, base_url } } })
  const { status, json } = await ask(byok)
  expect([status, json.error?.message]).toEqual([400, 'OpenAI: answered with status 400.'])
})
