import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
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
