import { createHash } from 'node:crypto'
import type { ChatMessage, ChatRequest, ChatTool, FunctionTool } from '../../chat/index.ts'
import { withReader } from '../../upstream/read-again.ts'
import type { Translator } from '../../upstream/translator.ts'
import { WholeArguments } from '../../upstream/whole-arguments.ts'
import { isObject, parseJson } from '../json.ts'
import type { JsonObject } from '../json.ts'

/**
 * "tools.14.custom.input_schema.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'": appstore-connect-mcp issue 2 (beautyfree),
 * whose tools filter by `filter[id]`. Only the names at the root are looked at (decocms/studio pull request 6874).
 */
const NAME = /^[\w.-]{1,64}$/

/** By a tool: its arguments' own names, by those they have on the wire. */
type Renamed = ReadonlyMap<string, ReadonlyMap<string, string>>

/** A translator that gives arguments names that Claude takes, and gives the client its own back. */
export function withPropertyNames(translator: Translator): Translator {
  const asking: Translator = {
    ...translator,
    request(chat) {
      const names = renamedIn(chat)
      return translator.request(names.size === 0 ? chat : renamed(chat, names))
    },
  }
  return withReader(asking, (chat) => {
    const names = renamedIn(chat)
    return names.size === 0 ? undefined : new WholeArguments((tool) => writerOf(names.get(tool)))
  })
}

/** Writes arguments by their own names. */
function writerOf(names: ReadonlyMap<string, string> | undefined): ((words: string) => string) | undefined {
  return names && ((words) => rewritten(words, (name) => names.get(name) ?? name))
}

function wireName(name: string): string {
  if (NAME.test(name)) return name
  const mark = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${name.replaceAll(/[^\w.-]/g, '_').slice(0, 55)}_${mark}`
}

function propertiesOf({ parameters }: FunctionTool): JsonObject {
  const properties = parameters?.['properties']
  return isObject(properties) ? properties : {}
}

function renamedIn(chat: ChatRequest | undefined): Renamed {
  const all = new Map<string, ReadonlyMap<string, string>>()
  for (const tool of chat?.tools ?? []) {
    if (tool.type !== 'function') continue
    const names = Object.keys(propertiesOf(tool)).filter((name) => !NAME.test(name))
    if (names.length > 0) all.set(tool.name, new Map(names.map((name) => [wireName(name), name])))
  }
  return all
}

function renamed(chat: ChatRequest, names: Renamed): ChatRequest {
  const tools = chat.tools?.map((tool) => withNames(tool, names))
  return { ...chat, ...(tools && { tools }), messages: chat.messages.map((message) => withArguments(message, names)) }
}

function withNames(tool: ChatTool, names: Renamed): ChatTool {
  if (tool.type !== 'function' || !names.has(tool.name)) return tool
  const required = tool.parameters?.['required']
  const parameters = {
    ...tool.parameters,
    properties: withKeys(propertiesOf(tool), wireName),
    ...(Array.isArray(required) && {
      required: required.map((name: unknown) => (typeof name === 'string' ? wireName(name) : name)),
    }),
  }
  return { ...tool, parameters }
}

/** What was called before goes by the names that the tool has now. */
function withArguments(message: ChatMessage, names: Renamed): ChatMessage {
  if (message.role !== 'assistant') return message
  const content = message.content.map((part) =>
    part.type === 'tool-call' && names.has(part.name)
      ? { ...part, arguments: rewritten(part.arguments, wireName) }
      : part,
  )
  return { ...message, content }
}

function withKeys(object: JsonObject, rename: (name: string) => string): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [rename(name), value]))
}

/** Arguments that are no object stay as they are. */
function rewritten(words: string, rename: (name: string) => string): string {
  const value = parseJson(words)
  return isObject(value) ? JSON.stringify(withKeys(value, rename)) : words
}
