import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { Agent, Dispatcher } from 'undici'
import { expect, it, onTestFinished } from 'vitest'
import { Abort } from '../../../src/core/abort.ts'
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
