import { ChatError } from '../chat/index.ts'
import { exchange } from '../exchange/exchange.ts'
import type { ExchangeContext, ExchangeInput } from '../exchange/exchange.ts'
import { isCompaction, TRIGGER } from '../protocols/openai-responses/compaction.ts'
import { openaiResponsesProtocol } from '../protocols/openai-responses/index.ts'
import { missing } from '../protocols/openai-chat/fields.ts'
import { isObject } from '../json/json.ts'
import type { JsonObject } from '../json/json.ts'
import { asItems, resolveBody } from './input.ts'
import { outputOf } from './store.ts'
import type { ResponseStore } from './store.ts'

/**
 * Answers `POST /v1/responses/compact` as the request for one `compaction` that Codex makes of `POST /v1/responses`, which every
 * provider takes; ChatGPT's backend knows no other way. The output is "a list of all user messages, followed by a single compaction item"
 * (openai-node `CompactedResponse`).
 *
 * @throws {ChatError}
 */
export async function compactConversation(
  context: ExchangeContext,
  store: ResponseStore,
  given: JsonObject,
  { headers, signal, info }: Omit<ExchangeInput, 'protocol' | 'body'>,
): Promise<JsonObject> {
  const { body, input } = await resolveBody(given, store)
  if (input.length === 0) throw missing('input')
  const items = Array.isArray(body['input']) ? (body['input'] as unknown[]) : asItems(body['input'])
  const answer = await exchange(context, {
    protocol: openaiResponsesProtocol,
    body: { ...body, input: [...items, { type: TRIGGER }], store: false, stream: false },
    headers,
    signal,
    info,
  })
  const response: unknown = await answer.json()
  const { id, created_at: created, usage, error } = isObject(response) ? response : {}
  const compaction = isObject(response) ? outputOf(response).find(isCompaction) : undefined
  if (!compaction) {
    const why = isObject(error) ? String(error['message']) : 'The provider did not compact the conversation. Try again.'
    throw new ChatError(why, { status: 502, type: 'server_error', code: 'not_compacted' })
  }
  const said = input.filter(({ type, role }) => type === 'message' && role === 'user')
  return { id, object: 'response.compaction', created_at: created, output: [...said, compaction], usage }
}
