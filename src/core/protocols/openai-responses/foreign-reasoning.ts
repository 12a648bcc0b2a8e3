import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { isSealed } from './envelope.ts'
import { isOwnId } from './items.ts'

/**
 * A request without the reasoning of other vendors' models, which OpenAI refuses as `invalid_encrypted_content`, or as an item that it
 * cannot find. For bytes that pass through: a client may have begun the conversation with another model.
 *
 * Reasoning without its encrypted content is known to OpenAI by id alone, and by that only where it stores what it said
 * (https://github.com/vercel/ai/issues/7543).
 *
 * @see router-for-me/CLIProxyAPI internal/runtime/executor/openai_responses_signature.go
 */
export function withoutForeignReasoning(body: JsonObject): JsonObject {
  const { input, store } = body
  if (!Array.isArray(input)) return body
  const clean = input.filter((item: unknown) => !isForeign(item, store !== false))
  return clean.length < input.length ? { ...body, input: clean } : body
}

function isForeign(item: unknown, store: boolean): boolean {
  if (!isObject(item) || item['type'] !== 'reasoning') return false
  const { id, encrypted_content: encrypted } = item
  if (typeof encrypted === 'string') return isSealed(encrypted)
  return typeof id === 'string' && (!store || isOwnId(id))
}
