import { compact, isObject, listOf, objects } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { dataUrl } from './data-url.ts'

/*
 * Cursor asks for chat completions in the words of other protocols, by the model's name and its own mode: tools as Responses or
 * Anthropic have them, calls and results as Anthropic's blocks, a `system` beside the messages. Its answers it reads as chat completions.
 *
 * Sources: automazeio/vibeproxy issue 411, router-for-me/CLIProxyAPI pull request 3804 (Anthropic's shapes), archestra-ai/archestra pull
 * request 7375 (flat custom tools, empty content).
 */

/** A chat completion's body with all of it as OpenAI has it; the same object where it is. */
export function inChatShape(body: JsonObject): JsonObject {
  const { system, ...rest } = body
  const tools = mapped(body['tools'], isOddTool, (tool) => [toolOf(tool)])
  const messages = mapped(body['messages'], isOddMessage, messagesOf)
  const choice = choiceOf(body['tool_choice'])
  const beside = typeof system === 'string' || Array.isArray(system) ? [{ role: 'system', content: system }] : []
  if (!tools && !messages && choice === undefined && beside.length === 0) return body
  const said = messages ?? listOf(body['messages'])
  return {
    ...(beside.length > 0 ? rest : body),
    ...(tools && { tools }),
    ...choice,
    ...((messages || beside.length > 0) && { messages: [...beside, ...said] }),
  }
}

/** The list with its odd entries changed; nothing where it has none. */
function mapped(
  value: unknown,
  isOdd: (entry: unknown) => entry is JsonObject,
  change: (entry: JsonObject) => unknown[],
): unknown[] | undefined {
  const list = listOf(value)
  return list.some(isOdd) ? list.flatMap((entry) => (isOdd(entry) ? change(entry) : [entry])) : undefined
}

/** A tool with its name beside its type, where Chat Completions has it in an object of that type. */
function isOddTool(tool: unknown): tool is JsonObject {
  if (!isObject(tool) || typeof tool['name'] !== 'string') return false
  const { type } = tool
  if (type === undefined) return isObject(tool['input_schema'])
  return (type === 'function' || type === 'custom') && !isObject(tool[type])
}

function toolOf(tool: JsonObject): JsonObject {
  const { type, name, description, parameters, strict, format, input_schema: schema, ...rest } = tool
  if (type === 'custom' && !isObject(schema)) {
    return {
      ...rest,
      type,
      custom: compact({ name, description, format: isObject(format) ? formatOf(format) : undefined }),
    }
  }
  return {
    ...rest,
    type: 'function',
    function: compact({ name, description, parameters: parameters ?? schema, strict }),
  }
}

function formatOf(format: JsonObject): JsonObject {
  const { type, definition, syntax } = format
  return type === 'grammar' && definition !== undefined ? { type, grammar: compact({ definition, syntax }) } : format
}

/** The fields that stand for a choice in other words; nothing where it is in OpenAI's. */
function choiceOf(choice: unknown): JsonObject | undefined {
  if (!isObject(choice)) return undefined
  const { type, name, disable_parallel_tool_use: single } = choice
  const parallel = single === true && { parallel_tool_calls: false }
  switch (type) {
    case 'any':
      return { tool_choice: 'required', ...parallel }
    case 'auto':
    case 'none':
      return { tool_choice: type, ...parallel }
    case 'tool':
      return { tool_choice: { type: 'function', function: { name } }, ...parallel }
    case 'function':
    case 'custom':
      return isObject(choice[type]) ? undefined : { tool_choice: { type, [type]: { name } } }
    default:
      return undefined
  }
}

/** Anthropic's kinds of blocks. */
const BLOCKS = ['tool_use', 'tool_result', 'image']

function isOddMessage(message: unknown): message is JsonObject {
  if (!isObject(message) || !Array.isArray(message['content'])) return false
  const { role, content } = message
  return (
    (role === 'assistant' && content.length === 0) ||
    content.some((part) => isObject(part) && BLOCKS.includes(String(part['type'])))
  )
}

/** A user's results are messages of their own, before what else the user says: each answers a call of the message before. */
function messagesOf(message: JsonObject): JsonObject[] {
  const parts = objects(message['content'])
  const said = parts.filter(({ type }) => type !== 'tool_use' && type !== 'tool_result').map(partOf)
  if (message['role'] === 'assistant') {
    const calls = [...objects(message['tool_calls']), ...parts.filter(({ type }) => type === 'tool_use').map(callOf)]
    return [{ ...message, content: said.length > 0 ? said : null, ...(calls.length > 0 && { tool_calls: calls }) }]
  }
  const results = parts.filter(({ type }) => type === 'tool_result').map(resultOf)
  return said.length > 0 || results.length === 0 ? [...results, { ...message, content: said }] : results
}

function callOf({ id, name, input }: JsonObject): JsonObject {
  return {
    id,
    type: 'function',
    function: { name, arguments: typeof input === 'string' ? input : JSON.stringify(input ?? {}) },
  }
}

function resultOf({ tool_use_id: id, content }: JsonObject): JsonObject {
  return {
    role: 'tool',
    tool_call_id: id,
    content: Array.isArray(content) ? objects(content).map(partOf) : (content ?? ''),
  }
}

function partOf(part: JsonObject): JsonObject {
  const { type, source, ...rest } = part
  if (type !== 'image' || !isObject(source)) return part
  const { media_type: mediaType, data, url } = source
  const address = typeof mediaType === 'string' && typeof data === 'string' ? dataUrl(mediaType, data) : url
  return { ...rest, type: 'image_url', image_url: { url: address } }
}
