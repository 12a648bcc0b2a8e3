import { open, rm, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { codeOf } from '../log/fault.ts'

/** A lock older than this is one whose holder died. */
const STALE_MS = 10_000

/** Works while no other process does so under the same lock, a file of that path. */
export async function underLock(lock: string, work: () => Promise<void>): Promise<void> {
  const madeAt = await take(lock)
  try {
    await work()
  } finally {
    // Of work that took too long, another has the lock by now.
    if ((await timeOf(lock)) === madeAt) await rm(lock, { force: true })
  }
}

/** @returns {@link timeOf} the lock, which tells it from those of others */
async function take(lock: string): Promise<number | undefined> {
  const end = Date.now() + 2 * STALE_MS
  for (;;) {
    try {
      await (await open(lock, 'wx', 0o600)).close()
      return await timeOf(lock)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || Date.now() > end) throw error
      if (await isStale(lock)) await breakStale(lock)
      else await delay(20)
    }
  }
}

/** Of the many who find a stale lock one takes it away: what the others would take away after is the lock of who came first. */
async function breakStale(lock: string): Promise<void> {
  await underLock(`${lock}.stale`, async () => {
    if (await isStale(lock)) await rm(lock, { force: true })
  })
}

async function isStale(lock: string): Promise<boolean> {
  const madeAt = await timeOf(lock)
  return madeAt !== undefined && Date.now() - madeAt > STALE_MS
}

/** Unix milliseconds at which a lock was made; `undefined` where there is none. */
async function timeOf(lock: string): Promise<number | undefined> {
  return (await stat(lock).catch(() => undefined))?.mtimeMs
}
