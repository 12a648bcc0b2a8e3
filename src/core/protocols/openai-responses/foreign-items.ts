import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { AGENT_MESSAGE, withReadable } from './agent-message.ts'
import { readSummary } from './compaction.ts'
import { isSealed } from './envelope.ts'
import { isLost } from './items.ts'

/**
 * A request without what OpenAI refuses of other vendors' models: their reasoning, as `invalid_encrypted_content`, and items that it
 * cannot find; a summary of byok's is told in words. For bytes that pass through: a client may have begun the conversation with another
 * model.
 *
 * @see router-for-me/CLIProxyAPI internal/runtime/executor/openai_responses_signature.go
 */
export function withoutForeignItems(body: JsonObject): JsonObject {
  const { input, store } = body
  if (!Array.isArray(input)) return body
  const clean = input.filter((item: unknown) => !isForeign(item, store !== false)).map(inWords)
  const same = clean.length === input.length && clean.every((item, index) => item === input[index])
  return same ? body : { ...body, input: clean }
}

function inWords(item: unknown): unknown {
  if (!isObject(item)) return item
  if (item['type'] === AGENT_MESSAGE) return withReadable(item)
  const summary = readSummary(item)
  if (summary === undefined) return item
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text: summary }] }
}

function isForeign(item: unknown, store: boolean): boolean {
  if (!isObject(item)) return false
  const { type, encrypted_content: encrypted } = item
  if (type === 'reasoning' && typeof encrypted === 'string') return isSealed(encrypted)
  return isLost(item, store)
}
