import { nameOfTool, unsupported } from '../../chat/index.ts'
import type {
  ChatTool,
  CustomTool,
  Extra,
  FunctionTool,
  ProviderTool,
  ResponseFormat,
  ToolChoice,
} from '../../chat/index.ts'
import { compact, isObject, withExtra } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { openAIParameters, strictOpenAIParameters } from '../schema/parameters.ts'
import { namespacedNames } from './namespace.ts'
import { flatExtra, FORMAT, isKept, kept } from './wire.ts'

/** Tools OpenAI runs itself, by their types here (openai-node `Tool`), for clients that name them in another OpenAI format. */
const OWN_TOOLS =
  /^(?:web_search|web_search_preview|file_search|code_interpreter|image_generation|mcp|computer|computer_use_preview|local_shell|shell|apply_patch|tool_search)(?:_\d{4}_\d{2}_\d{2})?$/

/** Writes `tools`. Those of one namespace stand together again, where the first of them stood. Those that the input offers stay there. */
export function writeTools(tools: readonly ChatTool[], provider: string): JsonObject[] {
  const namespaces = new Map<string, JsonObject[]>()
  const written: JsonObject[] = []
  tools.forEach((tool, index) => {
    const { namespace, description, within } = tool.type === 'provider' ? {} : kept(tool)
    if (within === true) return
    if (typeof namespace !== 'string') {
      written.push(writeTool(tool, provider, index))
      return
    }
    const inner = namespaces.get(namespace)
    const own = writeTool(tool, provider, index)
    if (inner) {
      inner.push(own)
      return
    }
    const first = [own]
    namespaces.set(namespace, first)
    written.push({ type: 'namespace', name: namespace, description, tools: first })
  })
  return written
}

function writeTool(tool: ChatTool, provider: string, index: number): JsonObject {
  switch (tool.type) {
    case 'function':
      return writeFunction(tool)
    case 'custom':
      return writeCustom(tool)
    case 'provider': {
      if (isOwnTool(tool)) return tool.tool
      throw unsupported(provider, `the tool \`${nameOfTool(tool)}\``, `tools[${index}]`)
    }
  }
}

export function isOwnTool({ tool, protocol }: ProviderTool): boolean {
  return protocol === FORMAT || (protocol === 'openai-chat' && OWN_TOOLS.test(String(tool['type'])))
}

function writeFunction(tool: FunctionTool): JsonObject {
  const { description, parameters, strict, extra } = tool
  const isStrict = strict ?? isKept(tool)
  const known = compact({
    type: 'function',
    name: ownName(tool),
    description,
    parameters: parameters && isStrict ? strictOpenAIParameters(parameters) : openAIParameters(parameters ?? {}),
    // Left out it means true here, and false in Chat Completions.
    strict: strict ?? (isKept(tool) ? undefined : false),
  })
  return withOwn(known, tool, flatExtra(extra, 'function'))
}

function writeCustom(tool: CustomTool): JsonObject {
  const { description, format, extra } = tool
  const known = compact({ type: 'custom', name: ownName(tool), description, format: format && flatFormat(format) })
  return withOwn(known, tool, flatExtra(extra, 'custom'))
}

function withOwn(known: JsonObject, tool: FunctionTool | CustomTool, extra: Extra | undefined): JsonObject {
  const { own } = kept(tool)
  return withExtra(withExtra(known, extra), isObject(own) ? own : undefined)
}

/** The name within the namespace, where the tool has one. */
function ownName(tool: FunctionTool | CustomTool): string {
  const { name } = kept(tool)
  return typeof name === 'string' ? name : tool.name
}

/** Chat Completions has a grammar's fields one level deeper. */
function flatFormat({ grammar, ...format }: Record<string, unknown>): JsonObject {
  return isObject(grammar) ? { ...format, ...grammar } : compact({ ...format, grammar })
}

export function writeToolChoice(choice: ToolChoice, tools: readonly ChatTool[]): unknown {
  const names = namespacedNames(tools)
  const named = (type: 'function' | 'custom', name: string) => ({ type, ...(names.get(name) ?? { name }) })
  switch (choice.type) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.type
    case 'tool':
      return named(choice.kind, choice.name)
    case 'allowed': {
      const custom = new Set(tools.flatMap((tool) => (tool.type === 'custom' ? [tool.name] : [])))
      const allowed = choice.names.map((name) => named(custom.has(name) ? 'custom' : 'function', name))
      return { type: 'allowed_tools', mode: choice.mode, tools: allowed }
    }
  }
}

/** `text.format` (openai-node `ResponseFormatTextConfig`). */
export function writeResponseFormat(format: ResponseFormat): JsonObject {
  if (format.type !== 'json_schema') return { type: format.type }
  const { name, description, schema = {}, strict } = format
  return compact({ type: 'json_schema', name, description, schema, strict })
}
