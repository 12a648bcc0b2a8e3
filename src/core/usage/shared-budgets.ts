import { randomUUID } from 'node:crypto'
import type { Storage } from 'unstorage'
import { z } from 'zod'
import type { Budgets, ClientUsage } from './budgets.ts'
import { dayOf } from './day.ts'

export interface SharedBudgetsOptions {
  budgets: Budgets
  /** What all processes reach. */
  storage: Storage
  /** Whether there are clients to count at all. */
  needed: () => boolean
  /** What was used on a day before anybody shared it. */
  before: (day: string) => Promise<ClientUsage[]>
  now?: () => number
}

const SYNC_MS = 2000
/** Seconds; a day is told from the next by its name. */
const TTL = 2 * 86_400
/** Who stands for what was used before. */
const BEFORE = 'before'

const indexSchema = z.array(z.string())
const usageSchema: z.ZodType<ClientUsage[]> = z.array(
  z.object({ client: z.string(), requests: z.number(), tokens: z.number() }),
)

/**
 * Tells budgets what clients used at other processes. Each writes an item of its own, so that nobody overwrites another's, and
 * what one counted that has died still counts. May be lost at any time, so no fault of the storage is an error.
 */
export class SharedBudgets {
  readonly #options: SharedBudgetsOptions
  readonly #id = randomUUID()
  /** What each process said last. */
  #others = new Map<string, ClientUsage[]>()
  #written = ''
  #day = ''
  #syncing: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: SharedBudgetsOptions) {
    this.#options = options
  }

  /** Exchanges counts now, and every two seconds from now on. */
  async start(): Promise<void> {
    await this.sync()
    this.#timer ??= setInterval(() => void this.sync(), SYNC_MS).unref()
  }

  /** Exchanges counts; never rejects. */
  async sync(): Promise<void> {
    if (!this.#options.needed()) return
    this.#syncing ??= this.#sync()
      .catch(() => {})
      .finally(() => (this.#syncing = undefined))
    await this.#syncing
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#syncing
    await this.sync()
  }

  async #sync(): Promise<void> {
    const { budgets, storage, now = Date.now } = this.#options
    const day = dayOf(now())
    if (day !== this.#day) await this.#begin(day)
    const own = JSON.stringify(budgets.own(day))
    if (own !== this.#written) {
      await storage.setItem(nameOf(day, this.#id), own, { ttl: TTL })
      this.#written = own
    }
    const ids = indexSchema.safeParse(await storage.getItem(nameOf(day, 'index')))
    const index = ids.success ? ids.data : [BEFORE]
    // Two that write at once lose one of them, which finds itself missing the next time.
    if (!index.includes(this.#id)) {
      await storage.setItem(nameOf(day, 'index'), JSON.stringify([...index, this.#id]), { ttl: TTL })
    }
    const others = index.filter((id) => id !== this.#id)
    for (const { key, value } of await storage.getItems(others.map((id) => nameOf(day, id)))) {
      const usage = usageSchema.safeParse(value)
      // One that is just being written reads as broken.
      if (usage.success) this.#others.set(key, usage.data)
    }
    budgets.setOthers(day, [...this.#others.values()].flat())
  }

  async #begin(day: string): Promise<void> {
    const { storage, before } = this.#options
    if ((await storage.getItem(nameOf(day, 'index'))) === null) {
      await storage.setItem(nameOf(day, BEFORE), JSON.stringify(await before(day)), { ttl: TTL })
      await storage.setItem(nameOf(day, 'index'), JSON.stringify([BEFORE]), { ttl: TTL })
    }
    if (this.#day !== '') await storage.removeItem(nameOf(this.#day, this.#id)).catch(() => {})
    this.#day = day
    this.#written = ''
    this.#others = new Map()
  }
}

function nameOf(day: string, id: string): string {
  return `budgets:${day}:${id}`
}
