import { Agent, createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { createGunzip, gzipSync } from 'node:zlib'
import express from 'express'
import type {
  ErrorRequestHandler,
  Request as ExpressRequest,
  RequestHandler,
  Response as ExpressResponse,
} from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import type { HonoRequest } from 'hono'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Byok, ByokOptions } from '../../src/index.ts'
import { createByok, createMemoryTokenStore } from '../../src/index.ts'
import { fastifyByok } from '../../src/adapters/fastify.ts'
import { hono } from '../../src/adapters/hono.ts'
import { koa } from '../../src/adapters/koa.ts'
import { listen } from '../../src/adapters/listen.ts'
import { middleware } from '../../src/adapters/middleware.ts'
import { attach, toNodeHandler, upgradeHandler } from '../../src/adapters/node.ts'
import { toWebHandler } from '../../src/adapters/web.ts'
import { hosts } from './hosts.ts'
import type { Hosted } from './hosts.ts'
import { deferred, tap } from './tap.ts'
import { createIsolatedByok } from '../helpers/isolated-byok.ts'

/** More than the buffers on the way hold: 16 MB. */
const CHUNKS = 256
const MOST_BYTES = 100_000
const CHAT = { model: 'tap/water', messages: [{ role: 'user', content: 'Größe 👋' }], stream: true }

/** A request whose answer is read only when the test reads it. */
async function post({ origin, base }: Hosted, body: object = CHAT): Promise<IncomingMessage> {
  const request = httpRequest(`${origin}${base}/v1/chat/completions?x=1`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'accept-encoding': 'gzip' },
  })
  request.end(JSON.stringify(body))
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  return answer
}

async function listening(listener: Server | RequestListener): Promise<Hosted> {
  const server = typeof listener === 'function' ? createServer(listener) : listener
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    base: '',
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function firstChunk(answer: IncomingMessage): Promise<string> {
  const [chunk] = (await once(answer, 'data')) as [Buffer]
  answer.pause()
  return chunk.toString('utf8')
}

function silentByok(plugins: ByokOptions['plugins']): Promise<Byok> {
  return createIsolatedByok({ server: { keep_alive: 0, max_body_bytes: MOST_BYTES }, plugins })
}

describe.each(hosts)('in $name', ({ name, start, own }) => {
  const { plugin, state } = tap()
  const seen: unknown[] = []
  let byok: Byok
  let hosted: Hosted

  beforeAll(async () => {
    byok = await silentByok([plugin])
    byok.hooks.hook('chat', ({ chat }) => void seen.push(chat.messages))
    hosted = await start(byok)
  })
  afterAll(async () => {
    await hosted.close()
    await byok.close()
  })

  it('says where clients find it', async () => {
    const { origin, base } = hosted
    if (base === '' && own) return
    // What these cut off a path, they tell nobody.
    const known = !["Hono's mount", 'h3'].includes(name)
    const text = await (await fetch(`${origin}${base}/`)).text()
    expect(text).toContain(`Point an OpenAI client at ${origin}${known ? base : ''}/v1, `)
    expect(text).toContain(`"amp.url": "${origin}${known ? base : ''}/amp"`)
    if (base !== '' && known) expect(await (await fetch(`${origin}${base}`)).text()).toContain(`${origin}${base}/v1`)
  })

  it('gives on the first chunk before the second is made', async () => {
    const gate = deferred()
    Object.assign(state, { gate: gate.promise, chunks: 2 })
    const answer = await post(hosted)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^text\/event-stream/)
    expect(await firstChunk(answer)).toMatch(/^data: \{.*"role":"assistant"/)
    expect(state.pulled).toBe(1)
    gate.resolve()
    let text = ''
    for await (const chunk of answer) text += String(chunk)
    expect(state.pulled).toBe(2)
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    expect(seen.at(-1)).toEqual([{ role: 'user', content: [{ type: 'text', text: 'Größe 👋' }] }])
  })

  it('makes no more than a slow client reads, and goes on when it does', async () => {
    state.gate = undefined
    state.chunks = CHUNKS
    const answer = await post(hosted)
    await firstChunk(answer)
    // Whoever does not wait for the client has made it all by then: a chunk takes a few turns of the loop.
    for (let turns = 0; turns < CHUNKS * 10; turns++) await turn()
    expect(state.pulled).toBeLessThan(CHUNKS)
    let bytes = 0
    for await (const chunk of answer) bytes += (chunk as Buffer).byteLength
    expect(state.pulled).toBe(CHUNKS)
    expect(bytes).toBeGreaterThan(CHUNKS * 64 * 1024 - 70_000)
  })

  it('stops the provider when the client goes away', async () => {
    const gate = deferred()
    state.gate = gate.promise
    state.stopped = deferred()
    const answer = await post(hosted)
    await firstChunk(answer)
    answer.destroy()
    await state.stopped.promise
    expect(state.pulled).toBe(1)
    gate.resolve()
  })

  it("answers an error in the client's own shape", async () => {
    const answer = await post(hosted, { ...CHAT, model: 'tap/water', messages: 'none' })
    let text = ''
    for await (const chunk of answer) text += String(chunk)
    expect(answer.statusCode).toBe(400)
    expect(JSON.parse(text)).toMatchObject({ error: { type: 'invalid_request_error', param: 'messages' } })
  })

  it('refuses a body that turns out too large, and answers the next request on the same connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const { origin, base } = hosted
    const ask = async (path: string, method: string, body?: string) => {
      const request = httpRequest(`${origin}${base}${path}`, { agent, method })
      request.setHeader('content-type', 'application/json')
      if (body !== undefined) request.write(body.slice(0, 10))
      request.end(body?.slice(10))
      const [answer] = (await once(request, 'response')) as [IncomingMessage]
      let text = ''
      for await (const chunk of answer) text += String(chunk)
      return { status: answer.statusCode, text, reused: request.reusedSocket }
    }
    // Written in pieces it tells no length.
    const refused = await ask('/v1/chat/completions', 'POST', JSON.stringify({ ...CHAT, user: 'x'.repeat(MOST_BYTES) }))
    expect(refused.status).toBe(413)
    expect(JSON.parse(refused.text)).toMatchObject({ error: { code: 'request_too_large' } })
    const next = await ask('/health', 'GET')
    expect(next).toMatchObject({ status: 200, reused: true })
    agent.destroy()
  })

  it('answers without a body, and leaves the host its own', async () => {
    const { origin, base } = hosted
    const models = await fetch(`${origin}${base}/v1/models`)
    expect(models.status).toBe(200)
    expect(await models.json()).toMatchObject({ object: 'list', data: [{ id: 'water' }] })
    expect((await fetch(`${origin}${base}/health`, { method: 'HEAD' })).status).toBe(200)
    if (own !== undefined) expect(await (await fetch(`${origin}/`)).text()).toBe(own)
    if (base !== '') expect((await fetch(`${origin}${base}`)).status).toBe(200)
  })
})

it.each<[string, (later: never) => unknown]>([
  ['middleware', middleware],
  ['toWebHandler', toWebHandler],
  ['hono', hono],
  ['koa', koa],
  ['toNodeHandler', toNodeHandler],
  ['upgradeHandler', upgradeHandler],
  ['listen', listen],
  ['fastifyByok', async (byok) => await fastify().register(fastifyByok, { byok }).ready()],
])('tells at once of a byok that %s is to wait for', async (_name, mount) => {
  const later: unknown = Promise.resolve()
  const mounted = async () => await Promise.resolve(mount(later as never))
  await expect(mounted()).rejects.toThrow('expected a byok, as createByok() gives one; this is a promise: write `await')
})

describe('a port of its own', () => {
  it('is the one that was asked for, or none', async () => {
    const byok = await silentByok([])
    await expect(listen(byok, { port: 6000 })).rejects.toThrow(/Web clients refuse to call port 6000/)
    await byok.close()
  })

  it('is on the address that was asked for, and says how to reach it', async () => {
    const byok = await createByok({
      configFiles: false,
      env: {},
      store: createMemoryTokenStore(),
      server: { keys: ['k'] },
    })
    // listhen would listen on every address instead.
    await expect(listen(byok, { host: 'my_host', port: 0 })).rejects.toThrow(/my_host is no address of this machine/)
    for (const host of ['localhost', '127.0.0.1', '127.0.0.2']) {
      const listening = await listen(byok, { host, port: 0 })
      expect((await fetch(`${listening.url}/health`, { headers: { authorization: 'Bearer k' } })).status).toBe(200)
      await listening.close()
    }
    await byok.close()
  })

  it('outlives a route of the host that cancels the body', async () => {
    const byok = await silentByok([])
    byok.app.post('/upload', async ({ req }) => {
      await req.body?.cancel()
      return new Response('no, thanks')
    })
    const listening = await listen(byok, { port: 0 })
    const upload = () => fetch(`${listening.url}/upload`, { method: 'POST', body: 'x' })
    for (const answer of [await upload(), await upload()]) expect(await answer.text()).toBe('no, thanks')
    await listening.close()
    await byok.close()
  })
})

describe('middleware', () => {
  // Express' own, which has no types.
  const compression = createRequire(import.meta.url)('compression')

  it('streams through a compressing host', async () => {
    const { plugin, state } = tap()
    const byok = await silentByok([plugin])
    const hosted = await listening(express().use(compression(), middleware(byok)))
    const gate = deferred()
    state.gate = gate.promise
    const answer = await post(hosted)
    expect(await firstChunk(answer)).toMatch(/^data: /)
    expect(state.pulled).toBe(1)
    gate.resolve()
    answer.destroy()
    await hosted.close()
    await byok.close()
  })

  it.each<[string, RequestHandler]>([
    ['compresses', compression({ threshold: 0 })],
    // As express-session's `end` (expressjs/session index.js) takes what it is given.
    ['keeps sessions', endsWithBytes],
  ])('answers in one piece on a host that %s', async (_what, before) => {
    const byok = await silentByok([tap().plugin])
    const hosted = await listening(express().use(before, middleware(byok)))
    for (const path of ['/v1/models', '/v1/nothing']) {
      const answer = await fetch(`${hosted.origin}${path}`)
      expect(await answer.json()).toHaveProperty(path === '/v1/models' ? 'data' : 'error')
      expect(await (await fetch(`${hosted.origin}${path}`, { method: 'HEAD' })).text()).toBe('')
    }
    const whole = await fetch(`${hosted.origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...CHAT, stream: false }),
    })
    expect(await whole.json()).toMatchObject({ object: 'chat.completion' })
    await hosted.close()
    await byok.close()
  })

  it('answers everything below the path it is mounted on, where connect names that nowhere', async () => {
    const byok = await silentByok([])
    const mounted = middleware(byok)
    // As connect does it (senchalabs/connect index.js).
    const server = createServer((request, response) => {
      Object.assign(request, { originalUrl: request.url, url: request.url?.slice('/ai'.length) })
      mounted(request, response, () => response.writeHead(501).end())
    })
    const hosted = await listening(server)
    expect(await (await fetch(`${hosted.origin}/ai/`)).text()).toContain(`${hosted.origin}/ai/v1`)
    expect((await fetch(`${hosted.origin}/ai/nothing`)).status).toBe(404)
    await hosted.close()
    await byok.close()
  })

  describe('in a route or below a wildcard, of which the host cuts off nothing or all,', () => {
    const mounts: [string, (handler: RequestHandler) => express.Express, base?: string][] = [
      ['app.all', (handler) => express().all('/ai/*splat', handler)],
      // As NestJS does for `forRoutes('ai/*splat')`.
      ['app.use', (handler) => express().use('/ai/*splat', handler)],
      [
        'a route of a router',
        (handler) => express().use('/api', express.Router().all('/ai/*splat', handler)),
        '/api/ai',
      ],
    ]

    it.each(mounts)('answers below its prefix: %s', async (_what, mount, base = '/ai') => {
      const byok = await silentByok([tap().plugin])
      const hosted = await listening(mount(middleware(byok, { prefix: '/ai/' })))
      const answer = await post({ ...hosted, base })
      answer.resume()
      expect(answer.statusCode).toBe(200)
      expect((await fetch(`${hosted.origin}${base}/nothing`)).headers.get('content-type')).toBe('application/json')
      expect((await fetch(`${hosted.origin}${base}x/v1/models`)).status).toBe(404)
      await hosted.close()
      await byok.close()
    })

    it('says how to mount it where it has none', async () => {
      const warn = vi.fn()
      const logger = { ...console, warn }
      const byok = await createIsolatedByok({ logger })
      const failed: unknown[] = []
      const app = express().all('/route/*splat', middleware(byok)).use('/use/*splat', middleware(byok))
      app.use(((error, _request, response, _next) => {
        failed.push(error)
        response.status(500).end()
      }) satisfies ErrorRequestHandler)
      const hosted = await listening(app)
      for (const [base, status] of Object.entries({ '/route': 404, '/use': 500 })) {
        for (let times = 0; times < 2; times++) expect((await post({ ...hosted, base })).statusCode).toBe(status)
      }
      expect(warn.mock.calls).toEqual([[expect.stringContaining("app.use('/route', middleware(byok)), or")]])
      expect(String(failed[0])).toContain("app.use('/use', middleware(byok)), or")
      await hosted.close()
      await byok.close()
    })

    it('knows where clients find it', async () => {
      const byok = await silentByok([])
      const hosted = await listening(express().all('/ai{/*splat}', middleware(byok, { prefix: '/ai' })))
      expect(await (await fetch(`${hosted.origin}/ai`)).text()).toContain(`${hosted.origin}/ai/v1`)
      await hosted.close()
      await byok.close()
    })
  })

  it.each<[string, (handler: RequestHandler) => express.Express]>([
    ['app.all', (handler) => express().all('/{*splat}', handler)],
    ['app.use', (handler) => express().use(handler)],
  ])("hands on what is the host's own at the root: %s", async (_what, mount) => {
    const byok = await silentByok([])
    const app = mount(middleware(byok))
    app.get('/own/v1/models', (_request, response) => void response.send('own'))
    const hosted = await listening(app)
    expect(await (await fetch(`${hosted.origin}/own/v1/models`)).text()).toBe('own')
    expect((await fetch(`${hosted.origin}/v1/models`)).status).toBe(200)
    await hosted.close()
    await byok.close()
  })

  it('answers what is not its own where the host has nobody else, as Polka has none after a route', async () => {
    const byok = await silentByok([])
    for (const prefix of ['', '/ai']) {
      const answer = middleware(byok, { prefix })
      const hosted = await listening((request, response) => answer(request, response))
      expect((await fetch(`${hosted.origin}/own`)).status).toBe(404)
      expect((await fetch(`${hosted.origin}${prefix}/v1/models`)).status).toBe(200)
      await hosted.close()
    }
    await byok.close()
  })

  it.each([true, false])('stops the provider where the host answers meanwhile (stream: %s)', async (stream) => {
    const { plugin, state } = tap()
    const byok = await silentByok([plugin])
    const gate = deferred()
    const asked = deferred()
    Object.defineProperty(state, 'gate', { get: () => (asked.resolve(), gate.promise) })
    const failed: unknown[] = []
    const late = deferred()
    if (!stream) void asked.promise.then(late.resolve)
    const app = express().use((_request, response, next) => {
      void late.promise.then(() => response.status(503).end('too late'))
      next()
    })
    app.use(middleware(byok))
    app.use(((error, _request, _response, _next) => void failed.push(error)) satisfies ErrorRequestHandler)
    const hosted = await listening(app)
    const answer = await post(hosted, { ...CHAT, stream })
    answer.resume()
    // A stream has begun by now, and ends with what the host says.
    late.resolve()
    await state.stopped.promise
    gate.resolve()
    expect(answer.statusCode).toBe(stream ? 200 : 503)
    expect(failed).toEqual([])
    await hosted.close()
    await byok.close()
  })
})

it('takes a client for gone on a host that ends its responses as they close', async () => {
  const { plugin, state } = tap()
  const byok = await silentByok([plugin])
  const asked = deferred()
  const broken = state.stopped.promise.then(() => Promise.reject(new DOMException('gone', 'AbortError')))
  broken.catch(() => {})
  Object.defineProperty(state, 'gate', { get: () => (asked.resolve(), broken) })
  const over = deferred()
  const outcomes: unknown[] = []
  byok.hooks.hook('response', ({ info }) => {
    outcomes.push(info.outcome)
    over.resolve()
  })
  // As h3 1 does, of Nuxt and Nitro 2 (h3js/h3 src/adapters/node.ts, `callNodeListener`).
  const app = express().use((_request, response, next) => {
    response.once('close', () => response.end())
    next()
  })
  const hosted = await listening(app.use(middleware(byok)))
  const request = httpRequest(`${hosted.origin}/v1/chat/completions`, { method: 'POST' })
  request.on('error', () => {})
  request.end(JSON.stringify({ ...CHAT, stream: false }))
  await asked.promise
  request.destroy()
  await over.promise
  expect(outcomes).toEqual(['aborted'])
  await hosted.close()
  await byok.close()
})

/** Takes a callback for the last of the body, and reads it. */
const endsWithBytes: RequestHandler = (_request, response, next) => {
  const own = response.end.bind(response) as (chunk?: Buffer) => typeof response
  const end = (chunk?: Uint8Array) => (chunk === undefined ? own() : own(Buffer.from(chunk)))
  Object.assign(response, { end })
  next()
}

describe('Fastify', () => {
  it('may unpack a body by a hook', async () => {
    const byok = await silentByok([tap().plugin])
    const app = fastify()
    // As @fastify/compress does.
    app.addHook('preParsing', (_request, _reply, payload, next) => next(null, payload.pipe(createGunzip())))
    await app.register(fastifyByok, { byok, prefix: '/ai' })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as AddressInfo
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = async (path: string, body: object) => {
      const packed = gzipSync(JSON.stringify(body))
      const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
      const request = httpRequest({ port, path, agent, headers, method: 'POST' }).end(packed)
      const [answer] = (await once(request, 'response')) as [IncomingMessage]
      answer.resume()
      await once(answer, 'end')
      return { status: answer.statusCode, reused: request.reusedSocket }
    }
    const large = { ...CHAT, stream: false, user: randomBytes(40_000).toString('hex') }
    expect(await ask('/ai/v1/chat/completions', large)).toEqual({ status: 200, reused: false })
    expect(await ask('/ai/v1/nothing', large)).toEqual({ status: 404, reused: true })
    expect(await ask('/ai/v1/chat/completions', { ...CHAT, stream: false })).toEqual({ status: 200, reused: true })
    agent.destroy()
    await app.close()
    await byok.close()
  })

  it('takes what middleware of Express has parsed', async () => {
    const byok = await silentByok([tap().plugin])
    const app = fastify()
    // As @fastify/express and @fastify/middie run it.
    app.addHook('onRequest', ({ raw }, { raw: response }, next) =>
      express.json()(raw as ExpressRequest, response as ExpressResponse, next),
    )
    await app.register(fastifyByok, { byok, prefix: '/ai' })
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })
    const answer = await post({ origin, base: '/ai' } as Hosted, { ...CHAT, stream: false })
    expect(answer.statusCode).toBe(200)
    answer.destroy()
    await app.close()
    await byok.close()
  })
})

describe('Hono', () => {
  const asked = async (read: (request: HonoRequest) => Promise<unknown>, body: RequestInit['body'], headers = {}) => {
    const byok = await silentByok([])
    const seen: unknown[] = []
    byok.app.post('/v1/seen', async ({ req }) => {
      seen.push(req.headers.get('content-encoding'))
      const form = /^multipart/.test(req.headers.get('content-type') ?? '')
      seen.push(form ? [...(await req.formData()).keys()] : Buffer.from(await req.arrayBuffer()).toString('base64'))
      return new Response()
    })
    const app = new Hono()
    app.use(async ({ req }, next) => {
      await read(req)
      await next()
    })
    app.all('/ai/*', hono(byok, { prefix: '/ai' }))
    expect((await app.request('http://localhost/ai/v1/seen', { method: 'POST', body, headers })).status).toBe(200)
    await byok.close()
    return seen
  }

  it.each<[string, (request: HonoRequest) => Promise<unknown>]>([
    ['formData', (request) => request.formData()],
    ['parseBody', (request) => request.parseBody()],
    ['arrayBuffer', (request) => request.arrayBuffer()],
  ])('gives a form that was read by %s', async (_name, read) => {
    const form = new FormData()
    form.append('model', 'whisper-1')
    form.append('file', new File(['fox'], 'fox.mp3'))
    expect(await asked(read, form)).toEqual([null, ['model', 'file']])
  })

  it('tells that bytes it has read are packed', async () => {
    const packed = gzipSync('{}')
    const headers = { 'content-encoding': 'gzip' }
    expect(await asked((request) => request.arrayBuffer(), packed, headers)).toEqual([
      'gzip',
      packed.toString('base64'),
    ])
  })
})

describe('toNodeHandler', () => {
  it('returns when all is sent, below a prefix that the host does not cut off', async () => {
    const byok = await silentByok([tap().plugin])
    const handle = toNodeHandler(byok, { prefix: '/ai' })
    // As h3 1 (Nuxt, Nitro 2) and API routes of Next.js wait for it.
    const ended: boolean[] = []
    const hosted = await listening((request, response) => {
      const returned: unknown = handle(request, response)
      void Promise.resolve(returned).then(() => {
        ended.push(response.writableEnded)
        if (!response.writableEnded) response.writeHead(501).end()
      })
    })
    const answer = await post({ ...hosted, base: '/ai' })
    let text = ''
    for await (const chunk of answer) text += String(chunk)
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    expect((await fetch(`${hosted.origin}/ai/v1/models`)).status).toBe(200)
    expect(await (await fetch(`${hosted.origin}/ai/`)).text()).toContain(`${hosted.origin}/ai/v1`)
    expect((await fetch(`${hosted.origin}/aix/v1/models`)).status).toBe(404)
    expect(ended).toEqual([true, true, true, true])
    await hosted.close()
    await byok.close()
  })
})

describe('a prefix', () => {
  it.each(['/t/:id/ai', '/t/:id/ai/', '/t/5/ai', ''])('of Fastify may have parameters: %j', async (prefix) => {
    const byok = await silentByok([])
    const app = fastify()
    await app.register(fastifyByok, { byok, prefix })
    const { statusCode, body } = await app.inject({
      url: `${prefix === '' ? '' : '/t/5/ai'}/v1/models?x=1`,
      headers: { host: 'localhost' },
    })
    expect({ statusCode, body }).toEqual({ statusCode: 200, body: expect.stringContaining('"object":"list"') })
    await app.close()
    await byok.close()
  })

  it('must begin with a slash', async () => {
    const byok = await silentByok([])
    expect(() => toWebHandler(byok, { prefix: 'ai' })).toThrow(/start with a slash/)
    expect(() => attach(createServer(), byok, { prefix: '/' })).toThrow(/name a path/)
    await byok.close()
  })

  it('is a whole segment', async () => {
    const byok = await silentByok([])
    const handle = toWebHandler(byok, { prefix: '/ai/' })
    expect((await handle(new Request('http://localhost/aix/v1/models'))).status).toBe(404)
    expect((await handle(new Request('http://localhost/ai/v1/models?x=/ai'))).status).toBe(200)
    expect((await handle(new Request('http://localhost/ai'))).status).toBe(200)
    await byok.close()
  })
})
