import type { ExchangeContext } from '../exchange/exchange.ts'
import { exchange } from '../exchange/exchange.ts'
import { anthropicMessagesProtocol, decodeCountTokens } from '../protocols/anthropic-messages/index.ts'
import { countTokens } from '../tokens/count.ts'
import { readJsonObject } from './body.ts'
import { clientGone, goesToNode } from './client-gone.ts'
import type { RouteHandler } from './route.ts'

/** `POST /v1/messages` */
export function messages(context: ExchangeContext): RouteHandler {
  return async (event, info) => {
    info.protocol = anthropicMessagesProtocol.name
    const body = await readJsonObject(event, context.config.server)
    const { headers } = event.req
    const signal = clientGone(event)
    const toNode = goesToNode(event)
    return await exchange(context, { protocol: anthropicMessagesProtocol, body, headers, signal, info, toNode })
  }
}

/** `POST /v1/messages/count_tokens`. The header `x-byok-estimated` tells a guess from the provider's own count. */
export function countMessageTokens(context: ExchangeContext): RouteHandler {
  return async (event, info) => {
    const body = await readJsonObject(event, context.config.server)
    const chat = decodeCountTokens(body)
    const { headers } = event.req
    const signal = clientGone(event)
    const { tokens, estimated } = await countTokens(context, { chat, body, headers, signal, info })
    return Response.json({ input_tokens: tokens }, estimated ? { headers: { 'x-byok-estimated': 'true' } } : undefined)
  }
}
