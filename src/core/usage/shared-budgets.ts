import { randomUUID } from 'node:crypto'
import type { Storage } from 'unstorage'
import { z } from 'zod'
import type { Budgets, ClientUsage } from './budgets.ts'
import { dayBefore, dayOf } from './day.ts'

export interface SharedBudgetsOptions {
  budgets: Budgets
  /** What outlasts this process, and others may reach. */
  storage: Storage
  /** Whether there are clients to count at all. */
  needed: () => boolean
  /** What was used on a day, for where the storage knows nothing of it. */
  before: (day: string) => Promise<ClientUsage[]>
  now?: () => number
}

const SYNC_MS = 2000
/** Seconds; a day is told from the next by its name. */
const TTL = 2 * 86_400
const NOTHING = JSON.stringify([])
/** Who stands for what was used before. */
const BEFORE = 'before'

const indexSchema = z.array(z.string())
const usageSchema: z.ZodType<ClientUsage[]> = z.array(
  z.object({ client: z.string(), requests: z.number(), tokens: z.number() }),
)

/**
 * Tells budgets what clients used at other processes, and at those before a restart, whether or not usage is recorded. Each writes an item of its own, so that nobody overwrites another's, and
 * what one counted that has died still counts. May be lost at any time, so no fault of the storage is an error.
 */
export class SharedBudgets {
  readonly #options: SharedBudgetsOptions
  readonly #id = randomUUID()
  /** What each process said last. */
  #others = new Map<string, ClientUsage[]>()
  #written = NOTHING
  #day = ''
  #before: Promise<ClientUsage[]> | undefined
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
    if (own !== this.#written) await storage.setItem(nameOf(day, this.#id), own, { ttl: TTL })
    this.#written = own
    const ids = indexSchema.safeParse(await storage.getItem(nameOf(day, 'index')))
    const index = ids.success ? ids.data : [BEFORE]
    // Two that write at once lose one of them, which finds itself missing the next time.
    if (own !== NOTHING && !index.includes(this.#id)) {
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
    const { budgets, storage, before } = this.#options
    // Only at the start is none of it what this process counts itself.
    this.#before ??= before(day)
    const used = this.#day === '' ? await this.#before : []
    this.#day = day
    this.#written = NOTHING
    // Until the storage says more, which it may never do.
    this.#others = new Map([[nameOf(day, BEFORE), used]])
    budgets.setOthers(day, used)
    if ((await storage.getItem(nameOf(day, 'index'))) === null) {
      await storage.setItem(nameOf(day, BEFORE), JSON.stringify(used), { ttl: TTL })
      await storage.setItem(nameOf(day, 'index'), JSON.stringify([BEFORE]), { ttl: TTL })
    }
    await this.#tidyUp(day)
  }

  /** Files and tables know no end of their own. Yesterday may be today where another process is. */
  async #tidyUp(day: string): Promise<void> {
    const yesterday = dayBefore(day)
    for (const name of await this.#options.storage.getKeys('budgets')) {
      const of = /^budgets:(\d{4}-\d\d-\d\d)\./.exec(name)?.[1]
      if (of !== undefined && of < yesterday) await this.#options.storage.removeItem(name)
    }
  }
}

function nameOf(day: string, id: string): string {
  return `budgets:${day}.${id}`
}
