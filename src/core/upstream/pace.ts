import { performance } from 'node:perf_hooks'

/** How often it is looked, in milliseconds. */
const EVERY = 200
/** What was so long ago tells nothing of now. */
const LONG_AGO = 1000
/** Parts of the time in which the event loop was at work: above the first, pieces wait longer; below the second, less long. */
const BUSY = 0.85
const CALM = 0.5
const STEP = 25
/** Ten times a second, what a model writes still flows before somebody's eyes. */
const LONGEST = 100

export interface PaceClock {
  /** Milliseconds. */
  now(): number
  /** The part of the time since it was asked last in which the event loop was at work, 0 to 1. */
  busy(): number
}

/**
 * How long the short pieces of a stream wait for others to come, as network cards do it with interrupts: a process that keeps up does not
 * hold any, and one that has no more time passes on several as one, which costs as much as passing on one.
 */
export class Pace {
  readonly #clock: PaceClock
  #looked = -Infinity
  #hold = 0

  constructor(clock: PaceClock) {
    this.#clock = clock
  }

  /** Milliseconds; 0 where there is time for each piece. */
  get hold(): number {
    const now = this.#clock.now()
    const since = now - this.#looked
    if (since < EVERY) return this.#hold
    this.#looked = now
    const busy = this.#clock.busy()
    if (since > LONG_AGO) this.#hold = 0
    else if (busy > BUSY) this.#hold = Math.min(LONGEST, this.#hold + STEP)
    else if (busy < CALM) this.#hold = Math.max(0, this.#hold - STEP)
    return this.#hold
  }
}

/** Of this thread's event loop. Bun's and Deno's say that they are never at work. */
export const loopPace = new Pace({ now: () => performance.now(), busy: loopBusy() })

function loopBusy(): () => number {
  let before = performance.eventLoopUtilization()
  return () => {
    const { utilization } = performance.eventLoopUtilization(before)
    before = performance.eventLoopUtilization()
    return utilization
  }
}
