import { ChatError } from '../chat/index.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import type { RequestInfo } from '../hooks.ts'
import { isObject } from '../json.ts'

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
    await cache.memory.setItem(keyOf(info, id), JSON.stringify(held), { ttl }).catch(() => {
      logger.warn('an interaction could not be kept', { id: info.id })
    })
  }

  /** @throws {ChatError} 404 */
  async get(info: RequestInfo, id: string): Promise<HeldInteraction> {
    const found: unknown = await this.#context.cache.memory.getItem(keyOf(info, id))
    if (isObject(found) && typeof found['model'] === 'string') {
      return { model: found['model'], counted: found['counted'] === true }
    }
    throw new ChatError(
      `Interaction '${id.slice(0, 100)}' not found. byok knows those it passed on itself, for a time (responses.lifetime).`,
      { status: 404, type: 'invalid_request_error', code: 'interaction_not_found' },
    )
  }
}

/** unstorage takes `:` and `/` in keys for folders; ids come from clients. */
function keyOf({ client }: RequestInfo, id: string): string {
  const [owner, name] = [client ?? '', id.slice(0, 300)].map((text) => Buffer.from(text).toString('base64url'))
  return `interaction:${owner}.${name}`
}
