import { setTimeout as delay } from 'node:timers/promises'
import { StoreError } from './errors.ts'
import { sqliteCode } from './sqlite-error.ts'

/** SQLite waits for a lock by blocking the thread, and with it all that the process serves: byok waits by itself, after this long. */
export const LOCK_TIMEOUT_MS = 5

/** For how long another process may hold the database. */
const PATIENCE_MS = 5_000
/** Between two tries, give or take half of it. */
const AGAIN_MS = 20

/** Does `work`, which is to bear being done again, until no other process holds the database. */
export async function whileBusy<T>(work: () => Promise<T>): Promise<T> {
  const end = Date.now() + PATIENCE_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || Date.now() >= end) throw error
      await delay(AGAIN_MS * (0.5 + Math.random()))
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof StoreError ? error.code === 'busy' : sqliteCode(error) === 'SQLITE_BUSY'
}
