import { createStorage } from 'unstorage'
import type { Driver, Storage } from 'unstorage'
import fsLiteDriver from 'unstorage/drivers/fs-lite'
import { z } from 'zod'
import type { Circuit } from './circuits.ts'

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
  until: z.number(),
  named: z.boolean(),
  fingerprint: z.string(),
})

const ITEM = 'circuits.json'

/** Who rests, over restarts. May be lost at any time, so no fault of the storage is an error. */
export class CircuitFile {
  readonly #storage: Storage
  #writing: Promise<void> | undefined
  #next: (() => Circuit[]) | undefined

  constructor(storage: Storage) {
    this.#storage = storage
  }

  async read(): Promise<Circuit[]> {
    try {
      const parsed = z.array(circuitSchema).safeParse(await this.#storage.getItem(ITEM))
      return parsed.success ? parsed.data : []
    } catch {
      return []
    }
  }

  /** Writes in the background. While one write is under way, the next takes up all that happened meanwhile. */
  write(circuits: () => Circuit[]): void {
    this.#next = circuits
    this.#writing ??= this.#drain().finally(() => (this.#writing = undefined))
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#writing
  }

  async #drain(): Promise<void> {
    while (this.#next) {
      const circuits = this.#next()
      this.#next = undefined
      await this.#storage.setItem(ITEM, JSON.stringify(circuits)).catch(() => {})
    }
  }
}

/** @param folder such as `~/.byok/cache`; `undefined` keeps it in memory */
export function circuitFile(folder: string | undefined): CircuitFile {
  if (folder === undefined) return new CircuitFile(createStorage())
  // unstorage's types of single drivers do not resolve under NodeNext.
  return new CircuitFile(createStorage({ driver: fsLiteDriver({ base: folder }) as Driver }))
}
