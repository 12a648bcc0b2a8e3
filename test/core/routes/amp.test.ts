import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { once } from 'node:events'
import { Agent, createServer, get, request } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { serveEveryone } from '../../conformance/providers.ts'
import type { Everyone } from '../../conformance/providers.ts'
import type { ByokOptions, RequestInfo } from '../../../src/index.ts'

/** ampcode.com, as far as a proxy can tell: it records what reaches it and answers what a test says. */
let amp: Server
let ampUrl: string
let seen: { request: IncomingMessage; text: Promise<string> }[]
let answer: (request: IncomingMessage, response: ServerResponse) => void
let everyone: Everyone

beforeEach(async () => {
  seen = []
  answer = (_request, response) => response.setHeader('x-amp', 'yes').end('amp')
  amp = createServer((request, response) => {
    const text = new Promise<string>((resolve) => {
      let body = ''
      request.setEncoding('utf8').on('data', (piece: string) => (body += piece))
      request.on('end', () => resolve(body))
    })
    seen.push({ request, text })
    answer(request, response)
  })
  await new Promise<void>((resolve) => amp.listen(0, '127.0.0.1', resolve))
  ampUrl = `http://127.0.0.1:${(amp.address() as AddressInfo).port}`
})
afterEach(async () => {
  await everyone.close()
  amp.closeAllConnections()
  await new Promise((resolve) => amp.close(resolve))
})

async function start(settings: { api_key?: string; upstream_url?: string } = {}, options: ByokOptions = {}) {
  everyone = await serveEveryone({ amp: { upstream_url: ampUrl, ...settings }, ...options })
}
const callRoot = (path: string, init?: RequestInit) => fetch(`${everyone.url}${path}`, { redirect: 'manual', ...init })
const call = (path: string, init?: RequestInit) => callRoot(`/amp${path}`, init)
const last = () => seen.at(-1)?.request

describe('what a browser opens', () => {
  it.each([
    ['/v1/login', '/login'],
    ['/auth/cli-login?authToken=t&callbackPort=1', '/auth/cli-login?authToken=t&callbackPort=1'],
    ['/threads/T-1', '/threads/T-1'],
    ['/settings', '/settings'],
  ])('%s leads to Amp, under /amp and at the root', async (path, target) => {
    await start()
    for (const response of [await call(path), await callRoot(path)]) {
      expect(response.status).toBe(302)
      expect(response.headers.get('location')).toBe(`${ampUrl}${target}`)
    }
    expect(seen).toEqual([])
  })

  it('does not tell Amp the key of byok it was opened with', async () => {
    await start({}, { server: { keys: ['byok-key'] } })
    const response = await call('/v1/login?key=byok-key&a=1')
    expect(response.headers.get('location')).toBe(`${ampUrl}/login?a=1`)
  })

  it('leads to where a new config says', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'byok-amp-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const configFile = join(folder, 'config.yaml')
    await writeFile(configFile, 'amp: { upstream_url: "https://old.example" }\n')
    everyone = await serveEveryone({ configFile })
    await writeFile(configFile, 'amp: { upstream_url: "https://new.example" }\n')
    await everyone.byok.reload()
    expect((await call('/v1/login')).headers.get('location')).toBe('https://new.example/login')
  })

  it.each(['/auth/callback?code=1', '/docs', '/news.rss'])('%s leads to Amp, under /amp', async (path) => {
    await start()
    expect((await call(path)).headers.get('location')).toBe(`${ampUrl}${path}`)
    expect((await callRoot(path)).status).toBe(404)
  })

  it('from Amp itself runs nothing at byok’s origin', async () => {
    await start()
    answer = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html', 'content-security-policy': "default-src 'self'" })
        .end('<script>fetch("/v1/models")</script>')
    const { headers } = await call('/api/threads/T-1')
    expect(headers.get('content-security-policy')).toBe("default-src 'self', sandbox")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })
})

describe('what is Amp’s own', () => {
  it('is refused where Amp cannot be reached, each time', async () => {
    // Port 9 is discard's, where nothing listens.
    await start({ upstream_url: 'http://127.0.0.1:9' })
    for (const size of [1, 1_000_000]) {
      const body = new Blob(['x'.repeat(size)]).stream()
      const response = await call('/api/telemetry', { method: 'POST', body, duplex: 'half' })
      expect(response.status).toBe(502)
      expect(await response.json()).toMatchObject({ error: { code: 'upstream_unreachable' } })
    }
    expect((await call('/v1/login')).status).toBe(302)
  })

  it('leaves the connection in order where Amp cuts an upload short', async () => {
    await start()
    answer = (request, response) => {
      request.pause()
      response.writeHead(413, { connection: 'close' }).end('too large')
    }
    // One connection, as of any client that keeps its own.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    const send = (method: string, path: string, body = '') =>
      new Promise<{ status: number | undefined; port: number | undefined }>((resolve, reject) => {
        const asked = request(everyone.url + path, { method, agent }, (response) => {
          const { localPort: port } = response.socket
          response.resume().once('end', () => resolve({ status: response.statusCode, port }))
        })
        asked.once('error', reject).end(body)
      })
    const first = await send('POST', '/amp/v0/management/upload', 'x'.repeat(8_000_000))
    // Which of the two byok hears of first, Amp's answer or the end of its connection, is nobody's to say.
    expect([413, 502]).toContain(first.status)
    expect(await send('GET', '/health')).toEqual({ status: 200, port: first.port })
  })

  it.each(['/v0/management/a/b?x=1&x=2', '/api/internal?getThread', '/api/user', '/actors/gateway/x'])(
    'passes %s on, under /amp and at the root',
    async (path) => {
      await start()
      answer = (_request, response) =>
        response.writeHead(418, { 'x-amp': 'yes', 'content-type': 'text/plain' }).end('tea')
      const init = { method: path.startsWith('/api') ? 'PUT' : 'GET', headers: { 'x-amp-client-type': 'cli' } }
      for (const response of [await call(path, init), await callRoot(path, init)]) {
        expect([response.status, response.headers.get('x-amp'), await response.text()]).toEqual([418, 'yes', 'tea'])
        expect(last()?.url).toBe(path)
      }
      expect(seen).toHaveLength(2)
    },
  )

  it('is not asked with what other tools want under /api at the root', async () => {
    await start({ api_key: 'amp-of-config' })
    const ask = async (path: string) => await callRoot(path, { method: 'POST', body: '{"model":"llama3"}' })
    // Ollama's clients read an error that is a text.
    for (const path of ['/api/chat', '/api/tags', '/api/blobs/sha256:1']) {
      const response = await ask(path)
      expect(response.status).toBe(404)
      expect(await response.json()).toEqual({ error: expect.stringMatching(/Ollama.*OpenAI-compatible.*\/v1\.$/) })
    }
    const other = await ask('/api/internal')
    expect(other.status).toBe(404)
    expect(await other.json()).toMatchObject({
      error: { code: 'not_found', message: expect.stringContaining('/v1') },
    })
    expect(seen).toEqual([])
  })

  it('keeps headers, but those of a connection, of this machine and its cookies', async () => {
    await start()
    answer = (_request, response) =>
      response.writeHead(200, { 'keep-alive': 'timeout=9', 'set-cookie': ['a=1', 'b=2'], etag: '"1"' }).end('ok')
    const response = await call('/api/user', {
      headers: {
        authorization: 'Bearer amp-key-of-client',
        'x-client': 'amp',
        cookie: 'secret=of-another-port',
        'x-forwarded-for': '10.0.0.1',
        'x-real-ip': '10.0.0.1',
        'cf-connecting-ip': '10.0.0.1',
        te: 'trailers',
      },
    })
    expect(last()?.headers).toMatchObject({ authorization: 'Bearer amp-key-of-client', 'x-client': 'amp' })
    expect(last()?.headers).toMatchObject({ host: new URL(ampUrl).host })
    for (const name of ['cookie', 'x-forwarded-for', 'x-real-ip', 'cf-connecting-ip', 'te']) {
      expect(last()?.headers[name]).toBeUndefined()
    }
    expect(response.headers.get('etag')).toBe('"1"')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  it("signs with config's key in the place of the client's", async () => {
    await start({ api_key: 'amp-of-config' })
    await call('/api/user', { headers: { authorization: 'Bearer of-client', 'x-api-key': 'of-client' } })
    expect(last()?.headers.authorization).toBe('Bearer amp-of-config')
    expect(last()?.headers['x-api-key']).toBeUndefined()
  })

  it.each([
    ['an image', 'no-cors', 'image'],
    ['a frame', 'navigate', 'iframe'],
    ['a link', 'navigate', 'document'],
  ])("is not asked with config's key for another page, by %s", async (_, mode, dest) => {
    await start({ api_key: 'amp-of-config' })
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': mode, 'sec-fetch-dest': dest }
    // Node's fetch would say by itself that it asks by CORS.
    const statusOf = async (path: string) => {
      const sent = get(`${everyone.url}/amp${path}`, { headers, agent: false })
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      response.resume()
      return response.statusCode
    }
    expect(await statusOf('/api/user')).toBe(403)
    expect(seen).toEqual([])
    if (dest === 'document') expect(await statusOf('/v1/login')).toBe(302)
    expect((await call('/api/user')).status).toBe(200)
  })

  it('never sends a key of byok on', async () => {
    await start({}, { server: { keys: ['byok-key'] } })
    const headers = { authorization: 'Bearer byok-key', 'x-api-key': 'byok-key' }
    expect((await call('/api/user?key=byok-key&a=1', { headers })).status).toBe(200)
    expect(last()?.headers.authorization).toBeUndefined()
    expect(last()?.headers['x-api-key']).toBeUndefined()
    expect(last()?.url).toBe('/api/user?a=1')
    expect((await call('/api/user')).status).toBe(401)
    expect(seen).toHaveLength(1)
  })

  it('streams both ways', async () => {
    await start()
    let piece: (text: string) => void = () => {}
    const arrived = new Promise<string>((resolve) => (piece = resolve))
    answer = (request, response) => {
      request.on('data', (bytes: Buffer) => {
        piece(bytes.toString())
        response.write(`got ${bytes.toString()}`)
      })
      request.on('end', () => response.end('!'))
    }
    let send: ReadableStreamDefaultController<Uint8Array> | undefined
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (send = controller) })
    const asked = call('/api/tab/stream', { method: 'POST', body, duplex: 'half' })
    send?.enqueue(Buffer.from('one'))
    // The first piece is there, and answered, before the second is sent.
    expect(await arrived).toBe('one')
    const response = await asked
    const reader = response.body?.getReader()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('got one')
    send?.close()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('!')
  })

  it('does not follow a redirect', async () => {
    await start()
    answer = (_request, response) => response.writeHead(307, { location: 'https://elsewhere.example/' }).end()
    const response = await call('/api/user')
    expect([response.status, response.headers.get('location')]).toEqual([307, 'https://elsewhere.example/'])
  })

  it('says so when Amp cannot be reached', async () => {
    everyone = await serveEveryone({ amp: { upstream_url: 'http://127.0.0.1:9' } })
    const response = await call('/api/user')
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining('Amp') } })
  })
})

describe('chats', () => {
  it('of every kind are served by the providers', async () => {
    await start()
    const { fakes } = everyone
    const post = async (path: string, body: object) => {
      const response = await call(path, { method: 'POST', body: JSON.stringify(body) })
      expect(response.status).toBe(200)
      return await response.text()
    }
    const messages = [{ role: 'user', content: 'Hi' }]
    fakes.claude.say({ steps: [{ text: 'A' }] })
    const anthropic = new Anthropic({
      baseURL: `${everyone.url}/amp/api/provider/anthropic`,
      apiKey: 'x',
      maxRetries: 0,
    })
    const model = 'claude-sonnet-4-5'
    expect(
      await anthropic.messages.create({ model, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }),
    ).toMatchObject({
      content: [{ text: 'A' }],
    })
    for (const path of [
      '/api/provider/openai/v1/chat/completions',
      '/api/provider/xai/chat/completions',
      '/v1/chat/completions',
    ]) {
      fakes.local.say({ steps: [{ text: 'B' }] })
      expect(await post(path, { model: 'local/gpt-4o', messages })).toContain('"content":"B"')
    }
    fakes.codex.say({ steps: [{ text: 'C' }] })
    expect(await post('/api/provider/openai/v1/responses', { model: 'gpt-5.3-codex', input: 'Hi' })).toContain(
      '"text":"C"',
    )
    const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }]
    for (const root of ['v1beta/models', 'v1beta1/publishers/google/models']) {
      fakes.gemini.say({ steps: [{ text: 'D' }] })
      const path = `/api/provider/google/${root}/gemini-2.5-flash:streamGenerateContent?alt=sse`
      expect(await post(path, { contents })).toContain('"text":"D"')
    }
    expect(seen).toEqual([])
  })

  it.each(['/amp', ''])(
    'are asked where Amp’s client asks of them, by the SDKs it asks with, under "%s"',
    async (root) => {
      await start()
      const { fakes } = everyone
      const at = (provider: string) => `${everyone.url}${root}/api/provider/${provider}`
      fakes.claude.say({ steps: [{ text: 'A' }] })
      const anthropic = new Anthropic({ baseURL: at('anthropic'), apiKey: 'x', maxRetries: 0 })
      const ask = { max_tokens: 9, messages: [{ role: 'user' as const, content: 'Hi' }] }
      const spoken = await anthropic.messages.stream({ model: 'claude-sonnet-4-5', ...ask }).finalMessage()
      expect(spoken.content).toMatchObject([{ text: 'A' }])
      for (const [path, chat] of [
        ['openai/v1', 'responses'],
        ['xai/v1', 'chat'],
        ['groq', 'chat'],
        ['kimi', 'chat'],
      ] as const) {
        const openai = new OpenAI({ baseURL: at(path), apiKey: 'x', maxRetries: 0 })
        fakes.local.say({ steps: [{ text: 'B' }] })
        const model = 'local/gpt-4o'
        if (chat === 'responses') {
          expect((await openai.responses.create({ model, input: 'Hi', store: false })).output_text).toBe('B')
        } else {
          const { choices } = await openai.chat.completions.create({ model, messages: ask.messages })
          expect(choices[0]?.message.content).toBe('B')
        }
      }
      fakes.gemini.say({ steps: [{ text: 'C' }] })
      const headers = { Authorization: 'Bearer x' }
      const google = new GoogleGenAI({
        vertexai: true,
        apiKey: 'x',
        httpOptions: { baseUrl: at('google'), headers },
      })
      const said = await google.models.generateContent({ model: 'gemini-2.5-flash', contents: 'Hi' })
      expect(said.text).toBe('C')
      expect(seen).toEqual([])
    },
  )

  it('list the models in the words of the provider that the path names', async () => {
    await start()
    const list = async (path: string) => await (await callRoot(`/api/provider/${path}`)).json()
    expect(await list('openai/v1/models')).toMatchObject({ object: 'list' })
    expect(await list('anthropic/v1/models')).toMatchObject({ has_more: false })
    expect(await list('google/v1beta/models')).toMatchObject({ models: expect.any(Array) })
    expect(seen).toEqual([])
  })

  it('for a model nobody offers are left to Amp, whole', async () => {
    await start({ api_key: 'amp-of-config' })
    const body = JSON.stringify({ model: 'amp-only', max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] })
    for (const ask of [call, callRoot]) {
      const response = await ask('/api/provider/anthropic/v1/messages', { method: 'POST', body })
      expect(await response.text()).toBe('amp')
      expect(last()?.url).toBe('/api/provider/anthropic/v1/messages')
      expect(last()?.headers.authorization).toBe('Bearer amp-of-config')
      expect(await seen.at(-1)?.text).toBe(body)
    }
  })

  it('are recorded as Amp answered them', async () => {
    const ends: Partial<RequestInfo>[] = []
    await start({}, { hooks: { response: ({ info }) => void ends.push(info) } })
    for (const status of [200, 500]) {
      answer = (_request, response) => response.writeHead(status).end()
      const body = JSON.stringify({ model: 'amp-only', messages: [] })
      await (await call('/api/provider/openai/v1/chat/completions', { method: 'POST', body })).text()
    }
    await expect.poll(() => ends).toHaveLength(2)
    expect(ends).toMatchObject([
      { provider: 'amp', status: 200, outcome: 'ok' },
      { provider: 'amp', status: 500, outcome: 'error' },
    ])
  })

  it('that fail at a provider do not go to Amp', async () => {
    await start()
    everyone.fakes.claude.fail({ kind: 'invalid_request' })
    const body = JSON.stringify({
      model: 'claude-sonnet-4-5',
      max_tokens: 1,
      messages: [{ role: 'user', content: 'Hi' }],
    })
    const response = await call('/api/provider/anthropic/v1/messages', { method: 'POST', body })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ type: 'error' })
    expect(seen).toEqual([])
  })
})

describe('a key with bounds', () => {
  const CHAT = '/api/provider/openai/v1/chat/completions'
  const body = JSON.stringify({ model: 'amp-only', messages: [] })
  const ours = { api_key: 'amp-of-config' }
  const bounded = (budget: object, more: object = {}) => ({ server: { keys: [{ key: 'byok-key', budget }], ...more } })
  const headers = { authorization: 'Bearer byok-key', 'x-amp-client-type': 'cli' }
  const codeOf = async (response: Response) => ((await response.json()) as { error: { code: string } }).error.code

  it.each([
    ['chats', CHAT],
    ['all else', '/api/internal'],
  ])("of requests has them counted where byok's key for Amp signs: %s", async (_, path) => {
    await start(ours, bounded({ requests_per_day: 2 }))
    for (const status of [200, 200, 429]) {
      expect((await callRoot(path, { method: 'POST', body, headers })).status).toBe(status)
    }
    const refused = await callRoot(path, { method: 'POST', body, headers })
    expect(await codeOf(refused)).toBe('budget_exceeded')
    expect(seen).toHaveLength(2)
  })

  it("of tokens, which Amp does not tell, is not for what byok's key for Amp signs", async () => {
    await start(ours, bounded({ tokens_per_day: 1000 }))
    for (const path of [CHAT, '/api/internal']) {
      const refused = await callRoot(path, { method: 'POST', body, headers })
      expect([refused.status, await codeOf(refused)]).toEqual([403, 'amp_not_allowed'])
    }
    expect(seen).toEqual([])
  })

  it('pays for its own with a key for Amp of its own', async () => {
    await start({}, bounded({ requests_per_day: 1, tokens_per_day: 1 }))
    const signed = { ...headers, authorization: 'Bearer amp-key-of-client', 'x-api-key': 'byok-key' }
    for (let again = 0; again < 3; again++) {
      expect((await callRoot('/api/internal', { method: 'POST', body, headers: signed })).status).toBe(200)
    }
  })

  it('has no more under way than it may', async () => {
    await start(ours, bounded({}, { max_streams: 1 }))
    const held: ServerResponse[] = []
    answer = (_request, response) => {
      held.push(response)
      response.write('one')
    }
    const first = await callRoot('/api/user', { headers })
    expect(await codeOf(await callRoot('/api/user', { headers }))).toBe('too_many_streams')
    held[0]?.end()
    expect(await first.text()).toBe('one')
    const second = await callRoot('/api/user', { headers })
    expect(second.status).toBe(200)
    await second.body?.cancel()
    await expect.poll(async () => (await callRoot('/api/user', { headers })).status).toBe(200)
  })
})

describe('threads that run at Amp', () => {
  const PATH = '/actors/gateway/threadActor/websocket/?rvt-key=T-1'

  /** Amp's WebSockets: each says back what it hears. */
  function serveSockets() {
    const sockets = new WebSocketServer({ server: amp, handleProtocols: (offered) => [...offered][0] ?? false })
    const handshakes: IncomingMessage[] = []
    sockets.on('connection', (socket, request) => {
      handshakes.push(request)
      socket.on('message', (data: Buffer, binary) => socket.send(data, { binary }))
    })
    return { sockets, handshakes }
  }
  const dial = (path = PATH) => {
    const socket = new WebSocket(`${everyone.url.replace('http', 'ws')}${path}`, ['rivet', 'rivet_encoding.bare'], {
      headers: { cookie: 'of=another-port', 'x-client': 'amp' },
    })
    onTestFinished(() => socket.terminate())
    return socket
  }

  it('are followed by its WebSocket, as it comes', async () => {
    await start()
    const { handshakes } = serveSockets()
    const socket = dial()
    await once(socket, 'open')
    expect(socket.protocol).toBe('rivet')
    const big = Buffer.alloc(300_000, 7)
    for (const sent of ['hi', big]) {
      socket.send(sent)
      const [heard, binary] = (await once(socket, 'message')) as [Buffer, boolean]
      expect(heard.equals(Buffer.from(sent))).toBe(true)
      expect(binary).toBe(typeof sent !== 'string')
    }
    expect(handshakes[0]?.url).toBe(PATH)
    expect(handshakes[0]?.headers).toMatchObject({ 'x-client': 'amp', host: new URL(ampUrl).host })
    expect(handshakes[0]?.headers.cookie).toBeUndefined()
  })

  it('end at both sides, whichever ends', async () => {
    await start()
    const { sockets } = serveSockets()
    const first = dial()
    await once(first, 'open')
    const [server] = sockets.clients
    if (!server) throw new Error('nobody came')
    const closed = once(server, 'close')
    first.close(4001, 'enough')
    expect(String((await closed)[0])).toBe('4001')
    const second = dial()
    await once(second, 'open')
    const ended = once(second, 'close')
    for (const one of sockets.clients) one.terminate()
    expect((await ended)[0]).toBe(1006)
    const third = dial()
    await once(third, 'open')
    const cut = once(third, 'close')
    await everyone.close()
    expect((await cut)[0]).toBe(1006)
  })

  it('are refused where Amp takes none', async () => {
    await start()
    const socket = dial()
    socket.on('error', () => {})
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(response.statusCode).toBe(502)
  })
})
