import { isObject, objects } from '../json.ts'
import type { JsonObject } from '../json.ts'

/**
 * A request that goes on after calls which no thinking of Claude's led to, without the budget for more: "Expected `thinking` or
 * `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final `assistant` message must start with a thinking block"
 * (anomalyco/opencode issue 3077). Who asks for one in Anthropic's own words may not know that another model called. Without a budget no thinking is cleared
 * either: "`clear_thinking_20251015` strategy requires `thinking` to be enabled" (anthropics/claude-code issue 11971).
 */
export function withoutRefusedBudget(body: JsonObject): JsonObject {
  const { thinking, context_management: management, ...rest } = body
  if (!isObject(thinking) || thinking['type'] !== 'enabled' || !resumesUnthought(objects(body['messages']))) return body
  if (!isObject(management)) return management === undefined ? rest : { ...rest, context_management: management }
  const edits = objects(management['edits']).filter(({ type }) => !String(type).startsWith('clear_thinking'))
  return edits.length > 0 ? { ...rest, context_management: { ...management, edits } } : rest
}

function resumesUnthought(messages: readonly JsonObject[]): boolean {
  const last = messages.findLastIndex(({ role }) => role === 'assistant')
  const results = messages.slice(last + 1).flatMap(({ content }) => objects(content))
  if (last === -1 || !results.some(({ type }) => type === 'tool_result')) return false
  const before = messages.slice(0, last).findLastIndex(({ role }) => role !== 'assistant')
  const [block] = objects(messages[before + 1]?.['content'])
  return block?.['type'] !== 'thinking' && block?.['type'] !== 'redacted_thinking'
}
