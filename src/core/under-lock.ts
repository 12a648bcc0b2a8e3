import { open, rm, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { codeOf } from './fault.ts'

/** A lock older than this is one whose holder died. */
const STALE_MS = 10_000

/** Works while no other process does so under the same lock, a file of that path. */
export async function underLock(lock: string, work: () => Promise<void>): Promise<void> {
  const end = Date.now() + 2 * STALE_MS
  for (;;) {
    try {
      await (await open(lock, 'wx', 0o600)).close()
      break
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || Date.now() > end) throw error
      const made = await stat(lock).catch(() => undefined)
      if (made && Date.now() - made.mtimeMs > STALE_MS) await rm(lock, { force: true })
      else await delay(20)
    }
  }
  try {
    await work()
  } finally {
    await rm(lock, { force: true })
  }
}
