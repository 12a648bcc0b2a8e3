import { isObject } from '../../json/json.ts'
import type { JsonObject } from '../json.ts'

/*
 * Cache breakpoints in a request's body. What stands before one is kept, and the same beginning of a later request costs a tenth.
 */

/** After the system prompt: the next conversation with the same tools begins as this one. */
export function withCachedSystem(body: JsonObject): JsonObject {
  const { system } = body
  return Array.isArray(system) ? { ...body, system: marked(system) } : body
}

/** After the last two of the client's messages: the one finds what was kept when the other was the last. */
export function withCachedMessages(body: JsonObject): JsonObject {
  const { messages } = body
  if (!Array.isArray(messages)) return body
  const given: unknown[] = messages
  const asked = given.flatMap((message, at) => (isObject(message) && message['role'] === 'user' ? [at] : []))
  const last = new Set(asked.slice(-2))
  return {
    ...body,
    messages: given.map((message, at) => {
      if (!last.has(at) || !isObject(message)) return message
      const { content } = message
      return Array.isArray(content) ? { ...message, content: marked(content) } : message
    }),
  }
}

function marked(blocks: readonly unknown[]): unknown[] {
  const last = blocks.at(-1)
  return isObject(last) ? [...blocks.slice(0, -1), { ...last, cache_control: { type: 'ephemeral' } }] : [...blocks]
}
