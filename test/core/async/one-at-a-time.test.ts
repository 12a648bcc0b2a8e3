import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { oneAtATime } from '../../../src/core/async/one-at-a-time.ts'

it('begins one when the one before is over, whatever became of that', async () => {
  const alone = oneAtATime()
  const told: string[] = []
  const work = (name: string) => async () => {
    told.push(`${name} begins`)
    await nextTurn()
    told.push(`${name} ends`)
    if (name === 'two') throw new Error(name)
    return name
  }
  const outcomes = await Promise.allSettled(['one', 'two', 'three'].map((name) => alone(work(name))))
  expect(told).toEqual(['one begins', 'one ends', 'two begins', 'two ends', 'three begins', 'three ends'])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})
