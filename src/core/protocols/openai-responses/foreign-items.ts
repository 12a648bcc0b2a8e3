import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { isSealed } from './envelope.ts'
import { isLost } from './items.ts'

/**
 * A request without what OpenAI refuses of other vendors' models: their reasoning, as `invalid_encrypted_content`, and items that it
 * cannot find. For bytes that pass through: a client may have begun the conversation with another model.
 *
 * @see router-for-me/CLIProxyAPI internal/runtime/executor/openai_responses_signature.go
 */
export function withoutForeignItems(body: JsonObject): JsonObject {
  const { input, store } = body
  if (!Array.isArray(input)) return body
  const clean = input.filter((item: unknown) => !isForeign(item, store !== false))
  return clean.length < input.length ? { ...body, input: clean } : body
}

function isForeign(item: unknown, store: boolean): boolean {
  if (!isObject(item)) return false
  const { type, encrypted_content: encrypted } = item
  if (type === 'reasoning' && typeof encrypted === 'string') return isSealed(encrypted)
  return isLost(item, store)
}
