import { rmSync, writeFileSync } from 'node:fs'
import { readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { underLock } from '../../../src/core/async/under-lock.ts'
import { makeDirectory } from '../store/support.ts'

async function start() {
  const folder = await makeDirectory()
  const lock = join(folder, 'list.lock')
  return {
    lock,
    left: () => readdir(folder),
    /** As though its holder had died a minute ago. */
    age: () => utimes(lock, new Date(), new Date(Date.now() - 60_000)),
    /** Work that has begun, and lasts until it is ended. */
    begin: () =>
      new Promise<{ end: () => void; over: Promise<void> }>((begun) => {
        const over = underLock(
          lock,
          () =>
            new Promise<void>((end) =>
              begun({
                end,
                get over() {
                  return over
                },
              }),
            ),
        )
      }),
  }
}

it('works one at a time, also where many find the lock of a holder that died', async () => {
  const { lock, left, age } = await start()
  await writeFile(lock, '')
  await age()
  let running = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++running)
    await nextTurn()
    running--
  }
  await Promise.all(Array.from({ length: 8 }, () => underLock(lock, work)))
  expect([most, await left()]).toEqual([1, []])
})

it('leaves a lock alone that another has put in the place of a stale one meanwhile', async () => {
  const { lock, left, age } = await start()
  await writeFile(lock, '')
  await age()
  const now = Date.now
  let looks = 0
  // The third is how old the lock is that was found.
  vi.spyOn(Date, 'now').mockImplementation(() => {
    if (++looks === 3) {
      rmSync(lock)
      writeFileSync(lock, '')
    }
    return now()
  })
  let begun = false
  const work = underLock(lock, async () => void (begun = true))
  while (!begun && looks < 8) await nextTurn()
  expect(begun).toBe(false)
  rmSync(lock)
  await work
  expect([begun, await left()]).toEqual([true, []])
})

it('lets go of its own lock alone, where it took so long that another has it', async () => {
  const { left, age, begin } = await start()
  const slow = await begin()
  await age()
  const next = await begin()
  slow.end()
  await slow.over
  expect(await left()).toEqual(['list.lock'])
  next.end()
  await next.over
  expect(await left()).toEqual([])
})
