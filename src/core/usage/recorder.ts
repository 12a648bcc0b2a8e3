import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../config/schema.ts'
import type { Logger } from '../log/log.ts'
import { sqliteCode } from '../store/sqlite-error.ts'
import type { UsageDatabase } from './database.ts'
import type { UsageRecord } from './record.ts'
import { reasonOf } from '../log/fault.ts'

export interface RecorderOptions {
  database: Pick<UsageDatabase, 'add' | 'prune' | 'close'>
  /** The config's `usage` as it is now. */
  settings: () => Config['usage']
  logger: Logger
  now?: () => number
}

/** Milliseconds that records are collected before they are written together. */
const BATCH_MS = 1000
/** A batch holds up every request for as long as it is written, and a larger one costs no less a row. */
const BATCH_ROWS = 100
/** Where the database cannot be written to, so many are kept for a later try; then the oldest go. */
const MOST_WAITING = 10_000
const PRUNE_MS = 3_600_000
/** At the end, so often and after so many milliseconds each. */
const LAST_TRIES = 20
const LAST_WAIT_MS = 100

/** Writes records of usage in batches, beside the requests: nothing waits for it. */
export class UsageRecorder {
  readonly #options: RecorderOptions
  #waiting: UsageRecord[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #prunedAt = -Infinity
  #failed = false
  /** Another process held the database at the last try. */
  #busy = false

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  record(record: UsageRecord): void {
    if (!this.#options.settings().enabled) return
    this.#waiting.push(record)
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift()
    const mayWrite = !this.#failed && !this.#busy && !this.#writing
    if (this.#waiting.length >= BATCH_ROWS && mayWrite) void this.flush()
    else this.#timer ??= setTimeout(() => void this.flush(), BATCH_MS).unref()
  }

  /** Writes what is waiting. Never rejects: what cannot be written is logged, once until it works again. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#writing) await this.#writing
    if (this.#waiting.length === 0) return
    this.#writing = this.#write().finally(() => (this.#writing = undefined))
    await this.#writing
  }

  async close(): Promise<void> {
    await this.flush()
    // Another process may be writing just now.
    for (let again = 0; this.#busy && this.#waiting.length > 0 && again < LAST_TRIES; again++) {
      await delay(LAST_WAIT_MS)
      await this.flush()
    }
    clearTimeout(this.#timer)
    await this.#options.database.close()
  }

  async #write(): Promise<void> {
    const { database, settings, logger, now = Date.now } = this.#options
    let batch = this.#waiting
    this.#waiting = []
    try {
      await database.add(batch)
      // What goes wrong from here on must not have them written twice.
      batch = []
      this.#busy = false
      this.#failed = false
      if (now() - this.#prunedAt < PRUNE_MS) return
      this.#prunedAt = now()
      await database.prune(now() - settings().retention)
    } catch (error) {
      this.#waiting = [...batch, ...this.#waiting].slice(-MOST_WAITING)
      this.#busy = sqliteCode(error) === 'SQLITE_BUSY'
      if (this.#busy) {
        this.#timer ??= setTimeout(() => void this.flush(), BATCH_MS).unref()
        return
      }
      if (!this.#failed) {
        logger.warn('usage cannot be recorded', { fault: reasonOf(error) })
      }
      this.#failed = true
    }
  }
}
