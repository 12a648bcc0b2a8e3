import { expect, it } from 'vitest'
import { UnderWay } from '../../../src/core/async/under-way.ts'

it('has what has begun and is not over, in whatever order it ends', () => {
  const underWay = new UnderWay<string>()
  const ends = new Map([...'abcde'].map((work) => [work, underWay.add(work)]))
  for (const [work, left] of [
    ['b', 'acde'],
    ['e', 'acd'],
    ['e', 'acd'],
    ['a', 'cd'],
    ['b', 'cd'],
    ['d', 'c'],
    ['c', ''],
    ['c', ''],
  ] as const) {
    ends.get(work)?.()
    expect([...underWay].sort().join('')).toBe(left)
  }
})

it('goes through those of now, of which each may end the others', () => {
  const underWay = new UnderWay<number>()
  const ends = [1, 2, 3].map((work) => underWay.add(work))
  const met: number[] = []
  for (const work of underWay) {
    for (const end of ends) end()
    underWay.add(work + 10)
    met.push(work)
  }
  expect(met).toEqual([1, 2, 3])
  expect([...underWay]).toEqual([11, 12, 13])
})
