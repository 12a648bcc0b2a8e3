import type { ChatRequest } from '../chat/index.ts'
import { runHook } from '../hooks.ts'
import type { Hooks, RequestInfo } from '../hooks.ts'
import type { Protocol } from '../protocols/protocol.ts'

interface Asked {
  protocol: Pick<Protocol, 'decode'>
  body: Record<string, unknown>
  info: RequestInfo
}

/** A client's request in the neutral model: made once, when the first account that needs it is asked. */
export class Question {
  readonly #asked: Asked
  readonly #hooks: Hooks
  #chat: ChatRequest | undefined
  /** A hook named another model than the route's. */
  #hooked: string | undefined

  constructor(asked: Asked, hooks: Hooks) {
    this.#asked = asked
    this.#hooks = hooks
  }

  /** @param model its name as the provider knows it */
  async for(model: string): Promise<ChatRequest> {
    if (!this.#chat) {
      const { protocol, body, info } = this.#asked
      const chat = protocol.decode(body)
      chat.model = model
      info.stream = chat.stream
      await runHook(this.#hooks, 'chat', { info, chat })
      if (chat.model !== model) this.#hooked = chat.model
      this.#chat = chat
    }
    return { ...this.#chat, model: this.#hooked ?? model }
  }
}
