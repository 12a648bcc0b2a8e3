import { createStorage } from 'unstorage'
import type { Driver, Storage } from 'unstorage'
import lruCache from 'unstorage/drivers/lru-cache'
import type { Config } from '../config/schema.ts'
import type { RequestInfo } from '../hooks.ts'

export type Json = Record<string, unknown>

/** A response that was kept, and what it was an answer to. */
export interface StoredResponse {
  /** OpenAI's `response` object. */
  response: Json
  /** The whole input, earlier turns included, each item with an id. */
  input: Json[]
}

/** Keys beside items and responses cost little; this keeps their number in bounds too. */
const MOST_ENTRIES = 100_000

/**
 * Responses that a client may go on from by `previous_response_id`, or ask for again. They hold prompts, so they are in memory
 * alone, up to a size and for a time; the longest unused go first.
 */
export class ResponseStore {
  readonly #storage: Storage
  readonly #client: string

  private constructor(storage: Storage, client: string) {
    this.#storage = storage
    this.#client = client
  }

  static create({ max_bytes: maxSize, lifetime: ttl }: Config['responses']): ResponseStore {
    // unstorage's types of single drivers do not resolve under NodeNext.
    const driver = lruCache({ max: MOST_ENTRIES, maxSize, ttl }) as unknown as Driver
    return new ResponseStore(createStorage({ driver }), '')
  }

  /** Those of one client's key alone: what one keeps, no other finds. */
  of({ client }: Pick<RequestInfo, 'client'>): ResponseStore {
    return new ResponseStore(this.#storage, client ?? '')
  }

  async get(id: string): Promise<StoredResponse | undefined> {
    return (await this.#storage.getItem<StoredResponse>(this.#keyOf('response', id))) ?? undefined
  }

  async put(stored: StoredResponse): Promise<void> {
    const { id } = stored.response
    if (typeof id !== 'string') return
    await this.#storage.setItem(this.#keyOf('response', id), JSON.stringify(stored))
    for (const item of outputOf(stored.response)) {
      if (typeof item['id'] === 'string')
        await this.#storage.setItem(this.#keyOf('item', item['id']), JSON.stringify(id))
    }
  }

  /** Whether there was one. */
  async delete(id: string): Promise<boolean> {
    const stored = await this.get(id)
    if (!stored) return false
    await this.#storage.removeItem(this.#keyOf('response', id))
    for (const item of outputOf(stored.response)) {
      if (typeof item['id'] === 'string') await this.#storage.removeItem(this.#keyOf('item', item['id']))
    }
    return true
  }

  /** The item of a kept response by its own id, which `item_reference` names. */
  async item(id: string): Promise<Json | undefined> {
    const responseId = await this.#storage.getItem<string>(this.#keyOf('item', id))
    const stored = responseId === null ? undefined : await this.get(responseId)
    return stored && outputOf(stored.response).find((item) => item['id'] === id)
  }

  async close(): Promise<void> {
    await this.#storage.dispose()
  }

  /** unstorage takes `:` and `/` in keys for folders; ids come from clients. */
  #keyOf(kind: 'response' | 'item', id: string): string {
    const [client, name] = [this.#client, id.slice(0, 300)].map((text) => Buffer.from(text).toString('base64url'))
    return `${kind}:${client}.${name}`
  }
}

export function outputOf({ output }: Json): Json[] {
  return Array.isArray(output) ? output.filter(isJson) : []
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
