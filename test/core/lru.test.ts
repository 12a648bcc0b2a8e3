import { expect, it } from 'vitest'
import { Lru } from '../../src/core/lru.ts'

it('forgets what was not used for the longest time', () => {
  const lru = new Lru<string, number>(3)
  for (const [at, key] of ['a', 'b', 'c'].entries()) lru.set(key, at)
  expect(['c', 'a', 'a', 'c'].map((key) => lru.get(key))).toEqual([2, 0, 0, 2])
  lru.set('d', 3)
  expect(lru.get('b')).toBeUndefined()
  expect([...lru.values()].sort()).toEqual([0, 2, 3])
  lru.get('a')
  lru.set('e', 4)
  expect(['a', 'c', 'd', 'e'].map((key) => lru.get(key))).toEqual([0, undefined, 3, 4])
})

it('has what is set anew last, though the newest was deleted', () => {
  const lru = new Lru<string, number>(2)
  lru.set('a', 1)
  lru.set('b', 2)
  lru.delete('b')
  lru.set('c', 3)
  expect(lru.get('a')).toBe(1)
  lru.set('b', 4)
  expect([lru.get('a'), lru.get('b'), lru.get('c'), lru.size]).toEqual([1, 4, undefined, 2])
})
