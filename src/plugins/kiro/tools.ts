import { invalidRequest, unsupported } from '../../index.ts'
import type { ChatRequest, ChatTool, FunctionTool, ToolChoice } from '../../index.ts'
import { isObject, objectAtRoot } from '../../kit.ts'
import type { KiroTool } from './wire.ts'

/**
 * The longest description, in bytes. Kiro refuses the request beyond 10240 (router-for-me/CLIProxyAPIPlus,
 * internal/runtime/executor/kiro_executor.go); a longer one moves to the system prompt.
 */
const LONGEST_DESCRIPTION = 10_000

export interface WrittenTools {
  tools: KiroTool[]
  /** Descriptions that were too long for their place, for the system prompt. */
  moved: string[]
}

/**
 * The tools a request offers, and the choice it leaves. `none` offers none.
 *
 * @throws {ChatError} 400 for what Kiro cannot promise or would refuse.
 */
export function writeTools({ tools = [], toolChoice }: ChatRequest): WrittenTools {
  if (toolChoice) checkChoice(toolChoice)
  if (tools.length === 0 || toolChoice?.type === 'none') return { tools: [], moved: [] }
  const moved: string[] = []
  const written = tools.map((tool, index) => writeTool(tool, index, moved))
  return { tools: written, moved }
}

function checkChoice(choice: ToolChoice): void {
  switch (choice.type) {
    case 'auto':
    case 'none':
      return
    case 'required':
      throw unsupported('Kiro', '`tool_choice: "required"`', 'tool_choice')
    case 'tool':
      throw unsupported('Kiro', 'a `tool_choice` that names a tool', 'tool_choice')
    case 'allowed':
      throw unsupported('Kiro', '`tool_choice` of type `allowed_tools`', 'tool_choice')
  }
}

function writeTool(tool: ChatTool, index: number, moved: string[]): KiroTool {
  const path = `tools[${index}]`
  if (tool.type === 'custom') throw unsupported('Kiro', 'custom tools', path)
  if (tool.type === 'provider') throw unsupported('Kiro', "tools that run on the provider's side", path)
  const { name } = tool
  const json = writeSchema(tool, `${path}.function.parameters`)
  return { toolSpecification: { name, description: describe(name, tool, moved), inputSchema: { json } } }
}

/** Never empty: Kiro refuses a tool without a description. */
function describe(name: string, { description = '' }: FunctionTool, moved: string[]): string {
  if (description.trim() === '') return `The tool ${name}.`
  if (Buffer.byteLength(description) <= LONGEST_DESCRIPTION) return description
  moved.push(`## Tool: ${name}\n\n${description}`)
  return `Described in the system prompt, under "Tool: ${name}".`
}

/** Whatever else a type is called means an object. */
const OTHER_TYPES = new Set<unknown>(['string', 'number', 'integer', 'boolean', 'array', 'null'])

/**
 * The schema as the client wrote it, but for what Kiro answers with "Improperly formed request" and that means nothing to
 * a model: `$schema`, an empty `required`, and `additionalProperties` of `true` or `false`
 * (jwadow/kiro-gateway, kiro/converters_core.py).
 */
function writeSchema({ parameters = {} }: FunctionTool, path: string): Record<string, unknown> {
  if (OTHER_TYPES.has(parameters['type']))
    throw invalidRequest("Kiro takes parameters whose schema has the type 'object' only.", path)
  const schema = objectAtRoot(parameters)
  return clean({ ...schema, properties: schema['properties'] ?? {} })
}

function clean(schema: Record<string, unknown>): Record<string, unknown> {
  const cleaned: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(schema)) {
    if (key === '$schema') continue
    if (key === 'additionalProperties' && typeof value === 'boolean') continue
    if (key === 'required' && Array.isArray(value) && value.length === 0) continue
    cleaned[key] = MAPS.has(key) && isObject(value) ? cleanEach(value) : DATA.has(key) ? value : cleanValue(value)
  }
  return cleaned
}

/** Keywords whose keys are names of the client's own. */
const MAPS = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])
/** Keywords that hold data, not schemas. */
const DATA = new Set(['default', 'const', 'enum', 'examples', 'example'])

function cleanEach(map: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, cleanValue(value)]))
}

function cleanValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleanValue)
  return isObject(value) ? clean(value) : value
}
