import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { createServer as createSocketServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { Agent, Dispatcher } from 'undici'
import { expect, it, onTestFinished } from 'vitest'
import { Abort } from '../../../src/core/async/abort.ts'
import { Connections } from '../../../src/core/upstream/connections.ts'
import { dispatch } from '../../../src/core/upstream/dispatch.ts'
import { controller } from './controller.ts'

async function ask(listener: RequestListener, signal = new Abort()) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = new Agent()
  onTestFinished(async () => {
    await agent.destroy()
    server.close()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return await dispatch(agent, { origin, path: '/', method: 'GET' }, signal)
}

/** Takes requests, and does nothing about them until told to. */
class Waiting extends Dispatcher {
  handler: Dispatcher.DispatchHandler | undefined

  override dispatch(_: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.handler = handler
    return true
  }
}

const options = { origin: 'http://127.0.0.1', path: '/', method: 'POST' } as const

it('waits for the answer behind the hints that come before it', async () => {
  const response = await ask((_, res) => {
    res.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' }, () => res.end('here'))
  })
  expect(response.status).toBe(200)
  expect(await response.text()).toBe('here')
})

it('does not wait for a connection once it is aborted, and takes none afterwards', async () => {
  const dispatcher = new Waiting()
  const signal = new Abort()
  const answer = dispatch(dispatcher, options, signal)
  signal.abort(new Error('the client left'))
  await expect(answer).rejects.toThrow('the client left')

  const steer = controller()
  dispatcher.handler?.onRequestStart?.(steer, {})
  expect(steer.asked).toEqual(['the client left'])
})

it('asks nothing for what is aborted already', async () => {
  const dispatcher = new Waiting()
  const signal = new Abort()
  signal.abort(new Error('the client left'))
  await expect(dispatch(dispatcher, options, signal)).rejects.toThrow('the client left')
  expect(dispatcher.handler).toBeUndefined()
})

it('lets go of a body that it will not send', async () => {
  const agent = new Agent({ connect: (_, callback) => callback(new Error('no way there'), null) })
  onTestFinished(() => agent.destroy())
  const body = new Readable({ read() {} })
  await expect(dispatch(agent, { ...options, body }, new Abort())).rejects.toThrow('no way there')
  expect(body.destroyed).toBe(true)
})

it('breaks an answer that is aborted while it is read, with the reason', async () => {
  const signal = new Abort()
  let gone: Promise<unknown> | undefined
  const response = await ask((_, res) => {
    gone = once(res, 'close')
    res.write('one')
  }, signal)
  const pieces = response.chunks()[Symbol.asyncIterator]()
  const first = await pieces.next()
  expect(first.done).toBe(false)
  const second = pieces.next()
  signal.abort(new Error('the client left'))
  await expect(second).rejects.toThrow('the client left')
  await gone
})

it('hears no more of a signal once the answer is over', async () => {
  const signal = new Abort()
  const response = await ask((_, res) => res.end('all'), signal)
  expect(await response.text()).toBe('all')
  expect(signal.listenerCount('abort')).toBe(0)
})

/** A server that answers as many requests of each connection as said, and then does what is said; and a client of it. */
async function breaking(answered: number, end: (socket: Socket) => void) {
  let connections = 0
  const server = createSocketServer((socket) => {
    connections++
    let requests = 0
    socket.on('error', () => {})
    socket.on('data', () => {
      if (requests++ < answered) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi')
      else end(socket)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = new Agent({ keepAliveTimeout: 60_000 })
  const counted = new Connections()
  onTestFinished(async () => {
    counted.close()
    await agent.destroy()
    server.close()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    connections: () => connections,
    ask: async (body: string | Readable = '{}') => {
      const response = await dispatch(agent, { origin, path: '/', method: 'POST', body }, new Abort(), counted)
      const text = await response.text()
      // The connection lies idle only after the answer's end.
      await setImmediate()
      return text
    },
  }
}

const ENDS: [string, (socket: Socket) => void][] = [
  ['closed', (socket) => socket.end()],
  ['reset', (socket) => socket.resetAndDestroy()],
]

it.each(ENDS)('sends again at once what met a connection that was %s while it lay idle', async (_, end) => {
  const { ask, connections } = await breaking(1, end)
  expect([await ask(), await ask(), await ask()]).toEqual(['hi', 'hi', 'hi'])
  expect(connections()).toBe(3)
})

it('leaves one such connection after the other, until there is a new one', async () => {
  const { ask, connections } = await breaking(1, (socket) => socket.resetAndDestroy())
  expect(await Promise.all([ask(), ask(), ask()])).toEqual(['hi', 'hi', 'hi'])
  expect(await ask()).toBe('hi')
  expect(connections()).toBe(4)
})

it.each(ENDS)('gives up a new connection that is %s', async (_, end) => {
  const { ask, connections } = await breaking(0, end)
  await expect(ask()).rejects.toThrow()
  expect(connections()).toBe(1)
})

it('sends no body again that was read on the way', async () => {
  const { ask } = await breaking(1, (socket) => socket.resetAndDestroy())
  expect(await ask()).toBe('hi')
  await expect(ask(Readable.from(['{}']))).rejects.toThrow()
})
