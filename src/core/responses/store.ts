import type { Storage } from 'unstorage'
import { ChatError } from '../chat/index.ts'
import type { RequestInfo } from '../hooks.ts'
import { objects } from '../json/json.ts'
import type { JsonObject } from '../json/json.ts'
import type { Logger } from '../log/log.ts'
import { reasonOf } from '../log/fault.ts'

/** A response that was kept, and what it was an answer to. */
export interface StoredResponse {
  /** OpenAI's `response` object. */
  response: JsonObject
  /** The whole input, earlier turns included, each item with an id. */
  input: JsonObject[]
}

export interface ResponseStoreOptions {
  /** Milliseconds for which one is kept. */
  lifetime: number
  logger: Logger
  /** The label of the client's key. Default: a client without one. */
  client?: string | undefined
}

/** Responses that a client may go on from by `previous_response_id`, or ask for again. */
export class ResponseStore {
  readonly #storage: Storage
  readonly #options: ResponseStoreOptions

  /** @param storage they hold prompts: memory, or what its owner takes for it */
  constructor(storage: Storage, options: ResponseStoreOptions) {
    this.#storage = storage
    this.#options = options
  }

  /** Those of one client's key alone: what one keeps, no other finds. */
  of({ client }: Pick<RequestInfo, 'client'>): ResponseStore {
    return new ResponseStore(this.#storage, { ...this.#options, client })
  }

  /** @throws {ChatError} 503 where the memory is another machine's and cannot be reached. */
  async get(id: string): Promise<StoredResponse | undefined> {
    return (await this.#read<StoredResponse>(this.#keyOf('response', id))) ?? undefined
  }

  /** Never rejects: the client has its answer, kept or not. */
  async put(stored: StoredResponse): Promise<void> {
    const { id } = stored.response
    if (typeof id !== 'string') return
    const { lifetime, logger } = this.#options
    const ttl = secondsOf(lifetime)
    const items = outputOf(stored.response).flatMap((item) => (typeof item['id'] === 'string' ? [item['id']] : []))
    try {
      await this.#storage.setItem(this.#keyOf('response', id), JSON.stringify(stored), { ttl })
      for (const item of items) await this.#storage.setItem(this.#keyOf('item', item), JSON.stringify(id), { ttl })
    } catch (error) {
      logger.warn('a response could not be kept', { id, fault: reasonOf(error) })
    }
  }

  /** Keeps a part of the events of its stream. Never rejects. */
  async putEvents(id: string, part: number, events: string[]): Promise<void> {
    const { lifetime, logger } = this.#options
    try {
      await this.#storage.setItem(this.#keyOf('events', `${id}.${part}`), JSON.stringify(events), {
        ttl: secondsOf(lifetime),
      })
    } catch (error) {
      logger.warn('the events of a response could not be kept', { id, fault: reasonOf(error) })
    }
  }

  /** A part of the events of its stream, from 0. */
  async events(id: string, part: number): Promise<string[] | undefined> {
    return (await this.#read<string[]>(this.#keyOf('events', `${id}.${part}`))) ?? undefined
  }

  /** Whether there was one. */
  async delete(id: string): Promise<boolean> {
    const stored = await this.get(id)
    if (!stored) return false
    await this.#storage.removeItem(this.#keyOf('response', id))
    for (let part = 0; await this.events(id, part); part++) {
      await this.#storage.removeItem(this.#keyOf('events', `${id}.${part}`))
    }
    for (const item of outputOf(stored.response)) {
      if (typeof item['id'] === 'string') await this.#storage.removeItem(this.#keyOf('item', item['id']))
    }
    return true
  }

  /** The item of a kept response by its own id, which `item_reference` names. */
  async item(id: string): Promise<JsonObject | undefined> {
    const responseId = await this.#read<string>(this.#keyOf('item', id))
    const stored = responseId === null ? undefined : await this.get(responseId)
    return stored && outputOf(stored.response).find((item) => item['id'] === id)
  }

  async #read<T>(key: string): Promise<T | null> {
    try {
      return await this.#storage.getItem<T>(key)
    } catch (cause) {
      throw new ChatError(`The responses that byok keeps cannot be read: ${reasonOf(cause)}. Try again.`, {
        status: 503,
        code: 'responses_unavailable',
        cause,
      })
    }
  }

  /** unstorage takes `:` and `/` in keys for folders; ids come from clients. */
  #keyOf(kind: 'response' | 'item' | 'events', id: string): string {
    const [client, name] = [this.#options.client ?? '', id.slice(0, 300)].map((text) =>
      Buffer.from(text).toString('base64url'),
    )
    return `${kind}:${client}.${name}`
  }
}

function secondsOf(lifetime: number): number {
  return Math.max(1, Math.ceil(lifetime / 1000))
}

/** Whether it runs in the background, or is to. */
export function isUnderWay({ status }: JsonObject): boolean {
  return status === 'queued' || status === 'in_progress'
}

export function outputOf({ output }: JsonObject): JsonObject[] {
  return objects(output)
}
