import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { serve as serveHono } from '@hono/node-server'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import express from 'express'
import fastify from 'fastify'
import { H3 } from 'h3'
import { toNodeHandler as h3ToNode } from 'h3/node'
import { Hono } from 'hono'
import Koa from 'koa'
import 'reflect-metadata'
import { serve as serveWeb } from 'srvx'
import type { Byok } from '../../src/core/byok.ts'
import { fastifyByok } from '../../src/adapters/fastify.ts'
import { hono } from '../../src/adapters/hono.ts'
import { koa } from '../../src/adapters/koa.ts'
import { listen } from '../../src/adapters/listen.ts'
import { middleware } from '../../src/adapters/middleware.ts'
import { attach, toNodeHandler } from '../../src/adapters/node.ts'
import { toWebHandler } from '../../src/adapters/web.ts'

/** A byok in a framework, under `base`. */
export interface Hosted {
  origin: string
  base: string
  close(): Promise<void>
}

export interface Host {
  name: string
  /** What the host itself answers at `/`, where it has a page of its own. */
  own?: string
  start(byok: Byok): Promise<Hosted>
}

const OWN = 'the host'

/** The servers of Hono and Nitro put a `Request` and `Response` of their own in the place of Node's, each knowing only its own. */
const { Request: OwnRequest, Response: OwnResponse } = globalThis
function withGlobals(close: () => Promise<unknown>): () => Promise<void> {
  return async () => {
    await close()
    Object.assign(globalThis, { Request: OwnRequest, Response: OwnResponse })
  }
}

async function listening(server: Server, base: string, more: () => Promise<unknown> = async () => {}): Promise<Hosted> {
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    base,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await more()
    },
  }
}

const served = (listener: RequestListener, base: string) => listening(createServer(listener), base)

@Module({})
class NestModule {}

async function nest(byok: Byok, parsesFirst: boolean): Promise<Hosted> {
  const app = await NestFactory.create<NestExpressApplication>(NestModule, { logger: false, rawBody: true })
  if (parsesFirst) app.useBodyParser('json')
  app.use('/ai', middleware(byok))
  await app.listen(0, '127.0.0.1')
  return await listening(app.getHttpServer(), '/ai', () => app.close())
}

/** As body parsers for Koa do. */
const koaBody: Koa.Middleware = async (context, next) => {
  const chunks: Buffer[] = []
  for await (const chunk of context.req) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  Object.assign(context.request, { body: text === '' ? {} : (JSON.parse(text) as unknown), rawBody: undefined })
  await next()
}

function koaApp(byok: Byok, ...before: Koa.Middleware[]): Promise<Hosted> {
  const app = new Koa()
  // It would print that a client went away.
  app.silent = true
  for (const one of before) app.use(one)
  app.use(async (context, next) => {
    context.set('x-host', 'koa')
    await next()
  })
  app.use(koa(byok, { prefix: '/ai/' }))
  app.use((context) => void (context.body = OWN))
  // oxlint-disable-next-line typescript/no-misused-promises -- Koa's own handler of requests.
  return served(app.callback(), '/ai')
}

async function fastifyApp(byok: Byok): Promise<Hosted> {
  const app = fastify({ bodyLimit: 10 })
  app.addHook('onRequest', async (_request, reply) => void reply.header('x-host', 'fastify'))
  await app.register(fastifyByok, { byok, prefix: '/ai' })
  app.get('/', () => OWN)
  await app.ready()
  await app.listen({ port: 0, host: '127.0.0.1' })
  return await listening(app.server, '/ai', () => app.close())
}

function honoApp(byok: Byok, readsFirst: boolean): Promise<Hosted> {
  const app = new Hono()
  if (readsFirst) {
    app.use('/ai/*', async (context, next) => {
      if (context.req.method === 'POST') await context.req.json()
      await next()
    })
  }
  app.all('/ai/*', hono(byok, { prefix: '/ai' }))
  app.get('/', (context) => context.text(OWN))
  return serveHonoApp(app)
}

function serveHonoApp(app: Hono): Promise<Hosted> {
  return new Promise((resolve) => {
    const server = serveHono({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => {
      const restored = withGlobals(async () => {})
      resolve(listening(server as Server, '/ai', restored))
    })
  })
}

function expressApp(byok: Byok, ...before: express.RequestHandler[]): Promise<Hosted> {
  const app = express()
  if (before.length > 0) app.use(...before)
  app.use('/ai', middleware(byok))
  app.get('/', (_request, response) => void response.send(OWN))
  return served(app as RequestListener, '/ai')
}

/** As the `functions-framework` of Google's Cloud Functions does before each function (its `src/server.ts`). */
function functionsFramework(byok: Byok): Promise<Hosted> {
  const app = express()
  app.use(express.json({ verify: (request, _response, rawBody) => Object.assign(request, { rawBody }) }))
  app.all('/{*path}', toNodeHandler(byok))
  return served(app as RequestListener, '')
}

export const hosts: Host[] = [
  {
    name: 'a port of its own',
    async start(byok) {
      const { port, close } = await listen(byok, { port: 0 })
      return { origin: `http://127.0.0.1:${port}`, base: '', close: () => close(0) }
    },
  },
  { name: 'http.createServer', start: (byok) => served(toNodeHandler(byok), '') },
  { name: 'a cloud function', start: functionsFramework },
  {
    name: 'an http.Server that is there already',
    own: OWN,
    async start(byok) {
      const server = createServer((_request, response) => response.end(OWN))
      attach(server, byok, { prefix: '/ai' })
      return await listening(server, '/ai')
    },
  },
  { name: 'Express 5', own: OWN, start: (byok) => expressApp(byok) },
  { name: 'Express 5 that parsed the body', own: OWN, start: (byok) => expressApp(byok, express.json()) },
  { name: 'Express 5 that read the body as text', start: (byok) => expressApp(byok, express.text({ type: '*/*' })) },
  {
    name: 'the root of Express 5',
    own: OWN,
    start(byok) {
      const app = express()
      app.use(middleware(byok))
      app.get('/', (_request, response) => void response.send(OWN))
      return served(app as RequestListener, '')
    },
  },
  { name: 'Fastify', own: OWN, start: fastifyApp },
  { name: 'Koa', own: OWN, start: (byok) => koaApp(byok) },
  { name: 'Koa that parsed the body', own: OWN, start: (byok) => koaApp(byok, koaBody) },
  { name: 'Hono', own: OWN, start: (byok) => honoApp(byok, false) },
  { name: 'Hono that read the body', own: OWN, start: (byok) => honoApp(byok, true) },
  {
    name: "Hono's mount",
    start: (byok) => serveHonoApp(new Hono().mount('/ai', toWebHandler(byok))),
  },
  { name: 'NestJS', start: (byok) => nest(byok, false) },
  { name: 'NestJS that parsed the body', start: (byok) => nest(byok, true) },
  {
    name: 'h3',
    own: OWN,
    start(byok) {
      const app = new H3().get('/', () => OWN).mount('/ai', byok.app)
      const handler = h3ToNode(app)
      return served((request, response) => void handler(request, response), '/ai')
    },
  },
  {
    name: "Nitro's own server",
    own: OWN,
    async start(byok) {
      const { H3 } = await import('nitro/h3')
      const answer = toWebHandler(byok, { prefix: '/ai' })
      const app = new H3().get('/', () => OWN).all('/ai/**', (event) => answer(event.req))
      app.all('/ai', (event) => answer(event.req))
      // It brings a version of its own.
      const srvx = createRequire(import.meta.resolve('nitro')).resolve('srvx/node')
      const { serve } = (await import(srvx)) as { serve: typeof serveWeb }
      const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', silent: true })
      await server.ready()
      const close = withGlobals(() => server.close(true))
      return { origin: (server.url ?? '').replace(/\/$/, ''), base: '/ai', close }
    },
  },
  {
    name: 'a web server',
    async start(byok) {
      const server = serveWeb({
        fetch: toWebHandler(byok, { prefix: '/ai' }),
        port: 0,
        hostname: '127.0.0.1',
        silent: true,
      })
      await server.ready()
      return { origin: (server.url ?? '').replace(/\/$/, ''), base: '/ai', close: () => server.close(true) }
    },
  },
]
