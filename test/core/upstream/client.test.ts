import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { configSchema } from '../../../src/core/config/schema.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { createUpstream } from '../../../src/core/upstream/client.ts'
import { createNodeTransport } from '../../../src/core/upstream/node-transport.ts'
import type { FetchOptions } from '../../../src/core/upstream/client.ts'
import type { UpstreamRequestInit, UpstreamResponse } from '../../../src/core/upstream/fetch.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import type { Handler } from '../../../src/testing/fake-server.ts'

async function fake(handler: Handler) {
  const server = await startFakeServer(handler)
  onTestFinished(() => server.close())
  return server
}

function client(
  settings: Record<string, unknown> = {},
  options: Partial<FetchOptions> = {},
  env: Record<string, string> = {},
) {
  const { upstream: config } = configSchema.parse({ upstream: { retry_delay: 0, ...settings } })
  const upstream = createUpstream({ ...config, userAgent: 'byok/test' }, createNodeTransport(config, env))
  onTestFinished(() => upstream.close())
  return upstream.fetchFor({ signal: new AbortController().signal, provider: 'Acme', ...options })
}

/** Answers with these statuses in turn, the last one for ever. */
function statuses(...list: (number | [number, Record<string, string>])[]): Handler {
  let at = 0
  return (_request, reply) => {
    const entry = list[Math.min(at++, list.length - 1)] ?? 200
    const [status, headers] = typeof entry === 'number' ? [entry, {}] : entry
    reply.json(status, { n: at }, headers)
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A server that answers one request of each connection, and breaks it at the next. */
async function forgetful() {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi')
      socket.once('data', () => socket.resetAndDestroy())
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, connections: () => connections }
}

describe('the upstream client', () => {
  it.each([
    ['as if nothing had been', {}, 'hi', 2],
    ['not, where it may be sent but once', { once: true }, undefined, 1],
  ])('sends again by a new connection what an old one lost: %s', async (_, options, answer, connections) => {
    const server = await forgetful()
    const ask = client({ retries: 0 }, options)
    expect(await (await ask(server.url, { body: '{}' })).text()).toBe('hi')
    // The connection lies idle only after the answer's end.
    await nextTurn()
    const again = ask(server.url, { body: '{}' })
    if (answer === undefined) await expect(again).rejects.toMatchObject({ code: 'upstream_unreachable' })
    else expect(await (await again).text()).toBe(answer)
    expect(server.connections()).toBe(connections)
  })

  it('sends what it is given, says who it is, and gives the answer on', async () => {
    const server = await fake((_request, reply) => reply.json(200, { ok: true }, { 'x-request-id': 'r1' }))
    const response = await client({}, { headers: { 'X-Added': 'yes' } })(`${server.url}/chat?a=1`, {
      headers: { Authorization: 'Bearer k', 'content-type': 'application/json' },
      body: '{}',
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-request-id')).toBe('r1')
    expect(await response.json()).toEqual({ ok: true })
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/chat',
      text: '{}',
      headers: { authorization: 'Bearer k', 'x-added': 'yes', 'user-agent': 'byok/test' },
    })
  })

  it.each([408, 429, 500, 502, 503, 529])('tries again after %i', async (status) => {
    const server = await fake(statuses(status, status, 200))
    expect((await client()(server.url)).status).toBe(200)
    expect(server.requests).toHaveLength(3)
  })

  it.each([400, 401, 403, 404, 413, 422])('does not try again after %i', async (status) => {
    const server = await fake(statuses(status, 200))
    expect((await client()(server.url)).status).toBe(status)
    expect(server.requests).toHaveLength(1)
  })

  it('gives the last answer when the tries are used up', async () => {
    const server = await fake(statuses(503))
    const response = await client({ retries: 1 })(server.url)
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({ n: 2 })
    expect(server.requests).toHaveLength(2)
  })

  it('takes x-should-retry for the last word', async () => {
    const never = await fake(statuses([500, { 'x-should-retry': 'false' }], 200))
    expect((await client()(never.url)).status).toBe(500)
    const still = await fake(statuses([409, { 'x-should-retry': 'true' }], 200))
    expect((await client()(still.url)).status).toBe(200)
  })

  it('waits as Retry-After asks, and leaves a long wait to the client', async () => {
    const short = await fake(statuses([429, { 'retry-after-ms': '1' }], [429, { 'retry-after': '0' }], 200))
    expect((await client()(short.url)).status).toBe(200)
    const long = await fake(statuses([429, { 'retry-after': '3600' }], 200))
    expect((await client()(long.url)).status).toBe(429)
    expect(long.requests).toHaveLength(1)
  })

  it.each([
    [0, 200, 2],
    [undefined, 200, 2],
    [3600, 429, 1],
  ])('waits as the body of a 429 asks (%j seconds), and leaves it to be read', async (wait, status, requests) => {
    const server = await fake(statuses([429, {}], 200))
    const read: string[] = []
    const waitOf = async (refusal: UpstreamResponse) => {
      read.push(await refusal.text())
      return wait
    }
    const response = await client({}, { waitOf })(server.url)
    expect([response.status, server.requests.length, read]).toEqual([status, requests, ['{"n":1}']])
    expect(await response.json()).toEqual({ n: requests })
  })

  it.each(['before the wait', 'in the wait'])('waits no longer for a client that goes away %s', async (when) => {
    const server = await fake(statuses([503, { 'retry-after': '20' }], 200))
    const gone = new AbortController()
    const reason = new Error('gone')
    const leave = () => gone.abort(reason)
    let tries = 0
    const fetching = client(
      {},
      {
        signal: gone.signal,
        onRequest: () => void tries++,
        onResponse: () => void (when === 'before the wait' ? leave() : setImmediate(leave)),
      },
    )(server.url)
    await expect(fetching).rejects.toMatchObject({ name: 'AbortError', cause: reason })
    expect([tries, server.requests.length]).toEqual([1, 1])
  })

  it('reports a provider that cannot be reached', async () => {
    const url = `http://127.0.0.1:${await freePort()}`
    await expect(client({ retries: 0 })(url)).rejects.toMatchObject({
      name: 'ChatError',
      status: 502,
      code: 'upstream_unreachable',
      message: expect.stringMatching(/Acme cannot be reached \(ECONNREFUSED\)/),
    })
  })

  it.each<[string, UpstreamRequestInit, string]>([
    ['a header with a line break', { headers: { 'x-odd': 'a\r\nb' } }, 'invalid x-odd header'],
    ['a header with an odd name', { headers: { 'x odd': 'a' } }, 'invalid header key'],
    ['a body that is none', { body: { not: 'text' } as unknown as string }, 'body must be a string'],
  ])('sends no request with %s, and does not blame the network', async (_, init, words) => {
    const server = await fake(statuses(200))
    let tries = 0
    const asked = client({ retries: 2 }, { onRequest: () => void tries++ })(server.url, init)
    await expect(asked).rejects.toMatchObject({
      status: 500,
      code: 'unsendable_request',
      message: expect.stringContaining(`The request to Acme cannot be sent: ${words}`),
    })
    expect([tries, server.requests.length]).toEqual([1, 0])
  })

  it('sends no request to what is no address', async () => {
    await expect(client({ retries: 2 })('/v1/chat')).rejects.toThrow(/cannot be sent: its address is no http:\/\//)
  })

  it('does not take a failing hook for a failing provider', async () => {
    const server = await fake(statuses(200))
    let calls = 0
    const onRequest = () => {
      calls++
      return Promise.reject(new Error('hook'))
    }
    await expect(client({}, { onRequest })(server.url)).rejects.toThrow('hook')
    expect(calls).toBe(1)
    expect(server.requests).toHaveLength(0)
  })

  it('closes the connection when the client goes away', async () => {
    let asked: () => void
    const arrived = new Promise<void>((resolve) => (asked = resolve))
    const server = await fake(() => asked())
    const controller = new AbortController()
    const fetching = client({}, { signal: controller.signal })(server.url)
    await arrived
    controller.abort()
    await expect(fetching).rejects.toThrow()
    expect(await server.requests[0]?.aborted).toBe(true)
  })

  it('closes the connection when the body is cancelled', async () => {
    const server = await fake(async (_request, reply) => {
      reply.begin(200, { 'content-type': 'text/event-stream' })
      await reply.write('data: 1\n\n')
    })
    const response = await client()(server.url)
    const reader = response.body?.getReader()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 1\n\n')
    await reader?.cancel()
    expect(await server.requests[0]?.aborted).toBe(true)
  })

  it('reports silence for longer than the time-outs', async () => {
    const mute = await fake(() => {})
    await expect(client({ response_timeout: 20, retries: 0 })(mute.url)).rejects.toMatchObject({
      status: 504,
      code: 'upstream_timeout',
    })
  })

  it('goes through an HTTP proxy where one is given', async () => {
    const target = await fake((_request, reply) => reply.json(200, { via: 'target' }))
    const proxy = createServer((socket) => {
      socket.once('data', (head) => {
        expect(head.toString()).toMatch(/^CONNECT /)
        expect(head.toString()).toMatch(/proxy-authorization: Basic/i)
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        const through = new (socket.constructor as typeof import('node:net').Socket)()
        through.connect(target.port, '127.0.0.1')
        socket.pipe(through).pipe(socket)
        socket.on('error', () => through.destroy())
        through.on('error', () => socket.destroy())
      })
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void proxy.close())
    const { port } = proxy.address() as AddressInfo
    const response = await client({}, { proxy: new Secret(`http://user:pass@127.0.0.1:${port}`) })(target.url)
    expect(await response.json()).toEqual({ via: 'target' })
  })

  it.each([
    ['says nothing', () => {}, 504, /could not be reached within upstream\.connect_timeout/],
    [
      'wants a password',
      (socket) => void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n'),
      502,
      /: its proxy answered with status 407\. Check/,
    ],
  ] satisfies [what: string, answer: (socket: Socket) => void, status: number, said: RegExp][])(
    'tells of a proxy that %s',
    async (_, answer, status, said) => {
      const proxy = createServer((socket) => {
        socket.on('error', () => {}).once('data', () => answer(socket))
        onTestFinished(() => void socket.destroy())
      })
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
      onTestFinished(() => void proxy.close())
      const { port } = proxy.address() as AddressInfo
      const url = `http://127.0.0.1:${port}`
      const settings = { connect_timeout: 50, retries: 0 }
      for (const [options, env] of [
        [{ proxy: new Secret(url) }, {}],
        [{}, { http_proxy: url }],
      ] as const) {
        await expect(client(settings, options, env)('http://acme.invalid')).rejects.toMatchObject({
          status,
          code: 'upstream_unreachable',
          message: expect.stringMatching(said) as string,
        })
      }
    },
  )

  it.each([
    ['http_proxy', ''],
    ['ALL_PROXY', 'http://'],
    ['all_proxy', ''],
  ])('goes through the HTTP proxy that the environment names by %s=%sHOST:PORT', async (variable, scheme) => {
    const asked: string[] = []
    const proxy = createServer((socket) => {
      socket
        .on('error', () => {})
        .once('data', (head) => {
          asked.push(head.toString().split('\r\n', 1)[0] ?? '')
          socket.end('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n')
        })
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void proxy.close())
    const { port } = proxy.address() as AddressInfo
    const env = { [variable]: `${scheme}127.0.0.1:${port}` }
    await expect(client({ retries: 0 }, {}, env)('http://acme.invalid')).rejects.toThrow(/answered with status 503/)
    expect(asked).toEqual(['CONNECT acme.invalid:80 HTTP/1.1'])
  })

  it('goes the way of the environment it was given, not of its process', async () => {
    const target = await fake((_request, reply) => reply.json(200, { via: 'target' }))
    const gone = `http://127.0.0.1:${await freePort()}`
    vi.stubEnv('http_proxy', gone)
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await (await client()(target.url)).json()).toEqual({ via: 'target' })
    vi.stubEnv('http_proxy', '')
    await expect(client({ retries: 0 }, {}, { HTTP_PROXY: gone })(target.url)).rejects.toThrow()
    const excepted = await client({}, {}, { HTTP_PROXY: gone, no_proxy: '127.0.0.1' })(target.url)
    expect(await excepted.json()).toEqual({ via: 'target' })
  })
})
