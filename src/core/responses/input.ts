import { ChatError } from '../chat/index.ts'
import { isObject } from '../json/json.ts'
import { isCompaction, TRIGGER } from '../protocols/openai-responses/compaction.ts'
import { reasoningText } from '../protocols/openai-responses/read-items.ts'
import { isBareImage, isOthersSearch, isOwnId } from '../protocols/openai-responses/items.ts'
import { isUnderWay, outputOf } from './store.ts'
import type { Referred } from './recent.ts'
import type { JsonObject } from '../json/json.ts'
import { randomHex } from '../text/random-hex.ts'

/** A request whose references to kept responses are resolved. */
export interface ResolvedBody {
  /** What is sent on: it refers to nothing that byok keeps. */
  body: JsonObject
  /** The whole input as items, earlier turns included. */
  input: JsonObject[]
  previousId: string | undefined
}

/**
 * Puts what byok keeps in the place of what refers to it: the turns that `previous_response_id` names, items by
 * `item_reference`, and images that byok gave their ids by those alone. So any provider can go on from an answer of any other.
 *
 * @throws {ChatError} 400 `previous_response_not_found`, in OpenAI's words; also where that response has no end yet.
 */
export async function resolveBody(body: JsonObject, store: Referred): Promise<ResolvedBody> {
  const { previous_response_id: previous, ...rest } = body
  const own = Array.isArray(body['input']) ? (body['input'] as unknown[]) : asItems(body['input'])
  const earlier: unknown[] = []
  let previousId: string | undefined
  if (typeof previous === 'string') {
    const stored = await store.get(previous)
    if (!stored) {
      throw new ChatError(
        `Previous response with id '${previous.slice(0, 100)}' not found. byok keeps responses for a time (responses.lifetime): send the whole conversation as \`input\`.`,
        { status: 400, code: 'previous_response_not_found', param: 'previous_response_id' },
      )
    }
    if (isUnderWay(stored.response)) {
      throw new ChatError(
        `Previous response with id '${previous.slice(0, 100)}' is not complete yet: wait for its end, or cancel it.`,
        { status: 400, code: 'previous_response_not_complete', param: 'previous_response_id' },
      )
    }
    previousId = previous
    earlier.push(...sinceCompaction([...stored.input, ...outputOf(stored.response)]))
  }
  const found = await Promise.all(own.map((item) => resolveItem(item, store)))
  const changed = previousId !== undefined || found.some((item, index) => item !== own[index])
  const items = [...earlier, ...found]
  if (!changed) return { body, input: items.filter(isObject).map(withId), previousId }
  return {
    body: { ...rest, input: items.flatMap(sendable) },
    input: items.filter(isObject).map(withId),
    previousId,
  }
}

/**
 * Of a conversation that was compacted, the last `compaction` and what came after: it stands for all before
 * (developers.openai.com/api/docs/guides/context-management). What asked for it is no turn.
 */
function sinceCompaction(items: JsonObject[]): JsonObject[] {
  const from = items.findLastIndex(isCompaction)
  return items.slice(Math.max(from, 0)).filter(({ type }) => type !== TRIGGER)
}

export function asItems(input: unknown): unknown[] {
  if (typeof input !== 'string' || input === '') return []
  return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }]
}

async function resolveItem(item: unknown, store: Referred): Promise<unknown> {
  if (!isObject(item) || typeof item['id'] !== 'string') return item
  const refers = item['type'] === 'item_reference' || (isBareImage(item) && isOwnId(item['id']))
  if (!refers) return item
  return (await store.item(item['id'])) ?? item
}

/**
 * An item as a provider takes it that never saw it: without the id that another account's storage would be searched for, and not at
 * all where it is reasoning without a proof or a word, which nobody can use.
 */
function sendable(item: unknown): unknown[] {
  if (!isObject(item) || item['type'] === 'item_reference') return [item]
  if (item['type'] === 'reasoning') {
    if (typeof item['encrypted_content'] === 'string') return [item]
    if (reasoningText(item).words === '') return []
  }
  // It must have its id and status: openai-node `ResponseInputItem.ImageGenerationCall`.
  if (item['type'] === 'image_generation_call') return [item]
  // By its id OpenAI is not shown it.
  if (isOthersSearch(item)) return [item]
  const { id: _, status: __, ...rest } = item
  return [rest]
}

const PREFIX: Record<string, string> = {
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
  reasoning: 'rs',
}

/** Every input item has an id when it is listed. A message in short is shown in full. */
function withId(item: JsonObject): JsonObject {
  const type = typeof item['type'] === 'string' ? item['type'] : 'message'
  const id = typeof item['id'] === 'string' ? item['id'] : `${PREFIX[type] ?? 'msg'}_${randomHex()}`
  if (type !== 'message') return { ...item, id }
  const { content } = item
  const part = item['role'] === 'assistant' ? { type: 'output_text', annotations: [] } : { type: 'input_text' }
  const full = typeof content === 'string' ? [{ ...part, text: content }] : content
  return { ...item, id, type, status: item['status'] ?? 'completed', content: full }
}
