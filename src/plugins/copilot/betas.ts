import { isObject } from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'

const CONTEXT_MANAGEMENT = 'context-management-2025-06-27'

/**
 * The betas of Anthropic's that Copilot serves. Any other is a 400 "unsupported beta header(s): …".
 *
 * Sources: microsoft/vscode-copilot-chat, src/platform/endpoint/node/chatEndpoint.ts (`getExtraHeaders`) and
 * src/extension/chatSessions/claude/node/claudeLanguageModelServer.ts (`SUPPORTED_ANTHROPIC_BETAS`, for what Claude Code sends);
 * caozhiyuan/copilot-api, pull request 103 (the 400).
 */
const SERVED = new Set(['interleaved-thinking-2025-05-14', CONTEXT_MANAGEMENT, 'advanced-tool-use-2025-11-20'])

/** @param asked the value of the client's own `anthropic-beta` */
export function servedBetas(asked: string | null | undefined): string[] {
  const betas = (asked ?? '').split(',').map((beta) => beta.trim())
  return [...new Set(betas)].filter((beta) => SERVED.has(beta))
}

/**
 * A request without what Copilot refuses as "Extra inputs are not permitted", because the beta it belongs to does not go along.
 * The answer is right without it: it says how to cache, to stream and to save context.
 *
 * Sources: caozhiyuan/copilot-api, issues 187 and 145 and pull request 274; anomalyco/opencode, issue 23193; ericc-ch/copilot-api,
 * issue 217 (that the beta is all that `context_management` lacks).
 */
export function withoutBetaFields(body: JsonObject, betas: readonly string[]): JsonObject {
  const clean = ['system', 'messages'].reduce((all, name) => withField(all, name, each(all[name], withoutScope)), body)
  const whole = withField(clean, 'tools', each(clean['tools'], withoutStreaming))
  if (!('context_management' in whole) || betas.includes(CONTEXT_MANAGEMENT)) return whole
  const { context_management: _, ...rest } = whole
  return rest
}

function withoutStreaming(tool: JsonObject): JsonObject {
  const clean = withoutScope(tool)
  if (!('eager_input_streaming' in clean)) return clean
  const { eager_input_streaming: _, ...rest } = clean
  return rest
}

/** A block or message without the scope of a cache, `cache_control: { type: 'ephemeral', scope: 'global' }`. */
function withoutScope(block: JsonObject): JsonObject {
  const whole = withField(block, 'content', each(block['content'], withoutScope))
  const { cache_control: cache } = whole
  if (!isObject(cache) || !('scope' in cache)) return whole
  const { scope: _, ...rest } = cache
  return { ...whole, cache_control: rest }
}

/** The list with its objects changed; itself where none is. */
function each(list: unknown, change: (item: JsonObject) => JsonObject): unknown {
  if (!Array.isArray(list)) return list
  const items = list.map((item: unknown) => (isObject(item) ? change(item) : item))
  return items.some((item, index) => item !== list[index]) ? items : list
}

/** The object with that field; itself where it has it. */
function withField(object: JsonObject, name: string, value: unknown): JsonObject {
  return object[name] === value ? object : { ...object, [name]: value }
}
