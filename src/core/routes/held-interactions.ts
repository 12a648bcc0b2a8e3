import { ChatError } from '../chat/index.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { reasonOf } from '../log/fault.ts'
import type { RequestInfo } from '../hooks.ts'
import { isObject } from '../json/json.ts'

/** What is known of an interaction that Google holds. */
export interface HeldInteraction {
  /** As the client named it when it began it, so that the same account is found. */
  model: string
  /** Whether its usage was booked: one that goes on in the background tells it to whoever asks for it. */
  counted: boolean
}

/** Interactions that were begun here, by their ids. What the key of one client began, no other finds. */
export class HeldInteractions {
  readonly #context: ExchangeContext

  constructor(context: ExchangeContext) {
    this.#context = context
  }

  /** Never rejects: the client has its answer, whether it finds it again or not. */
  async put(info: RequestInfo, id: string, held: HeldInteraction): Promise<void> {
    const { cache, config, logger } = this.#context
    const ttl = Math.max(1, Math.ceil(config.responses.lifetime / 1000))
    const item = JSON.stringify({ ...held, owner: ownerOf(info) })
    await cache.memory.setItem(keyOf(id), item, { ttl }).catch(() => {
      logger.warn('an interaction could not be kept', { id: info.id })
    })
  }

  /** @throws {ChatError} 404; 503 where the memory is another machine's and cannot be reached. */
  async get(info: RequestInfo, id: string): Promise<HeldInteraction> {
    const found = await this.#read(id)
    if (isObject(found) && typeof found['model'] === 'string' && found['owner'] === ownerOf(info)) {
      return { model: found['model'], counted: found['counted'] === true }
    }
    throw notFound(id)
  }

  /**
   * Lets nobody go on from what the key of another client began, and so read it: Google holds those of all in one account. One that nobody
   * began here, or longer ago, is Google's to find.
   *
   * @throws {ChatError} as {@link HeldInteractions.get}
   */
  async guardPrevious(info: RequestInfo, id: unknown): Promise<void> {
    // Without keys, all are one client's.
    if (typeof id !== 'string' || info.client === undefined) return
    const found = await this.#read(id)
    if (isObject(found) && found['owner'] !== ownerOf(info)) throw notFound(id)
  }

  async #read(id: string): Promise<unknown> {
    try {
      return await this.#context.cache.memory.getItem(keyOf(id))
    } catch (cause) {
      throw new ChatError(`The interactions that byok knows of cannot be read: ${reasonOf(cause)}. Try again.`, {
        status: 503,
        code: 'interactions_unavailable',
        cause,
      })
    }
  }
}

function ownerOf({ client }: RequestInfo): string {
  return client ?? ''
}

/** unstorage takes `:` and `/` in keys for folders; ids come from clients. */
function keyOf(id: string): string {
  return `interaction:${Buffer.from(id.slice(0, 300)).toString('base64url')}`
}

function notFound(id: string): ChatError {
  return new ChatError(
    `Interaction '${id.slice(0, 100)}' not found. byok knows those it passed on itself, for a time (responses.lifetime).`,
    { status: 404, type: 'invalid_request_error', code: 'interaction_not_found' },
  )
}
