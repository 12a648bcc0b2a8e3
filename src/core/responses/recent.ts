import { outputOf } from './store.ts'
import type { JsonObject } from '../json/json.ts'
import type { ResponseStore, StoredResponse } from './store.ts'

/** Where a request finds what it refers to. */
export type Referred = Pick<ResponseStore, 'get' | 'item'>

interface Recent {
  stored: StoredResponse
  size: number
  forget(): void
}

/** What all WebSockets remember together: of them there may be any number, and each may have gone on from what is large. */
export class RecentMemory {
  readonly #most: number
  /** The longest unused first. */
  readonly #all = new Set<Recent>()
  #size = 0

  /** @param most characters of conversations beyond which the longest unused are forgotten */
  constructor(most: number) {
    this.#most = most
  }

  add(recent: Recent): void {
    this.#all.add(recent)
    this.#size += recent.size
    for (const oldest of this.#all) {
      if (this.#size <= this.#most) return
      this.remove(oldest)
      oldest.forget()
    }
  }

  remove(recent: Recent): void {
    if (this.#all.delete(recent)) this.#size -= recent.size
  }

  /** It is used. */
  touch(recent: Recent): void {
    if (this.#all.delete(recent)) this.#all.add(recent)
  }
}

/**
 * The last response of each lane of a WebSocket, which its client may go on from though nothing is stored: "the server keeps it in
 * memory on the connection" (OpenAI's guide, developers.openai.com/api/docs/guides/websocket-mode). No other connection finds it.
 */
export class RecentResponses {
  readonly #last = new Map<string, Recent>()
  readonly #memory: RecentMemory
  readonly #most: number

  /** @param most characters of a conversation beyond which it is not kept: it could not be sent in one piece either */
  constructor(memory: RecentMemory, most: number) {
    this.#memory = memory
    this.#most = most
  }

  /** @param size of what the client sent for it, in characters */
  put(
    lane: string,
    stored: StoredResponse,
    { size, previousId }: { size: number; previousId: string | undefined },
  ): void {
    const whole = size + (previousId === undefined ? 0 : (this.#find(previousId)?.size ?? 0))
    const before = this.#last.get(lane)
    if (before) this.#memory.remove(before)
    this.#last.delete(lane)
    if (whole > this.#most) return
    const recent = { stored, size: whole, forget: () => void this.#last.delete(lane) }
    this.#last.set(lane, recent)
    this.#memory.add(recent)
  }

  clear(): void {
    for (const recent of this.#last.values()) this.#memory.remove(recent)
    this.#last.clear()
  }

  /** These before those that are stored. */
  over(store: Referred): Referred {
    return {
      get: async (id) => this.#find(id)?.stored ?? (await store.get(id)),
      item: async (id) => this.#item(id) ?? (await store.item(id)),
    }
  }

  #find(id: string): Recent | undefined {
    for (const last of this.#last.values()) {
      if (last.stored.response['id'] !== id) continue
      this.#memory.touch(last)
      return last
    }
    return undefined
  }

  #item(id: string): JsonObject | undefined {
    for (const { stored } of this.#last.values()) {
      const item = outputOf(stored.response).find((one) => one['id'] === id)
      if (item) return item
    }
    return undefined
  }
}
