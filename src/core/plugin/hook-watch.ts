import type { HookCallback } from 'hookable'
import { ChatError } from '../chat/index.ts'
import { HookError, looksOn } from '../hooks.ts'
import type { ByokHooks, Hooks } from '../hooks.ts'
import { faultOf } from '../log/fault.ts'
import { isObject } from '../json/json.ts'
import { silentLogger } from '../log/log.ts'
import type { Logger } from '../log/log.ts'
import { isPromise, LATE, within } from '../async/waiting.ts'
import { checkedChat, checkEvent } from './hook-check.ts'

/** What the handlers of one owner for one hook took so far. */
export interface HookTimes {
  /** Whose they are, such as `plugin "redact"`. */
  owner: string
  hook: keyof ByokHooks
  calls: number
  failures: number
  /** Milliseconds, all calls together. */
  total: number
  /** Milliseconds. */
  longest: number
}

/** Milliseconds that a handler may take; a request does not wait for one that hangs. */
const LONGEST = 30_000
/** Milliseconds after which a handler is named in the log. */
const SLOW = 1000

/** Adds handlers so that each is known by its owner and timed, and none can take the server down. */
export class HookWatch {
  /** Set as soon as there is one. */
  logger: Logger = silentLogger
  readonly #times = new Map<string, HookTimes>()

  get times(): HookTimes[] {
    return [...this.#times.values()].map((times) => ({ ...times }))
  }

  add(hooks: Hooks, handlers: Partial<ByokHooks>, owner: string): void {
    for (const [key, handler] of Object.entries(handlers)) {
      const name = key as keyof ByokHooks
      hooks.hook(name, this.watched(name, handler, owner))
    }
  }

  /** A handler in the place of one, for whoever adds it by himself. */
  watched(name: keyof ByokHooks, handler: HookCallback, owner: string): HookCallback {
    if (name === 'event') return this.#synchronous(owner, name, handler)
    return this.#asynchronous(owner, name, name === 'chat' ? checkedChat(handler, owner) : handler)
  }

  #asynchronous(owner: string, name: keyof ByokHooks, handler: HookCallback) {
    const done = (start: number, failed = false) => this.#note(owner, name, performance.now() - start, failed)
    const fail = (start: number, error: unknown, args: readonly unknown[]) => {
      done(start, true)
      if (!looksOn(name)) throw failureOf(error, owner, name)
      this.#report(error, owner, name, args)
    }
    const waitFor = async (start: number, work: PromiseLike<unknown>, args: readonly unknown[]): Promise<void> => {
      try {
        await inTime(work)
        done(start)
      } catch (error) {
        fail(start, error, args)
      }
    }
    // Most handlers have nothing to wait for, and then nobody is to wait for them.
    return (...args: unknown[]): Promise<void> | undefined => {
      const start = performance.now()
      try {
        const result: unknown = handler(...args)
        if (isPromise(result)) return waitFor(start, result, args)
        done(start)
      } catch (error) {
        fail(start, error, args)
      }
      return undefined
    }
  }

  #synchronous(owner: string, name: keyof ByokHooks, handler: HookCallback) {
    return (...args: unknown[]): void => {
      const start = performance.now()
      let failed = false
      try {
        const result: unknown = handler(...args)
        // It is not waited for; left alone, its failure would end the process.
        if (isPromise(result)) result.then(undefined, (error: unknown) => this.#report(error, owner, name, args))
        checkEvent(owner, args)
      } catch (error) {
        failed = true
        throw failureOf(error, owner, name)
      } finally {
        this.#note(owner, name, performance.now() - start, failed)
      }
    }
  }

  #note(owner: string, hook: keyof ByokHooks, took: number, failed: boolean): void {
    const key = `${hook} ${owner}`
    let times = this.#times.get(key)
    if (!times) {
      times = { owner, hook, calls: 0, failures: 0, total: 0, longest: 0 }
      this.#times.set(key, times)
    }
    times.calls++
    if (failed) times.failures++
    times.total += took
    times.longest = Math.max(times.longest, took)
    if (took > SLOW) this.logger.warn('a hook is slow', { hook, owner, ms: Math.round(took) })
  }

  #report(error: unknown, owner: string, hook: keyof ByokHooks, [context]: readonly unknown[]): void {
    const { id } = isObject(context) && isObject(context['info']) ? context['info'] : {}
    this.logger.error('a hook failed', { ...(typeof id === 'string' && { id }), hook, owner, fault: faultOf(error) })
  }
}

/** What a handler threw on purpose is for the client; anything else is its fault. */
function failureOf(error: unknown, owner: string, name: keyof ByokHooks): ChatError {
  return error instanceof ChatError ? error : new HookError(name, owner, error)
}

async function inTime(work: PromiseLike<unknown>): Promise<void> {
  if ((await within(work, LONGEST)) === LATE) throw new Error(`it took longer than ${LONGEST / 1000} s`)
}
