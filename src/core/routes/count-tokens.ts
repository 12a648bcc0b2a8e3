import type { ExchangeContext } from '../exchange/exchange.ts'
import { decodeCountTokens } from '../protocols/anthropic-messages/index.ts'
import { countTokens } from '../tokens/count.ts'
import type { CountInput } from '../tokens/count.ts'
import { readJsonObject } from './body.ts'
import { clientGone } from './client-gone.ts'
import type { RouteHandler } from './route.ts'

/** `POST /v1/messages/count_tokens` */
export function countMessageTokens(context: ExchangeContext): RouteHandler {
  return async (event, info) => {
    const body = await readJsonObject(event, context.config.server)
    const protocol = { decode: decodeCountTokens }
    const input = { protocol, body, headers: event.req.headers, signal: clientGone(event), info }
    return await answerCount(context, input, (tokens) => ({ input_tokens: tokens }))
  }
}

/** Answers with a count, in the words of a protocol. The header `x-byok-estimated` tells a guess from the provider's own count. */
export async function answerCount(
  context: ExchangeContext,
  input: CountInput,
  write: (tokens: number) => object,
): Promise<Response> {
  const { tokens, estimated } = await countTokens(context, input)
  return Response.json(write(tokens), estimated ? { headers: { 'x-byok-estimated': 'true' } } : undefined)
}
