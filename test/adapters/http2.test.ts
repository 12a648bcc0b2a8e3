import { connect, createServer } from 'node:http2'
import type { Http2Server } from 'node:http2'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { serve as serveHono } from '@hono/node-server'
import fastify from 'fastify'
import { H3 } from 'h3'
import { toNodeHandler as h3ToNode } from 'h3/node'
import { Hono } from 'hono'
import Koa from 'koa'
import { afterEach, describe, expect, it } from 'vitest'
import { fastifyByok } from '../../src/adapters/fastify.ts'
import { hono } from '../../src/adapters/hono.ts'
import { koa } from '../../src/adapters/koa.ts'
import { middleware } from '../../src/adapters/middleware.ts'
import { toNodeHandler } from '../../src/adapters/node.ts'
import { toWebHandler } from '../../src/adapters/web.ts'
import type { Byok } from '../../src/index.ts'
import { createIsolatedByok } from '../helpers/isolated-byok.ts'

interface Hosted {
  port: number
  close(): Promise<unknown>
}

const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

/** Their types are of HTTP/1, as are those of all frameworks' handlers. */
async function served(listener: RequestListener): Promise<Hosted> {
  const server = createServer(listener as never)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return hosted(server)
}

function hosted(server: Pick<Http2Server, 'address' | 'close'>): Hosted {
  const { port } = server.address() as AddressInfo
  return { port, close: () => new Promise((done) => server.close(done)) }
}

const hosts: Record<string, (byok: Byok) => Promise<Hosted>> = {
  'http2.createServer': (byok) => served(toNodeHandler(byok, { prefix: '/ai' })),
  'a host that read the body': (byok) => {
    const answer = middleware(byok, { prefix: '/ai' })
    return served((request, response) => {
      request.resume().once('end', () => {
        Object.assign(request, { body: {} })
        answer(request, response, () => response.writeHead(404).end())
      })
    })
  },
  Fastify: async (byok) => {
    const app = fastify({ http2: true })
    await app.register(fastifyByok, { byok, prefix: '/ai' })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return { port: (app.server.address() as AddressInfo).port, close: () => app.close() }
  },
  Koa: (byok) => {
    const app = new Koa().use(koa(byok, { prefix: '/ai' }))
    // oxlint-disable-next-line typescript/no-misused-promises -- Koa's own handler of requests.
    return served(app.callback())
  },
  Hono: (byok) => {
    const { fetch } = new Hono().all('/ai/*', hono(byok, { prefix: '/ai' }))
    return new Promise((done) => {
      const options = { fetch, port: 0, hostname: '127.0.0.1', createServer, overrideGlobalObjects: false }
      const server = serveHono(options, () => done(hosted(server as Http2Server)))
    })
  },
  h3: (byok) => {
    const handler = h3ToNode(new H3().mount('/ai', byok.app))
    return served((request, response) => void handler(request, response))
  },
  "h3's requests": (byok) => {
    const answer = toWebHandler(byok, { prefix: '/ai' })
    const handler = h3ToNode(new H3().all('/ai/**', (event) => answer(event.req)))
    return served((request, response) => void handler(request, response))
  },
}

describe.each(Object.entries(hosts))('over HTTP/2 in %s', (_name, start) => {
  it.each(['GET', 'POST'])('answers %s where it goes to this machine, and to no name else', async (method) => {
    const byok = await createIsolatedByok()
    closing.push(() => byok.close())
    const { port, close } = await start(byok)
    closing.push(close)
    const session = connect(`http://127.0.0.1:${port}`)
    closing.push(() => new Promise<void>((done) => session.close(done)))
    const ask = async (authority: string) => {
      const path = method === 'GET' ? '/ai/v1/models' : '/ai/v1/chat/completions'
      const stream = session.request({
        ':method': method,
        ':path': path,
        ':authority': authority,
        'content-type': 'application/json',
      })
      stream.end(method === 'POST' ? '{}' : undefined)
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
      stream.resume()
      await once(stream, 'close')
      return headers[':status']
    }
    expect(await ask('localhost')).toBe(method === 'GET' ? 200 : 400)
    expect(await ask('rebound.example')).toBe(403)
  })
})
