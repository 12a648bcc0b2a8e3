import { getEventListeners } from 'node:events'
import { expect, it, vi } from 'vitest'
import { Abort, signalOf, whenAborted } from '../../../src/core/async/abort.ts'
import { LinkedAbort } from '../../../src/core/exchange/linked-abort.ts'
import { Closing, ShuttingDown } from '../../../src/core/exchange/shutting-down.ts'

it('aborts once, and tells the first reason to all, its signal too', () => {
  const abort = new Abort()
  const early = abort.signal
  const told = vi.fn()
  whenAborted(abort, told)
  abort.abort('first')
  abort.abort('second')
  expect(told).toHaveBeenCalledTimes(1)
  expect(abort).toMatchObject({ aborted: true, reason: 'first' })
  expect(early).toMatchObject({ aborted: true, reason: 'first' })
  expect(abort.signal).toBe(early)
})

it('gives a signal that is aborted already to who asks after', () => {
  const abort = new Abort()
  abort.abort()
  expect(signalOf(abort)).toMatchObject({ aborted: true, reason: abort.reason })
  expect(abort.reason).toMatchObject({ name: 'AbortError' })
})

it.each([
  ['an Abort', () => new Abort()],
  ['an AbortController', () => new AbortController()],
])('follows %s until it is unlinked, and never the other way', (_, make) => {
  const followed = make()
  const stop = followed instanceof Abort ? followed : followed.signal
  const link = () => new LinkedAbort(stop, new Closing())
  const [linked, unlinked, own] = [link(), link(), link()]
  unlinked.unlink()
  own.abort('own')
  expect(stop.aborted).toBe(false)
  followed.abort('gone')
  expect(linked.reason).toBe('gone')
  expect(unlinked.aborted).toBe(false)
  expect(own.reason).toBe('own')
  expect(link().reason).toBe('gone')
})

it('follows a signal of many requests by one listener, for Node warns of eleven', () => {
  const controller = new AbortController()
  const { signal } = controller
  const listeners = () => getEventListeners(signal, 'abort').length
  const told = vi.fn()
  const follow = () => Array.from({ length: 12 }, () => whenAborted(signal, () => told()))
  for (const unlink of follow()) unlink()
  expect(listeners()).toBe(0)
  const [unlink] = follow()
  expect(listeners()).toBe(1)
  unlink?.()
  unlink?.()
  controller.abort()
  expect(told).toHaveBeenCalledTimes(11)
})

it("follows byok's end as it does the client's", () => {
  const closing = new Closing()
  const [linked, unlinked] = [new LinkedAbort(new Abort(), closing), new LinkedAbort(new Abort(), closing)]
  unlinked.unlink()
  closing.end()
  expect([linked.reason, unlinked.aborted]).toEqual([closing.reason, false])
  expect(new LinkedAbort(new Abort(), closing).reason).toBeInstanceOf(ShuttingDown)
})
