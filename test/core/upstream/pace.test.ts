import { expect, it } from 'vitest'
import { Pace } from '../../../src/core/upstream/pace.ts'

/** A clock that is set by hand. */
function paced() {
  const state = { now: 0, busy: 0, asked: 0 }
  const pace = new Pace({
    now: () => state.now,
    busy: () => {
      state.asked++
      return state.busy
    },
  })
  /** What is told after a fifth of a second of which so much was work. */
  const after = (busy: number, milliseconds = 200): number => {
    state.now += milliseconds
    state.busy = busy
    return pace.hold
  }
  return { after, state, pace }
}

it('holds nothing while there is time', () => {
  const { after } = paced()
  for (const busy of [0, 0.3, 0.8]) expect(after(busy)).toBe(0)
})

it('does not take the work of a start for its load', () => {
  const { after } = paced()
  expect(after(1)).toBe(0)
})

it('holds longer step by step while there is no time, up to a tenth of a second, and less once there is', () => {
  const { after } = paced()
  after(0)
  expect([1, 1, 1, 1, 1, 1].map((busy) => after(busy))).toEqual([25, 50, 75, 100, 100, 100])
  // It is enough.
  expect([0.7, 0.7].map((busy) => after(busy))).toEqual([100, 100])
  expect([0.2, 0.2, 0.2, 0.2, 0.2].map((busy) => after(busy))).toEqual([75, 50, 25, 0, 0])
})

it('looks five times a second, however often it is asked', () => {
  const { after, state } = paced()
  after(0)
  for (let time = 0; time < 1000; time++) after(1, 1)
  expect(state.asked).toBe(6)
})

it('forgets a load of long ago', () => {
  const { after } = paced()
  after(0)
  after(1)
  expect(after(1)).toBe(50)
  expect(after(1, 1001)).toBe(0)
})
