import { nameOfTool } from '../../chat/index.ts'
import type { ChatTool, FunctionTool, ResponseFormat, ToolChoice } from '../../chat/index.ts'
import { PROTOCOL } from './decode-tools.ts'
import { compact, withExtra } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { openAIParameters, strictOpenAIParameters } from '../schema/parameters.ts'
import type { Dialect } from './request-content.ts'

export function writeTools(tools: readonly ChatTool[], dialect: Dialect): JsonObject[] {
  if (tools.length > 0) dialect.need('tools', 'tools')
  return tools.map((tool, index) => {
    switch (tool.type) {
      case 'function': {
        const { name, description, strict } = tool
        const parameters = writeParameters(tool, dialect)
        return dialect.wrap({ type: 'function', function: compact({ name, description, parameters, strict }) }, tool)
      }
      case 'custom': {
        const { name, description, format, extra } = tool
        return withExtra({ type: 'custom', custom: compact({ name, description, format }) }, extra)
      }
      case 'provider': {
        if (tool.protocol === PROTOCOL) return tool.tool
        return dialect.refuse(`the tool \`${nameOfTool(tool)}\``, `tools[${index}]`)
      }
    }
  })
}

function writeParameters({ parameters, strict }: FunctionTool, { options }: Dialect): JsonObject | undefined {
  if (!parameters || options.parameters === 'any') return parameters
  return strict === true ? strictOpenAIParameters(parameters) : openAIParameters(parameters)
}

export function writeToolChoice(choice: ToolChoice, tools: readonly ChatTool[], dialect: Dialect): unknown {
  switch (choice.type) {
    case 'auto':
    case 'none':
      return choice.type
    case 'required':
      dialect.need('required_tool_choice', 'tool_choice')
      return 'required'
    case 'tool':
      dialect.need('named_tool_choice', 'tool_choice')
      return { type: choice.kind, [choice.kind]: { name: choice.name } }
    case 'allowed': {
      dialect.need('allowed_tools', 'tool_choice')
      const custom = new Set(tools.flatMap((tool) => (tool.type === 'custom' ? [tool.name] : [])))
      const allowed = choice.names.map((name) => {
        const kind = custom.has(name) ? 'custom' : 'function'
        return { type: kind, [kind]: { name } }
      })
      return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools: allowed } }
    }
  }
}

export function writeResponseFormat(format: ResponseFormat, dialect: Dialect): JsonObject {
  if (format.type === 'text') return { type: 'text' }
  dialect.need(format.type, 'response_format')
  if (format.type === 'json_object') return { type: 'json_object' }
  const { name, description, schema, strict } = format
  return { type: 'json_schema', json_schema: compact({ name, description, schema, strict }) }
}
