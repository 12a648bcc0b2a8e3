import { outputOf } from './store.ts'
import type { JsonObject } from '../json.ts'
import type { ResponseStore, StoredResponse } from './store.ts'

/** Where a request finds what it refers to. */
export type Referred = Pick<ResponseStore, 'get' | 'item'>

/**
 * The last response of each lane of a WebSocket, which its client may go on from though nothing is stored: "the server keeps it in
 * memory on the connection" (OpenAI's guide, developers.openai.com/api/docs/guides/websocket-mode). No other connection finds it.
 */
export class RecentResponses {
  readonly #last = new Map<string, { stored: StoredResponse; size: number }>()
  readonly #most: number

  /** @param most characters of a conversation beyond which it is not kept: it could not be sent in one piece either */
  constructor(most: number) {
    this.#most = most
  }

  /** @param size of what the client sent for it, in characters */
  put(
    lane: string,
    stored: StoredResponse,
    { size, previousId }: { size: number; previousId: string | undefined },
  ): void {
    const whole = size + (previousId === undefined ? 0 : (this.#find(previousId)?.size ?? 0))
    if (whole > this.#most) this.#last.delete(lane)
    else this.#last.set(lane, { stored, size: whole })
  }

  clear(): void {
    this.#last.clear()
  }

  /** These before those that are stored. */
  over(store: Referred): Referred {
    return {
      get: async (id) => this.#find(id)?.stored ?? (await store.get(id)),
      item: async (id) => this.#item(id) ?? (await store.item(id)),
    }
  }

  #find(id: string) {
    for (const last of this.#last.values()) if (last.stored.response['id'] === id) return last
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
