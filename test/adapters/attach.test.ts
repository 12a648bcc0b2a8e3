import { once } from 'node:events'
import { createServer, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { attach } from '../../src/adapters/node.ts'
import { createIsolatedByok } from '../helpers/isolated-byok.ts'

async function serve(server: Server): Promise<(path: string) => Promise<[number, string]>> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return async (path) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`)
    return [answer.status, await answer.text()]
  }
}

async function silent() {
  const byok = await createIsolatedByok({})
  onTestFinished(() => byok.close())
  return byok
}

const APP: [number, string] = [200, 'app']
const MODELS = [200, expect.stringContaining('"object":"list"')]

describe('attach', () => {
  it('answers alone below its path, whenever the host’s listener is added', async () => {
    const server = createServer()
    const get = await serve(server)
    attach(server, await silent(), { prefix: '/ai' })
    expect(await get('/x')).toEqual([404, ''])
    server.on('request', (_request, response) => response.end('app'))
    expect(await get('/ai/v1/models')).toEqual(MODELS)
    expect(await get('/x')).toEqual(APP)
  })

  it('is taken off in any order, and put on again', async () => {
    const byok = await silent()
    const server = createServer((_request, response) => response.end('app'))
    const get = await serve(server)
    const [listener] = server.listeners('request')
    const offA = attach(server, byok, { prefix: '/a' })
    const offB = attach(server, byok, { prefix: '/b' })
    offA()
    expect(await get('/a/v1/models')).toEqual(APP)
    expect(await get('/b/v1/models')).toEqual(MODELS)
    expect(await get('/x')).toEqual(APP)
    const offC = attach(server, byok, { prefix: '/c' })
    offB()
    offB()
    expect(await get('/b/v1/models')).toEqual(APP)
    expect(await get('/c/v1/models')).toEqual(MODELS)
    offC()
    expect(await get('/c/v1/models')).toEqual(APP)
    expect(server.listeners('request')).toEqual([listener])
    expect(server.listenerCount('upgrade')).toBe(0)
    attach(server, byok, { prefix: '/a' })
    expect(await get('/a/v1/models')).toEqual(MODELS)
  })

  it('outlives another that takes over the server’s events after it', async () => {
    const server = createServer((_request, response) => response.end('app'))
    const get = await serve(server)
    const off = attach(server, await silent(), { prefix: '/ai' })
    const seen: unknown[] = []
    const emit = server.emit.bind(server)
    server.emit = (event: string, ...args: unknown[]) => {
      if (event === 'request') seen.push(event)
      return emit(event, ...args)
    }
    expect(await get('/ai/v1/models')).toEqual(MODELS)
    off()
    expect(await get('/ai/v1/models')).toEqual(APP)
    expect(seen).toHaveLength(2)
  })

  it('keeps no request from what looks at those of the server’s class', async () => {
    const seen: unknown[] = []
    class Traced extends Server {
      override emit(event: string, ...args: unknown[]): boolean {
        if (event === 'request') seen.push(event)
        return super.emit(event, ...args)
      }
    }
    const server = new Traced((_request, response) => response.end('app'))
    const get = await serve(server)
    attach(server, await silent(), { prefix: '/ai' })
    expect(await get('/ai/v1/models')).toEqual(MODELS)
    expect(await get('/x')).toEqual(APP)
    expect(seen).toHaveLength(2)
  })
})
