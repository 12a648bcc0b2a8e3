import type { ExchangeContext } from '../exchange/exchange.ts'
import { asksByItems, chatByItemsProtocol } from '../protocols/openai-chat/by-items.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import { inChatShape } from '../protocols/openai-chat/other-shapes.ts'
import { chatRoute } from './chat.ts'
import type { RouteHandler } from './route.ts'

/** `POST /v1/chat/completions`, whichever of OpenAI's protocols a client takes its words from. */
export function chatCompletions(context: ExchangeContext): RouteHandler {
  return chatRoute(context, openaiChatProtocol, (body) =>
    asksByItems(body)
      ? { protocol: chatByItemsProtocol, body }
      : { protocol: openaiChatProtocol, body: inChatShape(body) },
  )
}
