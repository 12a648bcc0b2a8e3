import type { ExchangeContext } from '../exchange/exchange.ts'
import { exchange } from '../exchange/exchange.ts'
import type { JsonObject } from '../json/json.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { readJsonObject } from './body.ts'
import { clientGone, goesToNode } from './client-gone.ts'
import type { RouteHandler } from './route.ts'

/**
 * A chat whose request is all in its body, in the words of a protocol: `POST /v1/messages`, say.
 *
 * @param read Tells in which words it is, where clients take those of others too.
 */
export function chatRoute(
  context: ExchangeContext,
  protocol: Protocol,
  read: (body: JsonObject) => { protocol: Protocol; body: JsonObject } = (body) => ({ protocol, body }),
): RouteHandler {
  return async (event, info) => {
    info.protocol = protocol.name
    const asked = read(await readJsonObject(event, context.config.server))
    return await exchange(context, {
      protocol: asked.protocol,
      body: asked.body,
      headers: event.req.headers,
      signal: clientGone(event),
      info,
      toNode: goesToNode(event),
    })
  }
}
