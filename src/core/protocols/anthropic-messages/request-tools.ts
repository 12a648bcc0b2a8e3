import { changeOf, nameOfTool, unsupported } from '../../chat/index.ts'
import type { ChatRequest, ChatTool, CustomTool, FunctionTool } from '../../chat/index.ts'
import { compact, withExtra } from '../json.ts'
import { PROTOCOL } from './options.ts'
import type { JsonObject } from '../json.ts'
import type { Writing } from './request-content.ts'
import { strictSchema } from './schema.ts'
import { objectAtRoot } from '../schema/parameters.ts'
import type { ClaudeTraits } from './traits.ts'

export interface ToolFields {
  tools?: JsonObject[]
  tool_choice?: JsonObject
  /** Whether a call must come. */
  forced: boolean
}

/** Writes `tools` and `tool_choice`. A choice among some tools leaves the others out. */
export function writeToolFields(chat: ChatRequest, traits: ClaudeTraits, writing: Writing): ToolFields {
  const { toolChoice: choice, parallelToolCalls: parallel } = chat
  // What came on the way stands among the messages of this very format.
  const given = (chat.tools ?? []).filter((tool) => !writing.own || changeOf(tool) !== 'added')
  const offered = given.filter((tool) => choice?.type !== 'allowed' || choice.names.includes(nameOf(tool)))
  const tools = offered.map((tool, index) => writeTool(tool, index, traits, writing))
  const forced =
    choice?.type === 'required' || choice?.type === 'tool' || (choice?.type === 'allowed' && choice.mode === 'required')
  if (forced && !traits.forcedTools) {
    throw unsupported(
      writing.provider,
      `a \`tool_choice\` that forces a call on ${chat.model}, only \`auto\``,
      'tool_choice',
    )
  }
  // Without tools, Anthropic refuses a choice among them.
  if (tools.length === 0 && !forced) return { forced }
  const single = parallel === false ? true : undefined
  const written = compact({
    type: choice?.type === 'none' ? 'none' : choice?.type === 'tool' ? 'tool' : forced ? 'any' : 'auto',
    name: choice?.type === 'tool' ? choice.name : undefined,
    disable_parallel_tool_use: choice?.type === 'none' ? undefined : single,
  })
  const said = choice !== undefined || single !== undefined
  return compact({ tools: tools.length > 0 ? tools : undefined, tool_choice: said ? written : undefined, forced })
}

function nameOf(tool: ChatTool): string {
  const name = tool.type === 'provider' ? tool.tool['name'] : tool.name
  return typeof name === 'string' ? name : ''
}

function writeTool(tool: ChatTool, index: number, traits: ClaudeTraits, writing: Writing): JsonObject {
  switch (tool.type) {
    case 'function':
      return writeFunction(tool, traits, writing)
    case 'custom':
      return writeCustom(tool)
    case 'provider': {
      if (tool.protocol === PROTOCOL) return tool.tool
      throw unsupported(writing.provider, `the tool \`${nameOfTool(tool)}\``, `tools[${index}]`)
    }
  }
}

function writeFunction(tool: FunctionTool, traits: ClaudeTraits, writing: Writing): JsonObject {
  const { name, description, parameters = {}, cacheControl } = tool
  const strict = tool.strict === true && traits.structured
  const schema = objectAtRoot(parameters)
  const known = compact({
    name,
    description,
    input_schema: strict ? strictSchema(schema) : schema,
    strict: strict ? true : undefined,
    cache_control: cacheControl,
  })
  return writing.own ? withExtra(known, tool.extra) : known
}

/**
 * A tool that takes free text, as a tool with one text: Anthropic has none of the kind. The grammar it is held to is told in
 * words. {@link MessageDecoder} takes the text out again.
 */
function writeCustom({ name, description, format }: CustomTool): JsonObject {
  const grammar =
    format && format['type'] !== 'text' ? `The input must follow this format: ${JSON.stringify(format)}` : undefined
  const words = [description, grammar].filter((line) => line !== undefined).join('\n\n')
  return compact({
    name,
    description: words === '' ? undefined : words,
    input_schema: {
      type: 'object',
      properties: { input: { type: 'string', description: "The tool's whole input, as plain text." } },
      required: ['input'],
      additionalProperties: false,
    },
  })
}
