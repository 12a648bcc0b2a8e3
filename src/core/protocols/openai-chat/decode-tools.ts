import type { ChatTool, CustomTool, FunctionTool, ResponseFormat, ToolChoice } from '../../chat/index.ts'
import { readCacheControl } from '../cache-control.ts'
import { restOf } from './decode-content.ts'
import { fieldsOf, invalidType, invalidValue } from './fields.ts'
import type { Fields } from '../fields.ts'
import type { JsonObject } from '../json.ts'

/** The protocol that a {@link ChatTool} of type `provider` read here was written in. */
export const PROTOCOL = 'openai-chat'

/** Reads `tools` and the old `functions`. An empty list is none. */
export function readTools(body: Fields): ChatTool[] | undefined {
  const tools = (body.array('tools') ?? []).map((tool, index) => readTool(fieldsOf(tool, `tools[${index}]`), tool))
  const functions = (body.array('functions') ?? []).map((definition, index) =>
    readFunction(fieldsOf(definition, `functions[${index}]`)),
  )
  const all = [...tools, ...functions]
  return all.length > 0 ? all : undefined
}

/** Whether a client knows the old `functions` alone. */
export function asksByFunctions(body: Fields): boolean {
  return (body.array('functions') ?? []).length > 0 && (body.array('tools') ?? []).length === 0
}

function readTool(tool: Fields, raw: unknown): ChatTool {
  const type = tool.requiredString('type')
  if (type === 'function') return readFunction(tool.requiredNested('function'), tool)
  if (type === 'custom') return readCustom(tool.requiredNested('custom'), tool)
  // A tool the provider runs itself, such as a compatible server's web search.
  return { type: 'provider', tool: raw as Record<string, unknown>, protocol: PROTOCOL }
}

function readFunction(definition: Fields, tool?: Fields): FunctionTool {
  const read: FunctionTool = { type: 'function', name: definition.requiredString('name') }
  const description = definition.string('description')
  if (description !== undefined) read.description = description
  const parameters = definition.object('parameters')
  if (parameters) read.parameters = parameters
  const strict = definition.boolean('strict')
  if (strict !== undefined) read.strict = strict
  const cacheControl = (tool && readCacheControl(tool)) ?? readCacheControl(definition)
  if (cacheControl) read.cacheControl = cacheControl
  const extra = restOf(tool ?? fieldsOf({}), { name: 'function', fields: definition })
  if (extra) read.extra = extra
  return read
}

function readCustom(custom: Fields, tool: Fields): CustomTool {
  const read: CustomTool = { type: 'custom', name: custom.requiredString('name') }
  const description = custom.string('description')
  if (description !== undefined) read.description = description
  const format = custom.object('format')
  if (format) read.format = format
  const extra = restOf(tool, { name: 'custom', fields: custom })
  if (extra) read.extra = extra
  return read
}

const CHOICES = ['none', 'auto', 'required'] as const

/**
 * Gemini's mode of that name, which is `auto` with calls held to their schemas: GitHub Copilot CLI 1.0.102 asks for it where a model's name is
 * one of Gemini's, of an address of one's own (`COPILOT_PROVIDER_BASE_URL`) too.
 */
const VALIDATED = 'validated'

/** Reads `tool_choice` and the old `function_call`. */
export function readToolChoice(body: Fields): ToolChoice | undefined {
  const choice = body.raw('tool_choice')
  const legacy = body.raw('function_call')
  if (choice !== undefined) return readChoice(choice)
  if (legacy === undefined) return undefined
  if (legacy === 'none' || legacy === 'auto') return { type: legacy }
  if (typeof legacy === 'string') throw invalidValue('function_call', legacy, ['none', 'auto'])
  return { type: 'tool', kind: 'function', name: fieldsOf(legacy, 'function_call').requiredString('name') }
}

function readChoice(choice: unknown): ToolChoice {
  if (typeof choice === 'string') return readMode(choice, 'tool_choice')
  const fields = fieldsOf(choice, 'tool_choice')
  const type = fields.requiredString('type')
  if (type === 'function' || type === 'custom') {
    return { type: 'tool', kind: type, name: fields.requiredNested(type).requiredString('name') }
  }
  if (type !== 'allowed_tools') return readMode(type, fields.path('type'), ['function', 'custom', 'allowed_tools'])
  const allowed = fields.requiredNested('allowed_tools')
  const mode = allowed.requiredString('mode')
  if (mode !== 'auto' && mode !== 'required') throw invalidValue(allowed.path('mode'), mode, ['auto', 'required'])
  const names = (allowed.array('tools') ?? []).map((tool, index) => {
    const named = fieldsOf(tool, `${allowed.path('tools')}[${index}]`)
    const kind = named.requiredString('type')
    if (kind !== 'function' && kind !== 'custom') throw invalidValue(named.path('type'), kind, ['function', 'custom'])
    return named.requiredNested(kind).requiredString('name')
  })
  return { type: 'allowed', mode, names }
}

function readMode(word: string, path: string, more: string[] = []): ToolChoice {
  if (word === VALIDATED) return { type: 'auto' }
  const mode = CHOICES.find((choice) => choice === word)
  if (!mode) throw invalidValue(path, word, [...CHOICES, ...more])
  return { type: mode }
}

/** Reads `response_format`; what its fields hold beyond OpenAI's is left in `rest`. */
export function readResponseFormat(
  body: Fields,
): { format: ResponseFormat; rest?: Record<string, unknown> } | undefined {
  const fields = body.nested('response_format')
  if (!fields) return undefined
  const type = fields.requiredString('type')
  if (type === 'text' || type === 'json_object') {
    const schema = type === 'json_object' ? schemaOf(fields) : undefined
    const rest = fields.rest()
    return { format: schema ? { type: 'json_schema', name: 'response', schema } : { type }, ...(rest && { rest }) }
  }
  if (type !== 'json_schema') throw invalidValue(fields.path('type'), type, ['text', 'json_object', 'json_schema'])
  const inner = fields.requiredNested('json_schema')
  const format: ResponseFormat = { type, name: inner.requiredString('name') }
  const description = inner.string('description')
  if (description !== undefined) format.description = description
  const schema = inner.object('schema')
  if (schema) format.schema = schema
  const strict = inner.boolean('strict')
  if (strict !== undefined) format.strict = strict
  const rest = restOf(fields, { name: 'json_schema', fields: inner })
  return { format, ...(rest && { rest }) }
}

/**
 * The schema of a `json_object`, as llama.cpp and Together take it (ggml-org/llama.cpp tools/server/README.md, `response_format`), and as
 * npm's @instructor-ai/instructor asks in its mode JSON_SCHEMA. An empty one says nothing.
 */
function schemaOf(format: Fields): JsonObject | undefined {
  const schema = format.object('schema')
  return schema && Object.keys(schema).length > 0 ? schema : undefined
}

/** Reads `stop`, a string or a list of strings. */
export function readStop(body: Fields): string[] | undefined {
  const stop = body.raw('stop')
  if (stop === undefined) return undefined
  if (typeof stop === 'string') return [stop]
  if (!Array.isArray(stop)) throw invalidType('stop', 'one of a string or array of strings', stop)
  return stop.map((sequence: unknown, index) => {
    if (typeof sequence !== 'string') throw invalidType(`stop[${index}]`, 'a string', sequence)
    return sequence
  })
}
