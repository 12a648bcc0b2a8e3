import { whenAborted } from './abort.ts'
import type { Stop } from './abort.ts'

/** Whether it is to be waited for. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** The time was up first. */
export const LATE = Symbol('late')

/** What `work` gives, if that is within so many milliseconds; it goes on beyond them. */
export async function within<T>(work: PromiseLike<T>, milliseconds: number): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(resolve, milliseconds, LATE)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * What `work` gives, unless one of the signals is aborted first.
 * @throws the reason of the first that is.
 */
export async function orAborted<T>(work: PromiseLike<T>, stops: readonly Stop[]): Promise<T> {
  const unlinks: (() => void)[] = []
  const aborted = new Promise<never>((_, reject) => {
    for (const stop of stops) {
      const leave = () => reject(stop.reason as Error)
      if (stop.aborted) leave()
      else unlinks.push(whenAborted(stop, leave))
    }
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    for (const unlink of unlinks) unlink()
  }
}

/** A time that is up at some point, and the error that it ends with then. An `AbortSignal` for each would cost more than the timer. */
export class TimeLimit {
  /** Once the time is up. */
  error: Error | undefined
  readonly #timer: NodeJS.Timeout
  #onEnd: ((error: Error) => void) | undefined

  constructor(milliseconds: number, error: () => Error) {
    this.#timer = setTimeout(() => {
      this.error = error()
      this.#onEnd?.(this.error)
    }, milliseconds)
  }

  /** Who is told, in place of whoever was to be told before. */
  onEnd(tell: (error: Error) => void): void {
    this.#onEnd = tell
    if (this.error) tell(this.error)
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#onEnd = undefined
  }
}

/** Resolves after `milliseconds`; rejects with the signal's reason once it is aborted. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error)
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    }
    const timer = setTimeout(() => {
      unlink()
      resolve()
    }, milliseconds)
    const unlink = whenAborted(signal, stop)
  })
}

/**
 * Whether so many milliseconds went by since then, by the clock on the wall. They did where it was set back meanwhile: that of a machine
 * that starts may be hours ahead until the network is there.
 */
export function isOver(since: number, span: number, now = Date.now()): boolean {
  return now < since || now - since >= span
}
