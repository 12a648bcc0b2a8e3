import type { ChatAnswer, ChatError, ChatEvent, ChatRequest, Usage } from '../chat/index.ts'
import { isObject } from '../json/json.ts'
import { PluginFault, pluginFault } from '../plugin/fault.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import type { EncodeContext, Protocol, StreamEncoder, StreamTail, UnaskedUsage } from '../protocols/protocol.ts'

/** What only makes an error tell more. */
function attempted<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

/** A plugin's protocol, where what fails in it says whose it is. An error that it cannot tell is told in OpenAI's form. */
export class NamedProtocol implements Protocol {
  readonly name: string
  readonly requestIdHeader?: string
  readonly keepAlive?: string
  readonly unaskedUsage?: UnaskedUsage
  readonly #protocol: Protocol
  readonly #plugin: string

  constructor(protocol: Protocol, plugin: string) {
    const { name, requestIdHeader, keepAlive, unaskedUsage } = protocol
    this.name = name
    if (requestIdHeader !== undefined) this.requestIdHeader = requestIdHeader
    if (keepAlive !== undefined) this.keepAlive = keepAlive
    if (unaskedUsage) this.unaskedUsage = unaskedUsage
    this.#protocol = protocol
    this.#plugin = plugin
  }

  decode(body: unknown): ChatRequest {
    const chat = this.#do(() => this.#protocol.decode(body))
    if (isObject(chat) && Array.isArray(chat['messages'])) return chat
    throw new PluginFault(...this.#names, undefined, 'decoded no request')
  }

  encode(answer: ChatAnswer, context: EncodeContext): unknown {
    return this.#do(() => this.#protocol.encode(answer, context))
  }

  encoder(context: EncodeContext): StreamEncoder {
    const encoder = this.#do(() => this.#protocol.encoder(context))
    return {
      push: (event: ChatEvent) => this.#do(() => encoder.push(event)),
      end: () => this.#do(() => encoder.end()),
      begun: () => attempted(() => encoder.begun?.()),
    }
  }

  encodeError(error: ChatError, requestId?: string): unknown {
    try {
      return this.#protocol.encodeError(error, requestId)
    } catch {
      return openaiChatProtocol.encodeError(error, requestId)
    }
  }

  encodeStreamError(error: ChatError, requestId?: string, begun?: Record<string, unknown>): string {
    try {
      return this.#protocol.encodeStreamError(error, requestId, begun)
    } catch {
      return openaiChatProtocol.encodeStreamError(error, requestId)
    }
  }

  inspectTail(tail: string, begun?: Usage): StreamTail {
    return this.#do(() => this.#protocol.inspectTail(tail, begun))
  }

  #do<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw pluginFault(error, ...this.#names)
    }
  }

  get #names(): [part: string, owner: string] {
    return [`protocol "${this.name}"`, `plugin "${this.#plugin}"`]
  }
}
