import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { isForeignProof } from './proof.ts'
import { isToolId, toolId } from './request-content.ts'
import { withoutRefusedBudget } from './unthought-turn.ts'

/**
 * A request without what Claude refuses of other vendors' models: their thinking, answers of white space alone ("text content blocks must
 * contain non-whitespace text"), ids of calls with other letters, such as Kimi's, and a budget in the middle of their turns. For bytes that pass through: a client may have begun the
 * conversation with another model.
 *
 * Sources: farion1231/cc-switch issue 1181 (ids, in Claude Code), anomalyco/opencode issue 31259 (white space).
 */
export function withoutForeignBlocks(body: JsonObject): JsonObject {
  const { messages } = body
  if (!Array.isArray(messages)) return body
  if (!messages.some(isOdd)) return withoutRefusedBudget(body)
  const clean = messages.map((message: unknown) => (isOdd(message) ? taken(message) : message))
  return withoutRefusedBudget({ ...body, messages: clean.filter((message) => !isEmpty(message)) })
}

function isOdd(message: unknown): message is JsonObject {
  if (!isObject(message)) return false
  const { role, content } = message
  if (!Array.isArray(content)) return role === 'assistant' && isBlank(content)
  // An answer without a word, as byok gave it: "all messages must have non-empty content".
  if (content.length === 0) return role === 'assistant'
  return content.some((block) => isForeign(block, role) || withOwnId(block) !== block)
}

function taken(message: JsonObject): JsonObject {
  const { role, content } = message
  if (!Array.isArray(content)) return { ...message, content: [] }
  const own = content.filter((block: unknown) => !isForeign(block, role))
  return { ...message, content: own.map(withOwnId) }
}

/** What a person says stands as it is. */
function isForeign(block: unknown, role: unknown): boolean {
  if (!isObject(block)) return false
  switch (block['type']) {
    case 'text':
      return role === 'assistant' && isBlank(block['text'])
    case 'thinking':
      return isForeignProof(block['signature'])
    case 'redacted_thinking':
      return isForeignProof(block['data'])
    default:
      return false
  }
}

function isBlank(words: unknown): boolean {
  return typeof words === 'string' && !/\S/.test(words)
}

/** Where a block has the id of a call. */
const ID_OF = new Map([
  ['tool_use', 'id'],
  ['tool_result', 'tool_use_id'],
])

/** A block as it is, unless it has an id that Claude refuses. */
function withOwnId(block: unknown): unknown {
  if (!isObject(block)) return block
  const field = ID_OF.get(String(block['type']))
  const id = field === undefined ? undefined : block[field]
  if (field === undefined || typeof id !== 'string' || id === '' || isToolId(id)) return block
  return { ...block, [field]: toolId(id) }
}

function isEmpty(message: unknown): boolean {
  return isObject(message) && Array.isArray(message['content']) && message['content'].length === 0
}
