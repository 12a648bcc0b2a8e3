import { TOLD } from '../../chat/index.ts'
import type { ChatTool, CustomTool, Extra, FunctionTool, ResponseFormat, Told, ToolChoice } from '../../chat/index.ts'
import { fieldsOf, invalidValue } from '../openai-chat/fields.ts'
import type { Fields } from '../fields.ts'
import { compact, isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { flatName } from './namespace.ts'
import { FORMAT, keep, kept } from './wire.ts'

/** Reads `tools` (openai-node `Tool`). Those that OpenAI runs itself are kept whole. */
export function readTools(body: Fields, input: unknown): ChatTool[] | undefined {
  const own = (body.array('tools') ?? []).flatMap((tool, index) => readTool(tool, `tools[${index}]`))
  const names = new Set(own.map(nameOfTool))
  const tools = [...own, ...toolsWithin(input).filter((tool) => !names.has(tool.name))]
  return tools.length > 0 ? tools : undefined
}

/** Items that offer tools: those of some models are told of none but so (openai/codex codex-rs/core/src/client.rs, `AdditionalTools`). */
const OFFERING = ['additional_tools', 'tool_search_output']

/** The client's tools that stand in the input. OpenAI finds them there, so they are marked for it. A later one takes the place of an earlier. */
function toolsWithin(input: unknown): (FunctionTool | CustomTool)[] {
  const found = new Map<string, FunctionTool | CustomTool>()
  if (!Array.isArray(input)) return []
  input.forEach((item: unknown, index) => {
    if (!isObject(item) || !OFFERING.includes(String(item['type']))) return
    const path = `input[${index}]`
    const tools = fieldsOf(item, path).array('tools') ?? []
    for (const tool of tools.flatMap((value, at) => readTool(value, `${path}.tools[${at}]`))) {
      if (tool.type === 'provider') continue
      found.set(tool.name, { ...tool, extra: keep({ ...kept(tool), within: true }, tool.extra) })
    }
  })
  return [...found.values()]
}

function nameOfTool(tool: ChatTool): unknown {
  return tool.type === 'provider' ? undefined : tool.name
}

function readTool(value: unknown, path: string): ChatTool[] {
  const tool = fieldsOf(value, path)
  const type = tool.requiredString('type')
  if (type === 'function' || type === 'custom') return [readOwn(tool, type)]
  if (type !== 'namespace') return [{ type: 'provider', tool: value as JsonObject, protocol: FORMAT }]
  const namespace = tool.requiredString('name')
  const description = tool.string('description')
  const inner = tool.array('tools') ?? []
  return inner.map((member, index) => {
    const fields = fieldsOf(member, `${path}.tools[${index}]`)
    const kind = fields.requiredString('type')
    if (kind !== 'function' && kind !== 'custom') throw invalidValue(fields.path('type'), kind, ['function', 'custom'])
    const tool = readOwn(fields, kind, { namespace, description })
    return index === 0 && description ? describing(tool, namespace, description) : tool
  })
}

/** What the model is shown of the whole namespace (openai-node `NamespaceTool.description`), which others have none of, with its first tool. */
function describing(
  tool: FunctionTool | CustomTool,
  namespace: string,
  description: string,
): FunctionTool | CustomTool {
  const told: Told = { after: [{ type: 'text', text: `All tools of ${namespace}: ${description}` }] }
  return { ...tool, extra: { ...tool.extra, [TOLD]: told } }
}

function readOwn(
  tool: Fields,
  type: 'function' | 'custom',
  space?: { namespace: string } & JsonObject,
): FunctionTool | CustomTool {
  const own = tool.requiredString('name')
  const name = space ? flatName({ namespace: space.namespace, name: own }) : own
  const description = tool.string('description')
  const wire: JsonObject = space ? compact({ ...space, name: own }) : {}
  if (type === 'custom') {
    const format = tool.object('format')
    return compact({ type, name, description, format: format && chatFormat(format), extra: restOf(tool, wire) })
  }
  return compact({
    type,
    name,
    description,
    parameters: tool.object('parameters'),
    strict: tool.boolean('strict'),
    extra: restOf(tool, wire),
  })
}

/** Fields that steer how OpenAI itself loads and calls a tool stay on its wire. */
function restOf(tool: Fields, wire: JsonObject): Extra {
  const own = compact({
    defer_loading: tool.raw('defer_loading'),
    allowed_callers: tool.raw('allowed_callers'),
    output_schema: tool.raw('output_schema'),
  })
  return keep(Object.keys(own).length > 0 ? { ...wire, own } : wire, tool.rest())
}

/** A grammar as Chat Completions has it, which is the form the neutral model keeps. */
function chatFormat(format: JsonObject): JsonObject {
  const { type, ...grammar } = format
  return type === 'grammar' && !isObject(format['grammar']) ? { type, grammar } : format
}

const MODES = ['none', 'auto', 'required'] as const

/** Reads `tool_choice`; `undefined` for a form that names a tool of OpenAI's own, which is left in the rest. */
export function readToolChoice(body: Fields): ToolChoice | undefined {
  return body.take('tool_choice', (value) => {
    if (typeof value === 'string') {
      const mode = MODES.find((word) => word === value)
      if (!mode) throw invalidValue('tool_choice', value, MODES)
      return { type: mode }
    }
    const choice = fieldsOf(value, 'tool_choice')
    const type = choice.requiredString('type')
    if (type === 'function' || type === 'custom') return { type: 'tool', kind: type, name: nameOf(choice) }
    return type === 'allowed_tools' ? readAllowed(choice) : undefined
  })
}

function readAllowed(choice: Fields): ToolChoice | undefined {
  const mode = choice.requiredString('mode')
  if (mode !== 'auto' && mode !== 'required') throw invalidValue(choice.path('mode'), mode, ['auto', 'required'])
  const tools = (choice.array('tools') ?? []).map((tool, index) => fieldsOf(tool, `tool_choice.tools[${index}]`))
  const own = tools.every((tool) => ['function', 'custom'].includes(tool.requiredString('type')))
  return own ? { type: 'allowed', mode, names: tools.map(nameOf) } : undefined
}

function nameOf(choice: Fields): string {
  const name = choice.requiredString('name')
  const namespace = choice.string('namespace')
  return namespace === undefined ? name : flatName({ namespace, name })
}

/** Reads `text.format` (openai-node `ResponseFormatTextConfig`). */
export function readResponseFormat(text: Fields | undefined): ResponseFormat | undefined {
  const format = text?.nested('format')
  if (!format) return undefined
  const type = format.requiredString('type')
  if (type === 'text' || type === 'json_object') return { type }
  if (type !== 'json_schema') throw invalidValue(format.path('type'), type, ['text', 'json_object', 'json_schema'])
  return compact<Extract<ResponseFormat, { type: 'json_schema' }>>({
    type,
    name: format.requiredString('name'),
    description: format.string('description'),
    schema: format.object('schema'),
    strict: format.boolean('strict'),
  })
}
