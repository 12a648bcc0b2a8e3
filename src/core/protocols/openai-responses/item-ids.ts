import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'

/** Items that name another, or say nothing without their ids. */
const NAMED = ['item_reference', 'image_generation_call']

/** How OpenAI's ids of items begin, as far as it insists on it. */
const PREFIXES = new Map([
  ['message', 'msg'],
  ['reasoning', 'rs'],
  ['function_call', 'fc'],
  ['custom_tool_call', 'ctc'],
  ['custom_tool_call_output', 'ctco'],
])

/**
 * A request whose items have no ids but those that OpenAI takes; the same where all are. Others come of conversations that began with other
 * servers, and of Codex itself: "string too long. Expected a string with maximum length 64", "Expected an ID that begins with 'fc'".
 *
 * Sources: openai/codex issues 39133 and 33176; BigPizzaV3/CodexPlusPlus issue 1796; NousResearch/hermes-agent pull request 43820 (an id may be
 * left out); mweinbach/open-grok pull request 23 (its letters); CLIProxyAPI internal/runtime/executor/helps/codex_input_ids.go (prefixes).
 */
export function withTakenItemIds(body: JsonObject): JsonObject {
  const { input } = body
  if (!Array.isArray(input) || !input.some(isRefused)) return body
  return { ...body, input: input.map((item: unknown) => (isRefused(item) ? withoutId(item) : item)) }
}

function isRefused(item: unknown): item is JsonObject {
  if (!hasId(item)) return false
  const { id, type = 'message' } = item
  const prefix = PREFIXES.get(String(type)) ?? ''
  return typeof id === 'string' && !(/^[\w-]{1,64}$/.test(id) && id.startsWith(prefix))
}

/** A request whose items have no ids; the same where none has. Items that are whole need none. */
export function withoutItemIds(body: JsonObject): JsonObject {
  const { input } = body
  if (!Array.isArray(input) || !input.some(hasId)) return body
  return { ...body, input: withoutIds<unknown>(input) }
}

/** Items without ids, as {@link withoutItemIds} has them. */
export function withoutIds<Item>(items: readonly Item[]): (Item | JsonObject)[] {
  return items.map((item) => (hasId(item) ? withoutId(item) : item))
}

function hasId(item: unknown): item is JsonObject {
  return isObject(item) && 'id' in item && !NAMED.includes(String(item['type']))
}

function withoutId({ id: _, ...rest }: JsonObject): JsonObject {
  return rest
}
