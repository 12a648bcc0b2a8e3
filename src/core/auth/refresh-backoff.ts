import { isOver } from '../async/waiting.ts'
import type { AuthError } from './error.ts'

const FIRST_MS = 2000
const LONGEST_MS = 5 * 60_000

interface Failure {
  error: AuthError
  times: number
  /** Unix milliseconds. */
  at: number
  waitMs: number
}

/** Which accounts could not be refreshed, and how long they are left alone: twice as long after each failure. */
export class RefreshBackoff {
  readonly #failures = new Map<string, Failure>()

  /** The last failure of an account that is still left alone. */
  holds(key: string): { error: AuthError; waitMs: number } | undefined {
    const failure = this.#failures.get(key)
    if (!failure || isOver(failure.at, failure.waitMs)) return undefined
    return { error: failure.error, waitMs: failure.at + failure.waitMs - Date.now() }
  }

  /** Notes a failure. Returns how long to wait, which is at least what the provider asked for. */
  fail(key: string, error: AuthError): number {
    const times = (this.#failures.get(key)?.times ?? 0) + 1
    const doubled = Math.min(FIRST_MS * 2 ** (times - 1), LONGEST_MS) * (1 - Math.random() / 4)
    const waitMs = Math.max(doubled, (error.retryAfter ?? 0) * 1000)
    this.#failures.set(key, { error, times, at: Date.now(), waitMs })
    return waitMs
  }

  clear(key: string): void {
    this.#failures.delete(key)
  }
}
