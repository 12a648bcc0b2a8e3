import type { ExecutorContext } from '../../index.ts'
import { isObject, isSystem, objects, withoutBillingLine } from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'
import type { Endpoint } from './endpoint.ts'

/** Whether any image goes with a request, in tool results and documents too. */
export function hasImages(endpoint: Endpoint, body: JsonObject): boolean {
  return turnsOf(endpoint, body).some((turn) => [turn['content'], turn['output']].some(holdsImage))
}

/**
 * Whether the last turn is a person's words, or a step of an agent's own: a tool's result, or an answer to be gone on with.
 * Copilot counts only the former as a premium request.
 *
 * What byok translated is judged as the client wrote it: an image in a tool's result goes in a user message, which is byok's and
 * no person's.
 *
 * Source: anomalyco/opencode, packages/opencode/src/plugin/github-copilot/copilot.ts, `isAgent`; `imgMsg` is such a message of
 * opencode's own.
 */
export function initiatorOf(
  endpoint: Endpoint,
  { body, chat }: Pick<ExecutorContext['request'], 'body' | 'chat'>,
): 'user' | 'agent' {
  if (chat) {
    const last = chat.messages.findLast((message) => !isSystem(message))
    return last === undefined || last.role === 'user' ? 'user' : 'agent'
  }
  const last = turnsOf(endpoint, body).at(-1)
  if (last?.['role'] !== 'user') return last === undefined ? 'user' : 'agent'
  const { content } = last
  const onlyResults =
    Array.isArray(content) && content.length > 0 && content.every((part) => typeOf(part) === 'tool_result')
  return onlyResults ? 'agent' : 'user'
}

/** A request to Claude without Claude Code's line for Anthropic's accounting, which Copilot refuses. */
export function withoutBilling(body: JsonObject): JsonObject {
  const { system, ...rest } = body
  const left = Array.isArray(system) ? system.flatMap(unbilled) : unbilled(system)[0]
  return left === undefined || (Array.isArray(left) && left.length === 0) ? rest : { ...rest, system: left }
}

/** A text, or a block of it, where anything is left. */
function unbilled(said: unknown): unknown[] {
  const block = isObject(said) ? said : undefined
  const words = block ? block['text'] : said
  if (typeof words !== 'string') return [said]
  const left = withoutBillingLine(words)
  return left === undefined ? [] : [block ? { ...block, text: left } : left]
}

function turnsOf(endpoint: Endpoint, body: JsonObject): JsonObject[] {
  const turns = body[endpoint === '/responses' ? 'input' : 'messages']
  if (typeof turns === 'string') return [{ role: 'user', content: turns }]
  return objects(turns)
}

const IMAGES = new Set(['image_url', 'input_image', 'image'])

function holdsImage(content: unknown): boolean {
  return objects(content).some((part) => IMAGES.has(typeOf(part) ?? '') || contentsOf(part).some(holdsImage))
}

/** What stands within a part: of a tool's result, and of a document. */
function contentsOf({ content, source }: JsonObject): unknown[] {
  return [content, isObject(source) ? source['content'] : undefined]
}

function typeOf(part: unknown): string | undefined {
  return isObject(part) && typeof part['type'] === 'string' ? part['type'] : undefined
}
