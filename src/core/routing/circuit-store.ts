import { createHash, randomUUID } from 'node:crypto'
import type { Storage } from 'unstorage'
import { z } from 'zod'
import { oneAtATime } from '../async/one-at-a-time.ts'
import { keyOf } from './circuits.ts'
import type { Circuit, CircuitChanges } from './circuits.ts'

const circuitSchema: z.ZodType<Circuit> = z.object({
  provider: z.string(),
  kind: z.enum(['api_key', 'oauth']),
  account: z.string(),
  model: z.string(),
  cause: z.enum(['spent', 'refused', 'fault']),
  status: z.number(),
  code: z.string(),
  failures: z.number().int().positive(),
  openedAt: z.number(),
  // What an older byok kept may be no date at all.
  until: z.number().max(8.64e15),
  named: z.boolean(),
  fingerprint: z.string(),
})

/** A rest that was over for this long is forgotten. */
const STALE_MS = 24 * 3_600_000
/** Between two looks at what other processes found out. */
const LOOK_MS = 1000
/** Changes with every change, so that a look costs one read where nothing has. */
const REVISION = 'circuits:revision'

/**
 * Who rests, over restarts and for every process that shares the storage: an item each, so that nobody overwrites what another
 * found out. May be lost at any time, so no fault of the storage is an error.
 */
export class CircuitStore {
  readonly #storage: Storage
  readonly #shared: boolean
  readonly #now: () => number
  /** What is to be written, by the circuit's key. */
  readonly #waiting = new Map<string, Circuit | undefined>()
  /** Keys of what is in the storage, by the items' names. */
  readonly #kept = new Map<string, string>()
  readonly #alone = oneAtATime()
  #writing = false
  #revision: unknown
  #timer: NodeJS.Timeout | undefined

  /** @param shared whether other processes write there too */
  constructor(storage: Storage, { shared = false, now = Date.now }: { shared?: boolean; now?: () => number } = {}) {
    this.#storage = storage
    this.#shared = shared
    this.#now = now
  }

  /** All there is. */
  async read(): Promise<Circuit[]> {
    return (await this.#inTurn(() => this.#changes()))?.circuits ?? []
  }

  /** What others changed since the last look; `undefined` where nothing has, or nothing can be read. */
  async look(): Promise<CircuitChanges | undefined> {
    return await this.#inTurn(async () => {
      const revision = await this.#storage.getItem(REVISION)
      if (revision === this.#revision) return undefined
      const changes = await this.#changes()
      this.#revision = revision
      return changes
    })
  }

  /** Looks every second, where others write there too. */
  watch(onChanges: (changes: CircuitChanges) => void): void {
    if (!this.#shared || this.#timer) return
    let looking = false
    this.#timer = setInterval(() => {
      if (looking) return
      looking = true
      void this.look()
        .then((changes) => changes && onChanges(changes))
        .finally(() => (looking = false))
    }, LOOK_MS).unref()
  }

  /** Keeps a circuit, or lets go of it, in the background. */
  write(key: string, circuit: Circuit | undefined): void {
    // A circuit may change again before it is written.
    this.#waiting.set(key, circuit && { ...circuit })
    if (this.#writing) return
    this.#writing = true
    void this.#inTurn(() => this.#drain())
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#inTurn(async () => {})
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T | undefined> {
    return await this.#alone(work).catch(() => undefined)
  }

  async #drain(): Promise<void> {
    try {
      for (const [key, circuit] of this.#waiting) {
        this.#waiting.delete(key)
        await this.#put(key, circuit).catch(() => {})
      }
    } finally {
      this.#writing = false
    }
    // After the items: who sees it finds them. One's own is looked at too, for another's may have come between.
    if (this.#shared) await this.#storage.setItem(REVISION, randomUUID())
  }

  async #put(key: string, circuit: Circuit | undefined): Promise<void> {
    const name = nameOf(key)
    if (!circuit) {
      this.#kept.delete(name)
      await this.#storage.removeItem(name)
      return
    }
    const ttl = Math.ceil((circuit.until + STALE_MS - this.#now()) / 1000)
    await this.#storage.setItem(name, JSON.stringify(circuit), { ttl })
    this.#kept.set(name, key)
  }

  /** The circuits there are, without those this process is about to write; and the keys of those that are gone. */
  async #changes(): Promise<CircuitChanges> {
    const names = (await this.#storage.getKeys('circuits')).filter((name) => name !== REVISION)
    const items = await this.#storage.getItems(names)
    const there = new Set(names)
    const gone: string[] = []
    for (const [name, key] of this.#kept) {
      if (there.has(name)) continue
      this.#kept.delete(name)
      if (!this.#waiting.has(key)) gone.push(key)
    }
    const circuits: Circuit[] = []
    for (const { key: name, value } of items) {
      const parsed = circuitSchema.safeParse(value)
      // One that is just being written by another reads as broken.
      if (!parsed.success) continue
      const key = keyOf(parsed.data)
      // An older byok had other names for them.
      if (parsed.data.until <= this.#now() - STALE_MS || name !== nameOf(key)) {
        await this.#storage.removeItem(name)
        continue
      }
      this.#kept.set(name, key)
      if (!this.#waiting.has(key)) circuits.push(parsed.data)
    }
    return { circuits, gone }
  }
}

/** Names come from clients and configs; items have plain ones. */
function nameOf(key: string): string {
  return `circuits:${createHash('sha256').update(key).digest('hex').slice(0, 32)}`
}
