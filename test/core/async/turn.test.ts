import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { oncePerTurn } from '../../../src/core/async/turn.ts'

it('looks once in a turn of the event loop, and anew in the next', async () => {
  const look = vi.fn<() => number>().mockReturnValueOnce(1).mockReturnValueOnce(2)
  const found = oncePerTurn(look)
  expect(look).not.toHaveBeenCalled()
  expect([found(), found()]).toEqual([1, 1])
  await Promise.resolve()
  expect(found()).toBe(1)
  await nextTurn()
  expect([found(), found()]).toEqual([2, 2])
  expect(look).toHaveBeenCalledTimes(2)
})
