import type { ExchangeContext } from '../exchange/exchange.ts'
import { exchange } from '../exchange/exchange.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import type { RouteHandler } from './app.ts'
import { readJsonObject } from './body.ts'
import { clientGone, goesToNode } from './client-gone.ts'

/** `POST /v1/chat/completions` */
export function chatCompletions(context: ExchangeContext): RouteHandler {
  return async (event, info) => {
    info.protocol = openaiChatProtocol.name
    const body = await readJsonObject(event, context.config.server)
    const { headers } = event.req
    const signal = clientGone(event)
    const toNode = goesToNode(event)
    return await exchange(context, { protocol: openaiChatProtocol, body, headers, signal, info, toNode })
  }
}
