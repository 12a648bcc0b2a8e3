import type { Storage } from 'unstorage'
import { Lru } from '../lru.ts'

/** Conversations that a process remembers: the oldest go first. */
const MOST_CONVERSATIONS = 10_000
/** Seconds for which a shared memory keeps one. No provider's prompt cache lasts longer. */
const TTL = 86_400

/**
 * Where each conversation is at home: which account served it. May be lost at any time: a turn then goes to any account.
 */
export class Conversations {
  readonly #shared: Storage | undefined
  readonly #known = new Lru<string, string>(MOST_CONVERSATIONS)

  /** @param shared the memory of all processes that serve as one; `undefined` where this is the only one */
  constructor(shared?: Storage) {
    this.#shared = shared
  }

  /** Where it is at home. */
  async get(key: string): Promise<string | undefined> {
    if (!this.#shared) return this.#known.get(key)
    const home = await this.#shared.getItem(nameOf(key)).catch(() => undefined)
    if (typeof home !== 'string') {
      this.#known.delete(key)
      return undefined
    }
    this.#known.set(key, home)
    return home
  }

  /** Nothing waits for it. */
  set(key: string, home: string): void {
    if (this.#shared && this.#known.get(key) !== home) {
      void this.#shared.setItem(nameOf(key), JSON.stringify(home), { ttl: TTL }).catch(() => {})
    }
    this.#known.set(key, home)
  }
}

/** Models, which clients name, are in the key; names of items are plain. */
function nameOf(key: string): string {
  return `conversation:${Buffer.from(key.slice(0, 300)).toString('hex')}`
}
