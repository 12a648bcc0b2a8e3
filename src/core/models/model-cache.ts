import type { Storage } from 'unstorage'
import { z } from 'zod'
import type { ModelInfo } from '../plugin/plugin.ts'

/** A list as it was got. */
export interface CachedModels {
  /** Whose list it is: a list of another account or endpoint does not count. */
  source: string
  /** Unix milliseconds. */
  fetchedAt: number
  models: ModelInfo[]
}

const capabilitiesSchema = z.object({
  vision: z.boolean().optional(),
  tools: z.boolean().optional(),
  reasoning: z.boolean().optional(),
})

const modelsSchema: z.ZodType<ModelInfo[]> = z.array(
  z.object({
    id: z.string().min(1),
    aliases: z.array(z.string()).optional(),
    contextWindow: z.number().optional(),
    maxOutputTokens: z.number().optional(),
    created: z.number().optional(),
    shutdownDate: z.string().optional(),
    replacement: z.string().optional(),
    capabilities: capabilitiesSchema.optional(),
    endpoints: z.array(z.string()).optional(),
    credential: z.enum(['api_key', 'oauth']).optional(),
  }),
)

const cachedSchema: z.ZodType<CachedModels> = z.object({
  source: z.string(),
  fetchedAt: z.number(),
  models: modelsSchema,
})

/** What keeps something from being a list of models, in words; `undefined` where it is one. */
export function faultOfModels(list: unknown): string | undefined {
  const [issue] = modelsSchema.safeParse(list).error?.issues ?? []
  return issue && [...issue.path.map(String), issue.message].join(': ')
}

/** The lists of models over restarts. May be lost at any time, so no fault of the storage is an error. */
export class ModelCache {
  readonly #storage: Storage

  constructor(storage: Storage) {
    this.#storage = storage
  }

  async get(provider: string): Promise<CachedModels | undefined> {
    try {
      const parsed = cachedSchema.safeParse(await this.#storage.getItem(key(provider)))
      return parsed.success ? parsed.data : undefined
    } catch {
      return undefined
    }
  }

  /** @returns whether it was kept. */
  async set(provider: string, entry: CachedModels): Promise<boolean> {
    try {
      await this.#storage.setItem(key(provider), JSON.stringify(entry))
      return true
    } catch {
      return false
    }
  }
}

function key(provider: string): string {
  return `models:${provider}.json`
}
