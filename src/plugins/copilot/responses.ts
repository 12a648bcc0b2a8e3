import { isObject, listOf, tellItem } from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'

/** Codex' notes on each item of a conversation: openai/codex codex-rs/protocol/src/models.rs. */
const NOTES = 'internal_chat_message_metadata_passthrough'

/**
 * A Responses request as Copilot takes it, without what clients send to whoever they take for OpenAI. It refuses Codex' notes, as it
 * does any field it does not know (caozhiyuan/copilot-api issue 308), the tools that Codex offers to draw with (issues 220 and 312), and to
 * store (`store is not supported`); byok keeps responses itself. Reasoning without its encrypted content is known by its id alone, of which
 * Copilot takes none, so it is left out. A picture that was drawn elsewhere has an id, which Copilot takes for a
 * connection's (item-ids.ts), so its model is told of it in words. Codex shows images in their `original` detail (openai/codex pull request
 * 20693), and Copilot's models see no more than `high`: "image detail has to be either 'low' or 'high'" (caozhiyuan/copilot-api issue 362).
 */
export function asCopilotTakes(body: JsonObject): JsonObject {
  const { input, tools, store } = body
  const odd = Array.isArray(input) && input.some(isOdd)
  const left = Array.isArray(tools) ? tools.filter((tool) => !draws(tool)) : []
  const offered = Array.isArray(tools) && left.length > 0 && left.length < tools.length
  if (!odd && !offered && store !== true) return body
  const { store: _, ...rest } = body
  return {
    ...rest,
    ...(store !== true && store !== undefined && { store }),
    ...(odd && { input: input.filter((item) => !isBareReasoning(item)).map(plain) }),
    ...(offered && { tools: left }),
  }
}

function isOdd(item: unknown): boolean {
  if (!isObject(item)) return false
  const unknown = NOTES in item || isPicture(item) || isBareReasoning(item)
  return unknown || SHOWING.some((name) => listOf(item[name]).some(isOriginal))
}

function isBareReasoning(item: unknown): boolean {
  return isObject(item) && item['type'] === 'reasoning' && typeof item['encrypted_content'] !== 'string'
}

function plain(item: unknown): unknown {
  if (!isObject(item)) return item
  const { [NOTES]: _, ...rest } = item
  if (isPicture(rest)) return { role: 'assistant', content: tellItem(rest) }
  const lists = SHOWING.filter((name) => Array.isArray(rest[name]))
  return { ...rest, ...Object.fromEntries(lists.map((name) => [name, listOf(rest[name]).map(inHigh)])) }
}

function inHigh(part: unknown): unknown {
  return isOriginal(part) ? { ...part, detail: 'high' } : part
}

/** Where an item may have images. */
const SHOWING = ['content', 'output']

function isOriginal(part: unknown): part is JsonObject {
  return isObject(part) && part['type'] === 'input_image' && part['detail'] === 'original'
}

function isPicture({ type }: JsonObject): boolean {
  return type === 'image_generation_call'
}

function draws(tool: unknown): boolean {
  if (!isObject(tool)) return false
  return tool['type'] === 'image_generation' || (tool['type'] === 'namespace' && tool['name'] === 'image_gen')
}
