import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'

/** Items that name another, or say nothing without their ids. */
const NAMED = ['item_reference', 'image_generation_call']

/** A request whose items have no ids; the same where none has. Items that are whole need none. */
export function withoutItemIds(body: JsonObject): JsonObject {
  const { input } = body
  if (!Array.isArray(input) || !input.some(hasId)) return body
  return { ...body, input: input.map((item: unknown) => (hasId(item) ? withoutId(item) : item)) }
}

function hasId(item: unknown): item is JsonObject {
  return isObject(item) && 'id' in item && !NAMED.includes(String(item['type']))
}

function withoutId({ id: _, ...rest }: JsonObject): JsonObject {
  return rest
}
