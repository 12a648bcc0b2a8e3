import type { Storage } from 'unstorage'

/** Milliseconds between two looks for what was left at another process. */
const LOOK_MS = 400
/** Seconds after which nobody comes for it any more. */
const KEPT_S = 900

/**
 * Where a page leaves the address that a login waits for. Of several workers another one than waits may be asked, and leaves it in the
 * memory they share.
 */
export class Mailbox {
  readonly #shared: Storage | undefined
  readonly #waiting = new Map<string, (text: string | undefined) => void>()

  /** @param shared the memory of all processes, if there is any other */
  constructor(shared?: Storage) {
    this.#shared = shared
  }

  /** From now on other processes know that one waits. */
  async open(id: string): Promise<void> {
    await this.#shared?.setItem(`sign-ins:${id}`, { open: true }, { ttl: KEPT_S }).catch(() => {})
  }

  /** Resolves with the next text that is left there; with `undefined` when `done` is aborted. */
  async next(id: string, done: AbortSignal): Promise<string | undefined> {
    const local = new Promise<string | undefined>((resolve) => {
      this.#waiting.set(id, resolve)
      if (done.aborted) resolve(undefined)
      else done.addEventListener('abort', () => resolve(undefined), { once: true })
    })
    const timer = this.#shared && setInterval(() => void this.#look(id), LOOK_MS).unref()
    try {
      return await local
    } finally {
      clearInterval(timer)
      this.#waiting.delete(id)
      await this.#shared?.removeItem(`sign-ins:${id}`).catch(() => {})
    }
  }

  /** @returns whether somebody waits for it */
  async leave(id: string, text: string): Promise<boolean> {
    const take = this.#waiting.get(id)
    take?.(text)
    if (take || !this.#shared) return take !== undefined
    const key = `sign-ins:${id}`
    if (!(await this.#shared.hasItem(key))) return false
    await this.#shared.setItem(key, { text }, { ttl: KEPT_S })
    return true
  }

  async #look(id: string): Promise<void> {
    // A memory that does not answer this time may the next.
    const found: unknown = await this.#shared?.getItem(`sign-ins:${id}`).catch(() => undefined)
    if (typeof found === 'object' && found !== null && 'text' in found && typeof found.text === 'string') {
      this.#waiting.get(id)?.(found.text)
    }
  }
}
