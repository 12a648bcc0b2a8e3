import { changedTool, TOLD } from '../../chat/index.ts'
import type { ChatMessage, ChatTool, Extra, Told } from '../../chat/index.ts'
import { blockOf, toolChangesIn } from './blocks.ts'
import { baseOf } from './decode-content.ts'
import { fieldsOf } from './fields.ts'
import type { Fields } from '../fields.ts'
import { compact, isObject, objects } from '../json.ts'
import { PROTOCOL } from './options.ts'
import type { JsonObject } from '../json.ts'

/** Reads `tools`, and what the messages change about them on the way. */
export function readTools(body: Fields, messages: readonly ChatMessage[]): ChatTool[] | undefined {
  const declared = (body.array('tools') ?? []).map((tool, index) => readTool(tool, `tools.${index}`))
  const changes = messages.flatMap(changesOf)
  const tools = changes.length > 0 ? changed(declared, changes) : declared
  return tools.length > 0 ? tools : undefined
}

/** A tool with a versioned `type` is one that Anthropic runs, or knows: only its own wire knows the fields. */
function readTool(tool: unknown, path: string): ChatTool {
  const fields = fieldsOf(tool, path)
  const type = fields.string('type')
  if (type !== undefined && type !== 'custom') {
    return { type: 'provider', tool: tool as JsonObject, protocol: PROTOCOL }
  }
  const known = {
    type: 'function' as const,
    name: fields.requiredString('name'),
    description: fields.string('description'),
    parameters: fields.object('input_schema'),
    strict: fields.boolean('strict'),
  }
  const base = baseOf(fields)
  const told = examplesIn(base.extra)
  return compact({ ...known, ...base, ...(told && { extra: { ...base.extra, [TOLD]: told } }) })
}

/** The model is shown how its input may look (`BetaTool.input_examples` of @anthropic-ai/sdk), and others have no field for that. */
function examplesIn(extra: Extra | undefined): Told | undefined {
  const examples = objects(extra?.['input_examples'])
  if (examples.length === 0) return undefined
  const words = ['Examples of its input:', ...examples.map((example) => JSON.stringify(example))].join('\n')
  return { after: [{ type: 'text', text: words }] }
}

function changesOf({ content }: ChatMessage): JsonObject[] {
  return content.flatMap((part) => {
    const block = blockOf(part)
    return block ? toolChangesIn(block) : []
  })
}

/**
 * The tools that the model is offered in the end, and those that were withdrawn. A tool is added by its definition, which takes the place of
 * one of the same name, or once more by its name alone. What MCP servers have is named otherwise, and is theirs.
 *
 * Source: `BetaRequestToolAdditionBlock` and `BetaRequestToolRemovalBlock` of @anthropic-ai/sdk, and its `BetaToolRunner.addTools` and
 * `removeTools`, which send them in a system message lest the prompt be cached anew.
 */
function changed(declared: ChatTool[], changes: JsonObject[]): ChatTool[] {
  const known = new Map(declared.map((tool) => [nameOf(tool), tool]))
  const offered = new Set(known.keys())
  for (const { type, tool } of changes) {
    if (!isObject(tool)) continue
    if (tool['type'] === 'tool_reference') {
      if (type === 'tool_addition') offered.add(tool['name'])
      else offered.delete(tool['name'])
    } else if (tool['type'] === 'tool_definition') {
      const read = readTool(tool['definition'], 'tool_addition.tool.definition')
      known.set(nameOf(read), read)
      offered.add(nameOf(read))
    }
  }
  const stands = (tool: ChatTool) => offered.has(nameOf(tool)) && known.get(nameOf(tool)) === tool
  const added = [...known.values()].filter((tool) => !declared.includes(tool) && stands(tool))
  return [
    ...declared.map((tool) => (stands(tool) ? tool : changedTool(tool, 'withdrawn'))),
    ...added.map((tool) => changedTool(tool, 'added')),
  ]
}

function nameOf(tool: ChatTool): unknown {
  return tool.type === 'provider' ? tool.tool['name'] : tool.name
}
