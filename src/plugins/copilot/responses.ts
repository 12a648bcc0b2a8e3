import { isObject, tellItem } from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'

/** Codex' notes on each item of a conversation: openai/codex codex-rs/protocol/src/models.rs. */
const NOTES = 'internal_chat_message_metadata_passthrough'

/**
 * A Responses request as Copilot takes it, without what clients send to whoever they take for OpenAI. It refuses Codex' notes, as it
 * does any field it does not know (caozhiyuan/copilot-api issue 308), the tools that Codex offers to draw with (issues 220 and 312), and to
 * store (`store is not supported`); byok keeps responses itself. A picture that was drawn elsewhere has an id, which Copilot takes for a
 * connection's (item-ids.ts), so its model is told of it in words.
 */
export function asCopilotTakes(body: JsonObject): JsonObject {
  const { input, tools, store } = body
  const odd = Array.isArray(input) && input.some((item) => isObject(item) && (NOTES in item || isPicture(item)))
  const left = Array.isArray(tools) ? tools.filter((tool) => !draws(tool)) : []
  const offered = Array.isArray(tools) && left.length > 0 && left.length < tools.length
  if (!odd && !offered && store !== true) return body
  const { store: _, ...rest } = body
  return {
    ...rest,
    ...(store !== true && store !== undefined && { store }),
    ...(odd && { input: input.map(plain) }),
    ...(offered && { tools: left }),
  }
}

function plain(item: unknown): unknown {
  if (!isObject(item)) return item
  const { [NOTES]: _, ...rest } = item
  return isPicture(rest) ? { role: 'assistant', content: tellItem(rest) } : rest
}

function isPicture({ type }: JsonObject): boolean {
  return type === 'image_generation_call'
}

function draws(tool: unknown): boolean {
  if (!isObject(tool)) return false
  return tool['type'] === 'image_generation' || (tool['type'] === 'namespace' && tool['name'] === 'image_gen')
}
