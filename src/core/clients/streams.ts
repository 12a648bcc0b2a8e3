import { ChatError } from '../chat/index.ts'
import type { RequestInfo } from '../hooks.ts'

/** How many requests each client key has under way, so that one cannot use up what all share. */
export class Streams {
  readonly #open = new Map<string | undefined, Set<RequestInfo>>()
  /** Whether somebody looks at them, so that what they send is to be counted. */
  watched = false

  /** A request begins. @throws {ChatError} 429 where its client has `most` under way already. */
  enter(info: RequestInfo, most: number): void {
    const open = this.#open.get(info.client) ?? new Set()
    if (info.client !== undefined && open.size >= most) {
      throw new ChatError(
        `There are ${most} requests of this key under way, which is all that server.max_streams allows. Wait for one to end.`,
        { status: 429, type: 'rate_limit_error', code: 'too_many_streams', retryAfter: 1 },
      )
    }
    this.#open.set(info.client, open.add(info))
  }

  /** It is over; told twice is fine. */
  leave(info: RequestInfo): void {
    const open = this.#open.get(info.client)
    open?.delete(info)
    if (open?.size === 0) this.#open.delete(info.client)
  }

  /** All clients' together. */
  get size(): number {
    let size = 0
    for (const open of this.#open.values()) size += open.size
    return size
  }

  /** Those under way. */
  get open(): RequestInfo[] {
    return [...this.#open.values()].flatMap((open) => [...open])
  }
}
