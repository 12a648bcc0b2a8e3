import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { configSchema } from '../../../src/core/config/schema.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { createUpstream } from '../../../src/core/upstream/client.ts'
import { createFetchTransport } from '../../../src/core/upstream/fetch-transport.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import type { Handler } from '../../../src/testing/fake-server.ts'

async function fake(handler: Handler) {
  const server = await startFakeServer(handler)
  onTestFinished(() => server.close())
  return server
}

function upstream(settings: Record<string, unknown> = {}) {
  const { upstream: config } = configSchema.parse({ upstream: { retry_delay: 0, ...settings } })
  return createUpstream({ ...config, userAgent: 'byok/test' }, createFetchTransport(config))
}
const bound = { signal: new AbortController().signal, provider: 'Acme' }

describe('the way out by fetch', () => {
  it('sends what it is given, tries again, and gives the answer on', async () => {
    let asked = 0
    const server = await fake((_request, reply) => reply.json(asked++ === 0 ? 503 : 200, { ok: true }, { 'x-a': 'b' }))
    const response = await upstream().fetchFor(bound)(`${server.url}/chat`, {
      headers: { authorization: 'Bearer k' },
      body: new TextEncoder().encode('{}'),
    })
    expect([response.status, response.headers.get('x-a'), await response.json()]).toEqual([200, 'b', { ok: true }])
    expect(server.requests).toHaveLength(2)
    expect(server.requests[1]).toMatchObject({
      method: 'POST',
      text: '{}',
      headers: { authorization: 'Bearer k', 'user-agent': 'byok/test' },
    })
  })

  it('passes a body on as a stream, and follows no redirect', async () => {
    const server = await fake((_request, reply) => reply.json(307, {}, { location: 'https://elsewhere.example/' }))
    const response = await upstream().forward(`${server.url}/x`, {
      method: 'POST',
      headers: new Headers({ a: 'b' }),
      body: new Blob(['one', 'two']).stream(),
      signal: bound.signal,
      title: 'Amp',
    })
    expect([response.status, response.headers.get('location')]).toEqual([307, 'https://elsewhere.example/'])
    expect(server.requests[0]).toMatchObject({ text: 'onetwo', headers: { a: 'b' } })
  })

  it('says who gave no answer, and why', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const late = upstream({ response_timeout: 50, retries: 0 }).fetchFor(bound)(url)
    await expect(late).rejects.toMatchObject({ status: 504, code: 'upstream_timeout' })
    const nobody = upstream({ retries: 0 }).fetchFor(bound)('http://127.0.0.1:9')
    await expect(nobody).rejects.toMatchObject({ status: 502, code: 'upstream_unreachable' })
  })

  it('stops where the client goes away', async () => {
    const abort = new AbortController()
    const server = await fake(() => abort.abort(new Error('gone')))
    await expect(upstream().fetchFor({ ...bound, signal: abort.signal })(server.url)).rejects.toThrow('gone')
  })

  it('leaves no failure unheard where it does so as an answer comes that is tried again', async () => {
    const unheard: unknown[] = []
    const listener = (reason: unknown) => void unheard.push(reason)
    process.on('unhandledRejection', listener)
    onTestFinished(() => void process.off('unhandledRejection', listener))
    const abort = new AbortController()
    const server = await fake((_request, reply) => reply.json(503, {}))
    const onResponse = () => void abort.abort(new Error('gone'))
    const fetching = upstream().fetchFor({ ...bound, signal: abort.signal, onResponse })(server.url)
    await expect(fetching).rejects.toMatchObject({ name: 'AbortError' })
    await nextTurn()
    expect(unheard).toEqual([])
  })

  it('refuses what needs sockets', async () => {
    const proxied = upstream().fetchFor({ ...bound, proxy: new Secret('http://127.0.0.1:1') })('http://127.0.0.1:9')
    await expect(proxied).rejects.toMatchObject({ status: 501, code: 'unsupported_runtime' })
    const socket = upstream().openSocket('http://127.0.0.1:9', { headers: new Headers(), title: 'Amp', ...bound })
    await expect(socket).rejects.toMatchObject({ status: 501 })
  })
})
