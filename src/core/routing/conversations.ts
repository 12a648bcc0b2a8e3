import type { Storage } from 'unstorage'
import { Lru } from './lru.ts'

/** Conversations that a process remembers: the oldest go first. */
const MOST_CONVERSATIONS = 10_000
/** Seconds for which a shared memory keeps one. No provider's prompt cache lasts longer. */
const TTL = 86_400

/**
 * Which account served a conversation. May be lost at any time: a turn then goes to any account.
 */
export class Conversations {
  readonly #shared: Storage | undefined
  readonly #known = new Lru<string, string>(MOST_CONVERSATIONS)

  /** @param shared the memory of all processes that serve as one; `undefined` where this is the only one */
  constructor(shared?: Storage) {
    this.#shared = shared
  }

  /** The account's id. */
  async get(key: string): Promise<string | undefined> {
    if (!this.#shared) return this.#known.get(key)
    const id = await this.#shared.getItem(nameOf(key)).catch(() => undefined)
    if (typeof id !== 'string') {
      this.#known.delete(key)
      return undefined
    }
    this.#known.set(key, id)
    return id
  }

  /** Nothing waits for it. */
  set(key: string, id: string): void {
    if (this.#shared && this.#known.get(key) !== id) {
      void this.#shared.setItem(nameOf(key), JSON.stringify(id), { ttl: TTL }).catch(() => {})
    }
    this.#known.set(key, id)
  }
}

/** Models, which clients name, are in the key; names of items are plain. */
function nameOf(key: string): string {
  return `conversation:${Buffer.from(key.slice(0, 300)).toString('hex')}`
}
