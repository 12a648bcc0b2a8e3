import { createHash } from 'node:crypto'
import type { ChatMessage, ChatRequest, ChatTool } from '../../chat/index.ts'
import { withReader } from '../../translator/read-again.ts'
import type { Translator } from '../../translator/translator.ts'
import { WholeArguments } from '../../translator/whole-arguments.ts'
import { changeSchemas } from './change.ts'
import { isObject, parseJson } from '../json.ts'
import type { JsonObject } from '../json.ts'

/** Which names a provider takes for the arguments of tools. */
export interface PropertyNames {
  /** Tells those it takes. It must take what is made of `\w`, `.` and `-`, is 64 long at the most, and ends in a mark of byok's. */
  takes: RegExp
  /** Whether it looks at the names within an argument too. Default: at those at the root alone. */
  within?: boolean
}

/** By a tool: the names its arguments have on the wire, by their own. */
type Renamed = ReadonlyMap<string, ReadonlyMap<string, string>>

/** A translator that gives arguments names that the provider takes, and gives the client its own back. */
export function withPropertyNames(translator: Translator, { takes, within = false }: PropertyNames): Translator {
  const renamedIn = (chat: ChatRequest | undefined) => allRenamed(chat, takes, within)
  const asking: Translator = {
    ...translator,
    request(chat) {
      const names = renamedIn(chat)
      return translator.request(names.size === 0 ? chat : renamed(chat, names, within))
    },
  }
  return withReader(asking, (chat) => {
    const names = renamedIn(chat)
    return names.size === 0 ? undefined : new WholeArguments((tool) => writerOf(names.get(tool), within))
  })
}

/** Writes arguments by their own names. */
function writerOf(names: ReadonlyMap<string, string> | undefined, within: boolean) {
  if (!names) return undefined
  const own = new Map([...names].map(([name, wire]) => [wire, name] as const))
  return (words: string) => rewritten(words, own, within)
}

function wireName(name: string): string {
  const mark = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${name.replaceAll(/[^\w.-]/g, '_').slice(0, 55)}_${mark}`
}

function propertiesOf({ properties }: JsonObject): JsonObject {
  return isObject(properties) ? properties : {}
}

function allRenamed(chat: ChatRequest | undefined, takes: RegExp, within: boolean): Renamed {
  const all = new Map<string, ReadonlyMap<string, string>>()
  for (const tool of chat?.tools ?? []) {
    if (tool.type !== 'function' || !tool.parameters) continue
    const names = new Map<string, string>()
    changed(tool.parameters, within, (schema) => {
      for (const name in propertiesOf(schema)) if (!takes.test(name)) names.set(name, wireName(name))
      return schema
    })
    if (names.size > 0) all.set(tool.name, names)
  }
  return all
}

function changed(schema: JsonObject, within: boolean, change: (schema: JsonObject) => JsonObject): JsonObject {
  return within ? changeSchemas(schema, change) : change(schema)
}

function renamed(chat: ChatRequest, all: Renamed, within: boolean): ChatRequest {
  const tools = chat.tools?.map((tool) => withNames(tool, all, within))
  return { ...chat, ...(tools && { tools }), messages: chat.messages.map((one) => withArguments(one, all, within)) }
}

function withNames(tool: ChatTool, all: Renamed, within: boolean): ChatTool {
  const names = all.get(tool.type === 'function' ? tool.name : '')
  if (tool.type !== 'function' || !tool.parameters || !names) return tool
  return { ...tool, parameters: changed(tool.parameters, within, (schema) => withKeysOf(schema, names)) }
}

function withKeysOf(schema: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  const { properties, required } = schema
  if (!isObject(properties) || !Object.keys(properties).some((name) => names.has(name))) return schema
  return {
    ...schema,
    properties: withKeys(properties, names),
    ...(Array.isArray(required) && { required: required.map((name: unknown) => names.get(String(name)) ?? name) }),
  }
}

/** What was called before goes by the names that the tool has now. */
function withArguments(message: ChatMessage, all: Renamed, within: boolean): ChatMessage {
  if (message.role !== 'assistant') return message
  const content = message.content.map((part) => {
    const names = part.type === 'tool-call' ? all.get(part.name) : undefined
    return part.type === 'tool-call' && names ? { ...part, arguments: rewritten(part.arguments, names, within) } : part
  })
  return { ...message, content }
}

function withKeys(object: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [names.get(name) ?? name, value]))
}

/** Arguments that are no object stay as they are. */
function rewritten(words: string, names: ReadonlyMap<string, string>, within: boolean): string {
  const value = parseJson(words)
  if (!isObject(value)) return words
  return JSON.stringify(within ? withKeysWithin(value, names) : withKeys(value, names))
}

function withKeysWithin(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => withKeysWithin(item, names))
  if (!isObject(value)) return value
  const entries = Object.entries(value)
  return Object.fromEntries(entries.map(([name, inner]) => [names.get(name) ?? name, withKeysWithin(inner, names)]))
}
