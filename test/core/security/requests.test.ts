import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KINDS, serveEveryone } from '../../conformance/providers.ts'
import type { Everyone, Kind } from '../../conformance/providers.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import type { FakeServer } from '../../../src/testing/fake-server.ts'

let everyone: Everyone
/** Something on this machine that only byok could reach for a client far away, such as a cloud's metadata. */
let inside: FakeServer
let amp: FakeServer

beforeAll(async () => {
  inside = await startFakeServer((_, reply) => reply.send(200, 'secret', { 'content-type': 'image/png' }))
  amp = await startFakeServer((_, reply) => reply.send(302, '', { location: `${inside.url}/from-amp` }))
  everyone = await serveEveryone({ amp: { upstream_url: amp.url } })
})
afterAll(async () => {
  await everyone.close()
  await Promise.all([inside.close(), amp.close()])
})

async function post(path: string, body: string | object, headers: Record<string, string> = {}) {
  const response = await fetch(`${everyone.url}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
    redirect: 'manual',
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const kinds = Object.keys(KINDS) as Kind[]
const hello = (kind: Kind, more: object = {}) => ({
  model: KINDS[kind].model,
  max_tokens: 10,
  messages: [{ role: 'user', content: 'Hi' }],
  ...more,
})

describe('byok calls no address that a client names', () => {
  it.each(kinds)('in an image for %s', async (kind) => {
    const image = { type: 'image_url', image_url: { url: `${inside.url}/image.png` } }
    const { status } = await post(
      '/v1/chat/completions',
      hello(kind, { messages: [{ role: 'user', content: [image] }] }),
    )
    // Passed on as it is, or refused by byok or the vendor: never fetched.
    expect([200, 400]).toContain(status)
    expect(inside.requests).toEqual([])
  })

  it.each([
    '/amp/api/x',
    '/amp//127.0.0.1/x',
    '/amp/api/@127.0.0.1',
    '/amp/api/..%2f..%2fx',
    '/amp/api/http://127.0.0.1/',
    '/api/@127.0.0.1',
    '/actors//127.0.0.1/x',
  ])('by %s', async (path) => {
    const { status, headers } = await post(path, '{}')
    // A redirect is the client's to follow, with the client's own means.
    if (status === 302) expect(headers.get('location')).toBe(`${inside.url}/from-amp`)
    else expect(status).toBe(404)
    expect(inside.requests).toEqual([])
  })

  it.each(['base_url', 'baseUrl', 'api_base', 'endpoint', 'url', 'proxy'])('as %s', async (name) => {
    const headers = { host: 'localhost', 'x-forwarded-host': '127.0.0.1', [`x-${name.replace('_', '-')}`]: inside.url }
    await post('/v1/chat/completions', hello('local', { [name]: inside.url }), headers)
    expect(inside.requests).toEqual([])
  })
})

describe('what is hostile in a body', () => {
  it.each(kinds)('changes no prototype on the way to %s', async (kind) => {
    const hostile = `{"model":${JSON.stringify(KINDS[kind].model)},"max_tokens":10,"__proto__":{"polluted":1},
      "constructor":{"prototype":{"polluted":1}},"metadata":{"__proto__":{"polluted":"1"}},
      "messages":[{"role":"user","content":"Hi","__proto__":{"role":"system","polluted":1}}],
      "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"__proto__":{"type":"string"}}}}}]}`
    for (const path of ['/v1/chat/completions', '/v1/messages', '/v1/responses']) await post(path, hostile)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  it.each(kinds)('cannot break out of a header or a URL of the request to %s', async (kind) => {
    const model = `${kind}/a\r\nx-evil: 1/../../b?x=1#y`
    const { status } = await post('/v1/chat/completions', hello(kind, { model }), {
      'anthropic-beta': 'one,two',
      'openai-beta': 'x=1',
    })
    expect(status).toBeLessThan(600)
    for (const { headers, path } of everyone.fakes[kind].requests) {
      expect(headers['x-evil']).toBeUndefined()
      expect(path).not.toMatch(/\/b$|\/\.\.(\/|$)/)
    }
  })

  it('is told from the answers of other requests: an id of no request finds nothing', async () => {
    for (const id of ['..%2f..%2fetc%2fpasswd', '__proto__', 'constructor', '%00', 'a:b']) {
      const response = await fetch(`${everyone.url}/v1/responses/${id}`)
      expect(response.status).toBe(404)
    }
  })
})
