import { begin } from '../exchange/exchange.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { settle } from '../exchange/settle.ts'
import { skeleton } from './background.ts'
import { resolveBody } from './input.ts'
import type { CreateRequest } from './socket.ts'
import type { JsonObject } from '../json/json.ts'
import type { ResponseStore } from './store.ts'
import { randomHex } from '../text/random-hex.ts'

/**
 * Answers `generate: false`, by which a client announces what it will ask (OpenAI's guide on the WebSocket mode; openai/codex
 * codex-rs/core/src/client.rs, `prewarm_websocket`): no provider is asked, and the response, whose output is empty, can be gone on
 * from.
 *
 * @throws {ChatError} where the request itself would be refused.
 */
export async function warmUp(
  context: ExchangeContext,
  store: ResponseStore,
  given: JsonObject,
  { headers, info, recent }: CreateRequest,
): Promise<Response> {
  const { body, input, previousId } = await resolveBody(given, recent?.over(store) ?? store)
  await begin(context, { info, headers, body })
  info.stream = true
  const id = `resp_${randomHex()}`
  const { background: _, ...fields } = skeleton(id, body)
  const keeps = given['store'] !== false
  const begun: JsonObject = {
    ...fields,
    status: 'in_progress',
    store: keeps,
    ...(previousId !== undefined && { previous_response_id: previousId }),
  }
  const response: JsonObject = { ...begun, status: 'completed', usage: NOTHING_USED }
  recent?.put({ response, input }, previousId)
  if (keeps) await store.put({ response, input })
  settle(context, info, 'ok')
  const events = [
    { type: 'response.created', sequence_number: 0, response: begun },
    { type: 'response.in_progress', sequence_number: 1, response: begun },
    { type: 'response.completed', sequence_number: 2, response },
  ]
  return new Response(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''))
}

const NOTHING_USED = {
  input_tokens: 0,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 0,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 0,
}
