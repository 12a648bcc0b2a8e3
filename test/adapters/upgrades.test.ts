import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { connect, Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { ClientOptions } from 'ws'
import { listen } from '../../src/adapters/listen.ts'
import type { ListenOptions } from '../../src/adapters/listen.ts'
import { attach, toNodeHandler, upgradeHandler } from '../../src/adapters/node.ts'
import { createByok, createMemoryTokenStore } from '../../src/index.ts'
import type { Byok, ByokOptions } from '../../src/index.ts'
import { startOpenAIResponses } from '../upstreams/openai-responses.ts'

const model = 'codex/gpt-5.3-codex'
const create = { type: 'response.create', model, input: 'Hi', store: false }

async function make(options: ByokOptions = {}) {
  const fake = await startOpenAIResponses()
  onTestFinished(() => fake.close())
  const byok = await createByok({
    configFiles: false,
    env: {},
    store: createMemoryTokenStore(),
    log: { level: 'silent' },
    providers: { codex: { api_key: 'sk-test', base_url: fake.url } },
    ...options,
  })
  onTestFinished(() => byok.close())
  return { fake, byok }
}

async function up(options: ByokOptions = {}, how: ListenOptions = {}) {
  const { fake, byok } = await make(options)
  const listening = await listen(byok, { port: 0, ...how })
  onTestFinished(() => listening.close(0))
  return { fake, byok, listening, url: `${listening.url.replace('http', 'ws')}/v1/responses` }
}

async function host(listener?: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { server, port: (server.address() as AddressInfo).port }
}

/** What came of a handshake: an open socket, or the HTTP answer. */
async function dial(url: string, options: ClientOptions = {}) {
  const socket = new WebSocket(url, options)
  socket.on('error', () => {})
  onTestFinished(() => socket.terminate())
  return await new Promise<{ socket?: WebSocket; status: number; error?: { code?: string }; id?: unknown }>(
    (resolve, reject) => {
      socket.once('upgrade', ({ headers }) => {
        socket.once('open', () => resolve({ socket, status: 101, id: headers['x-request-id'] }))
      })
      socket.once('unexpected-response', (_, answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => (text += part))
        answer.once('end', () => {
          const { error = {} } = JSON.parse(text) as { error?: { code?: string } }
          resolve({ status: answer.statusCode ?? 0, error })
        })
      })
      socket.once('close', () => reject(new Error('closed')))
    },
  )
}

async function open(url: string, options?: ClientOptions): Promise<WebSocket> {
  const { socket, error } = await dial(url, options)
  if (!socket) throw new Error(`refused: ${JSON.stringify(error)}`)
  return socket
}

/** Frames until one of this type. */
async function until(socket: WebSocket, type: RegExp): Promise<Record<string, unknown>[]> {
  const read: Record<string, unknown>[] = []
  return await new Promise((resolve, reject) => {
    const take = (data: Buffer) => {
      const event = JSON.parse(data.toString()) as Record<string, unknown>
      read.push(event)
      if (!type.test(String(event['type']))) return
      socket.off('message', take)
      resolve(read)
    }
    socket.on('message', take)
    socket.once('close', (code) => reject(new Error(`closed with ${code}`)))
  })
}

const END = /completed|failed|error/

async function answered(socket: WebSocket): Promise<unknown> {
  socket.send(JSON.stringify(create))
  return (await until(socket, END)).at(-1)?.['type']
}

describe('a handshake', () => {
  it('is one request in the log, and its id is told', async () => {
    const ended: unknown[] = []
    const { url } = await up({ hooks: { response: ({ info }) => void ended.push(info) } })
    const { id, status } = await dial(url)
    expect(status).toBe(101)
    expect(ended).toMatchObject([{ id, method: 'GET', path: '/v1/responses', status: 101, outcome: 'ok' }])
  })

  it('has the system look whether its client is still there, for one that is gone may end no connection', async () => {
    const looks = vi.spyOn(Socket.prototype, 'setKeepAlive')
    const { url } = await up()
    await dial(url)
    expect(looks).toHaveBeenCalledWith(true, 30_000)
  })

  it.each<[string, ClientOptions, number, string]>([
    ['a web page of elsewhere', { origin: 'https://evil.example' }, 403, 'origin_not_allowed'],
    ['a page without an origin of its own', { origin: 'null' }, 403, 'origin_not_allowed'],
    ['a name that is not byok’s', { headers: { host: 'evil.example' } }, 403, 'host_not_allowed'],
    ['a client without a key', {}, 401, 'invalid_api_key'],
    ['a client with a wrong key', { headers: { authorization: 'Bearer wrong' } }, 401, 'invalid_api_key'],
  ])('of %s is refused', async (_, options, status, code) => {
    const { url } = await up({ server: { keys: ['right'] } })
    expect(await dial(url, options)).toMatchObject({ status, error: { code } })
  })

  it('of a page on this machine, or of an origin that config names, is taken', async () => {
    const { url } = await up({ server: { allowed_origins: ['https://mine.example'] } })
    for (const origin of ['http://localhost:3000', 'https://mine.example']) {
      expect(await answered(await open(url, { origin }))).toBe('response.completed')
    }
  })

  it.each([
    ['/v1/chat/completions', 426],
    ['/v1/messages', 426],
    ['/v1/responses/resp_1', 404],
    ['/health', 200],
  ])('on %s is answered as a request', async (path, status) => {
    const { listening } = await up()
    expect(await dial(`${listening.url.replace('http', 'ws')}${path}`)).toMatchObject({ status })
  })

  it('that is broken or reset hurts nobody', async () => {
    const { url, listening } = await up()
    const head = 'GET /v1/responses HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
    const broken = connect(listening.port, '127.0.0.1').setEncoding('utf8')
    broken.write(`${head}\r\n`)
    let answer = ''
    for await (const part of broken) answer += String(part)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    for (let time = 0; time < 5; time++) {
      const reset = connect(listening.port, '127.0.0.1')
      await once(reset, 'connect')
      reset.write(`${head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`)
      reset.resetAndDestroy()
    }
    expect(await answered(await open(url))).toBe('response.completed')
  })

  it('for another protocol is passed over, and the request answered', async () => {
    const { listening } = await up()
    const client = connect(listening.port, '127.0.0.1').setEncoding('utf8')
    const body = JSON.stringify({ model, input: 'Hi', store: false })
    client.write(
      `POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    client.write('GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    let answer = ''
    for await (const part of client) answer += String(part)
    // A Node that asks which requests are upgrades reads no further request from a connection that asked for one.
    const askedByNode = 'shouldUpgradeCallback' in createServer()
    expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(askedByNode ? 1 : 2)
    expect(answer).toContain('"object":"response"')
  })
})

describe('keys', () => {
  it('hold for each request, with what they allow, for as long as they are good', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'byok-upgrades-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const configFile = join(folder, 'byok.yaml')
    await writeFile(configFile, 'server: { keys: [{ key: right, label: laptop, models: [codex/gpt-5] }] }')
    const { url, byok, fake } = await up({ configFile })
    const socket = await open(url, { headers: { authorization: 'Bearer right' } })
    const ask = async (body: object) => {
      socket.send(JSON.stringify({ ...create, ...body }))
      return (await until(socket, END)).at(-1)
    }
    expect(await ask({})).toMatchObject({ type: 'error', status: 403 })
    expect(fake.requests).toHaveLength(0)
    expect(await ask({ model: 'codex/gpt-5' })).toMatchObject({ type: 'response.completed' })
    await writeFile(configFile, 'server: { keys: [other] }')
    await byok.reload()
    expect(await ask({ model: 'codex/gpt-5' })).toMatchObject({ status: 401, error: { code: 'invalid_api_key' } })
    expect(fake.requests).toHaveLength(1)
  })

  it('may not have more under way than they are allowed, over all lanes and connections', async () => {
    const { url, fake } = await up({ server: { keys: ['right'], max_streams: 1 } })
    const authorization = 'Bearer right'
    const [one, other] = [
      await open(url, { headers: { authorization } }),
      await open(url, { headers: { authorization } }),
    ]
    let release = () => {}
    fake.say({
      steps: [{ text: 'Hel' }, { wait: new Promise<void>((resolve) => (release = resolve)) }, { text: 'lo' }],
    })
    one.send(JSON.stringify(create))
    await until(one, /delta$/)
    other.send(JSON.stringify(create))
    expect((await until(other, END)).at(-1)).toMatchObject({
      status: 429,
      error: { code: 'too_many_streams' },
      headers: { 'retry-after': '1' },
    })
    const rest = until(one, END)
    release()
    expect((await rest).at(-1)).toMatchObject({ type: 'response.completed' })
    expect(await answered(other)).toBe('response.completed')
  })
})

describe('a client that reads slowly', () => {
  it('slows the provider, and loses nothing', async () => {
    const { url, fake } = await up()
    const pad = 'x'.repeat(64 * 1024)
    const pieces = 700
    let written = 0
    const piece = {
      get raw() {
        written++
        return `event: response.note\ndata: {"type":"response.note","pad":"${pad}"}\n\n`
      },
    }
    fake.say({ steps: [{ text: 'a' }, ...Array.from({ length: pieces }, () => piece), { text: 'b' }] })
    const socket = await open(url)
    socket.send(JSON.stringify(create))
    await until(socket, /delta$/)
    socket.pause()
    // Until the provider has written nothing for so many turns.
    for (let still = 0, seen = -1; still < 2000;) {
      await new Promise((resolve) => setImmediate(resolve))
      still = seen === written ? still + 1 : 0
      seen = written
    }
    expect(written).toBeLessThan(pieces)
    const rest = until(socket, END)
    socket.resume()
    expect((await rest).filter(({ type }) => type === 'response.note').length).toBeGreaterThanOrEqual(pieces - 1)
    expect(written).toBe(pieces)
  })

  it('is cut where it reads none of what it is refused with', async () => {
    const { url } = await up()
    const socket = await open(url)
    socket.pause()
    const refusing = JSON.stringify({ type: 'response.steer', input: 'x'.repeat(1024 * 1024) })
    for (let at = 0; at < 20; at++) socket.send(refusing)
    const [code] = (await once(socket, 'close')) as [number]
    expect(code).toBe(1006)
  })
})

describe('a server that closes', () => {
  it('lets what is under way end, begins nothing, and tells its clients', async () => {
    const { url, fake, listening } = await up()
    const [busy, idle] = [await open(url), await open(url)]
    let release = () => {}
    fake.say({
      steps: [{ text: 'Hel' }, { wait: new Promise<void>((resolve) => (release = resolve)) }, { text: 'lo' }],
    })
    busy.send(JSON.stringify(create))
    await until(busy, /delta$/)
    const rest: unknown[] = []
    busy.on('message', (data: Buffer) => rest.push((JSON.parse(data.toString()) as { type: unknown }).type))
    busy.send(JSON.stringify(create))
    const gone = [busy, idle].map(async (socket) => ((await once(socket, 'close')) as [number])[0])
    const closed = listening.close(60_000)
    expect(await gone[1]).toBe(1001)
    release()
    expect(await gone[0]).toBe(1001)
    expect(rest.filter((type) => END.test(String(type))).toSorted()).toEqual(['error', 'response.completed'])
    expect(fake.requests).toHaveLength(1)
    await closed
    await expect(open(url)).rejects.toThrow('closed')
  })

  it('takes them over TLS, and closes those too', async () => {
    const { url, listening } = await up({}, { https: true })
    const socket = await open(url, { rejectUnauthorized: false })
    expect(await answered(socket)).toBe('response.completed')
    const gone = once(socket, 'close')
    await listening.close()
    expect([1001, 1006]).toContain((await gone)[0])
  })

  it('cuts what goes on for too long, and stops the provider', async () => {
    const { url, fake, listening } = await up()
    const socket = await open(url)
    fake.say({ steps: [{ text: 'Hel' }, { wait: new Promise(() => {}) }] })
    socket.send(JSON.stringify(create))
    await until(socket, /delta$/)
    const gone = once(socket, 'close')
    await listening.close(0)
    expect((await gone)[0]).toBe(1001)
    expect(await fake.requests[0]?.aborted).toBe(true)
  })
})

describe('attach', () => {
  it('leaves the host its own WebSockets, and takes its own off again', async () => {
    const { byok } = await make()
    const { server, port } = await host((_, response) => response.end('host'))
    const echo = new WebSocketServer({ server, path: '/echo' })
    echo.on('connection', (socket) => socket.on('message', (data: Buffer) => socket.send(`echo ${data.toString()}`)))
    const detach = attach(server, byok, { prefix: '/ai' })
    const own = `ws://127.0.0.1:${port}/ai/v1/responses`
    expect(await answered(await open(own))).toBe('response.completed')
    const theirs = await open(`ws://127.0.0.1:${port}/echo`)
    theirs.send('hi')
    expect(String((await once(theirs, 'message'))[0])).toBe('echo hi')
    detach()
    const refused = new WebSocket(own)
    expect(await once(refused, 'error')).toMatchObject([{ message: expect.stringContaining('400') }])
    theirs.terminate()
  })

  it('leaves other paths as they were where the host has no WebSockets', async () => {
    const { byok } = await make()
    const { server, port } = await host((_, response) => response.end('{"error":{"code":"host"}}'))
    attach(server, byok, { prefix: '/ai' })
    expect(await dial(`ws://127.0.0.1:${port}/other`)).toMatchObject({ status: 200, error: { code: 'host' } })
    expect(server.listenerCount('upgrade')).toBe(1)
  })
})

describe('upgradeHandler', () => {
  const handled = async (byok: Byok, prefix?: string) => {
    const { server, port } = await host(toNodeHandler(byok))
    const handler = upgradeHandler(byok, prefix === undefined ? {} : { prefix })
    server.on('upgrade', (request, socket, head) => {
      if (!handler(request, socket, head)) socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}')
    })
    return { handler, at: (path: string) => `ws://127.0.0.1:${port}${path}` }
  }

  it('takes what is byok’s, and tells of the rest', async () => {
    const { byok } = await make()
    const { at } = await handled(byok)
    expect(await answered(await open(at('/v1/responses')))).toBe('response.completed')
    expect(await dial(at('/other'))).toMatchObject({ status: 404 })
    const below = await handled(byok, '/ai')
    expect(await answered(await open(below.at('/ai/v1/responses')))).toBe('response.completed')
    expect(await dial(below.at('/v1/responses'))).toMatchObject({ status: 404 })
  })

  it('ends them when it is closed, or its byok is', async () => {
    const { byok } = await make()
    for (const close of [(handler: { close(): Promise<void> }) => handler.close(), () => byok.close()]) {
      const { handler, at } = await handled(byok)
      const socket = await open(at('/v1/responses'))
      const gone = once(socket, 'close')
      await close(handler)
      expect((await gone)[0]).toBe(1001)
    }
  })
})
