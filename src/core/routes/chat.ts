import type { ExchangeContext } from '../exchange/exchange.ts'
import { exchange } from '../exchange/exchange.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { readJsonObject } from './body.ts'
import { clientGone, goesToNode } from './client-gone.ts'
import type { RouteHandler } from './route.ts'

/** A chat whose request is all in its body, in the words of a protocol: `POST /v1/chat/completions`, say. */
export function chatRoute(context: ExchangeContext, protocol: Protocol): RouteHandler {
  return async (event, info) => {
    info.protocol = protocol.name
    const body = await readJsonObject(event, context.config.server)
    const { headers } = event.req
    const signal = clientGone(event)
    const toNode = goesToNode(event)
    return await exchange(context, { protocol, body, headers, signal, info, toNode })
  }
}
