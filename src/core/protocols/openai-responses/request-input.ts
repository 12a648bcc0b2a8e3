import { unsupported } from '../../chat/index.ts'
import type {
  AssistantMessage,
  ChatMessage,
  ChatRequest,
  Extra,
  FilePart,
  ImagePart,
  ReasoningPart,
  RefusalPart,
  TextPart,
  ToolCallPart,
  ToolMessage,
  UserPart,
} from '../../chat/index.ts'
import { shortCallId } from '../call-id.ts'
import { dataUrl } from '../openai-chat/data-url.ts'
import { nameOfFile } from '../openai-chat/file-name.ts'
import { compact, isObject, objects, withExtra } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { withoutIds } from './item-ids.ts'
import { isLost } from './items.ts'
import { namespacedNames } from './namespace.ts'
import type { NamespacedName } from './namespace.ts'
import type { OpenAIResponsesOptions } from './options.ts'
import { flatExtra, isKept, kept } from './wire.ts'

interface InputContext {
  provider: string
  systemRole: 'system' | 'developer'
  store: boolean
  /** Whether reasoning was left out that can be found nowhere. By its id OpenAI would miss it of what followed: see reasoning-taken.ts. */
  lost: boolean
  /** Ids of calls of custom tools, whose results have a type of their own. */
  customCalls: Set<string>
  names: Map<string, NamespacedName>
}

/**
 * Writes `instructions` and `input` (openai-node `ResponseInputItem`).
 *
 * @throws {ChatError} 400 naming a part the format has no word for.
 */
export function writeInput(
  chat: ChatRequest,
  options: OpenAIResponsesOptions,
  provider: string,
): { instructions: string | undefined; input: JsonObject[] } {
  const { messages } = chat
  const { system, systemRole = 'system', stores = true } = options
  const count = asInstructions(messages, options)
  const context: InputContext = {
    provider,
    systemRole,
    store: stores && (chat.store ?? isKept(chat)),
    lost: false,
    customCalls: new Set(messages.flatMap(customCallIds)),
    names: namespacedNames(chat.tools),
  }
  const input = messages.flatMap((message, at) => {
    const written = at < count ? [] : writeMessage(message, context, `messages[${at}]`)
    return [...objects(kept(message)['before']), ...written]
  })
  return {
    instructions:
      count > 0 || system === 'instructions' ? messages.slice(0, count).map(textOf).join('\n\n') : undefined,
    input: context.lost ? withoutIds(input) : input,
  }
}

/** How many messages at the beginning become `instructions`. */
export function asInstructions(messages: readonly ChatMessage[], { system }: OpenAIResponsesOptions): number {
  return system === 'instructions' ? leadingSystem(messages) : leadingInstructions(messages)
}

function leadingSystem(messages: readonly ChatMessage[]): number {
  const first = messages.findIndex((message) => message.role !== 'system')
  return first === -1 ? messages.length : first
}

function leadingInstructions([first]: readonly ChatMessage[]): number {
  return first && kept(first)['instructions'] === true ? 1 : 0
}

function textOf({ content }: ChatMessage): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
}

function customCallIds({ role, content }: ChatMessage): string[] {
  if (role !== 'assistant') return []
  return content.flatMap((part) => (part.type === 'tool-call' && part.kind === 'custom' ? [part.id] : []))
}

function writeMessage(message: ChatMessage, context: InputContext, path: string): JsonObject[] {
  const { whole } = kept(message)
  if (isObject(whole)) return [whole]
  switch (message.role) {
    case 'system':
    case 'developer':
    case 'user': {
      const role = message.role === 'system' ? context.systemRole : message.role
      const content = message.content.map((part, at) => writePart(part, context, `${path}.content[${at}]`))
      // A message without a word is still a turn.
      if (content.length === 0) content.push({ type: 'input_text', text: '' })
      const { instructions: _, before: __, ...wire } = kept(message)
      return [withExtra(withExtra({ type: 'message', role, content }, message.extra), wire)]
    }
    case 'tool':
      return [writeResult(message, context, path)]
    case 'assistant':
      return writeAssistant(message, context, path)
  }
}

function writePart(part: UserPart, { provider }: InputContext, path: string): JsonObject {
  switch (part.type) {
    case 'text':
      return withWire({ type: 'input_text', text: part.text }, part, part.extra)
    case 'image':
      return withWire(writeImage(part, provider, path), part, flatExtra(part.extra, 'image_url'))
    case 'file':
      return withWire(writeFile(part), part, flatExtra(part.extra, 'file'))
    case 'audio':
      throw unsupported(provider, 'audio input', path)
  }
}

function withWire(known: JsonObject, part: UserPart, extra: Extra | undefined): JsonObject {
  return withExtra(withExtra(known, extra), kept(part))
}

function writeImage({ source, detail = 'auto' }: ImagePart, provider: string, path: string): JsonObject {
  switch (source.type) {
    case 'url':
      return { type: 'input_image', image_url: source.url, detail }
    case 'base64':
      return { type: 'input_image', image_url: dataUrl(source.mediaType, source.data), detail }
    case 'file-id':
      return { type: 'input_image', file_id: source.id, detail }
    case 'text':
      throw unsupported(provider, 'images given as text', path)
  }
}

function writeFile({ source, filename }: FilePart): JsonObject {
  switch (source.type) {
    case 'url':
      return compact({ type: 'input_file', file_url: source.url, filename })
    case 'file-id':
      return compact({ type: 'input_file', file_id: source.id, filename })
    case 'base64':
      return fileData(filename, source.mediaType, source.data)
    case 'text':
      return fileData(filename, source.mediaType, Buffer.from(source.text).toString('base64'))
  }
}

function fileData(filename: string | undefined, mediaType: string, data: string): JsonObject {
  return { type: 'input_file', filename: nameOfFile(filename, mediaType), file_data: dataUrl(mediaType, data) }
}

function writeResult(message: ToolMessage, context: InputContext, path: string): JsonObject {
  const { toolCallId, content, extra } = message
  const wire = kept(message)
  const texts = content.filter((part) => part.type === 'text')
  const plain = wire['list'] !== true && texts.length === content.length
  const custom = context.customCalls.has(toolCallId) || wire['custom'] === true
  const { list: _, custom: __, before: ___, ...rest } = wire
  const written: JsonObject = {
    type: custom ? 'custom_tool_call_output' : 'function_call_output',
    call_id: callId(toolCallId),
    output: plain
      ? texts.map(({ text }) => text).join('\n')
      : content.map((part, at) => writePart(part, context, `${path}.content[${at}]`)),
  }
  return withExtra(withExtra(written, extra), rest)
}

/** Words that belong to one message item; each reasoning and each call is an item of its own, in the order they came. */
function writeAssistant(message: AssistantMessage, context: InputContext, path: string): JsonObject[] {
  const items: JsonObject[] = []
  let open: { from: unknown; content: JsonObject[] } | undefined
  message.content.forEach((part, at) => {
    switch (part.type) {
      case 'text':
      case 'refusal': {
        const { item, whole } = kept(part)
        if (isObject(whole)) {
          if (!isLost(whole, context.store)) items.push(whole)
          break
        }
        if (!open || open.from !== item) {
          open = { from: item, content: [] }
          const { content } = open
          items.push(withExtra({ type: 'message', role: 'assistant', content }, isObject(item) ? item : undefined))
        }
        open.content.push(writeWords(part))
        return
      }
      case 'reasoning': {
        const item = writeReasoning(part, context)
        if (item) items.push(item)
        break
      }
      case 'tool-call':
        items.push(writeCall(part, context))
        break
      case 'image':
      case 'file':
      case 'audio':
        throw unsupported(context.provider, `${part.type} parts in assistant messages`, `${path}.content[${at}]`)
    }
    open = undefined
  })
  // OpenAI refuses reasoning "without its required following item", which a turn that was cut short leaves.
  const last = message.content.at(-1)
  if (items.at(-1)?.['type'] === 'reasoning' && last && !isKept(last)) items.pop()
  return items
}

function writeWords(part: TextPart | RefusalPart): JsonObject {
  const { part: rest } = kept(part)
  const own = isObject(rest) ? rest : {}
  if (part.type === 'refusal') return withExtra(withExtra({ type: 'refusal', refusal: part.refusal }, own), part.extra)
  return withExtra(
    withExtra({ type: 'output_text', text: part.text, annotations: own['annotations'] ?? [] }, own),
    part.extra,
  )
}

/**
 * A reasoning item, or what else of OpenAI's was kept whole because only OpenAI can open it. Reasoning without its encrypted content is known to
 * OpenAI by id alone, and only where it stores what it said.
 */
function writeReasoning(part: ReasoningPart, context: InputContext): JsonObject | undefined {
  const { item } = kept(part)
  if (isObject(item)) {
    if (usable(item, context.store)) return item
    context.lost = true
    return undefined
  }
  const { text, id, encrypted, format } = part
  if (format !== 'openai-responses-v1' || encrypted === undefined) return undefined
  return compact({
    type: 'reasoning',
    id: id?.startsWith('rs_') ? id : undefined,
    summary: text !== '' ? [{ type: 'summary_text', text }] : [],
    encrypted_content: encrypted,
  })
}

function usable(item: JsonObject, store: boolean): boolean {
  if (item['type'] === 'reasoning' && typeof item['encrypted_content'] !== 'string' && !store) return false
  return !isLost(item, store)
}

/** OpenAI's limit. */
const callId = (id: string) => shortCallId(id, 64)

function writeCall(part: ToolCallPart, { names }: InputContext): JsonObject {
  const own = kept(part)
  const name = own['name'] === undefined ? (names.get(part.name) ?? { name: part.name }) : {}
  const written =
    part.kind === 'custom'
      ? { type: 'custom_tool_call', call_id: callId(part.id), ...name, input: part.arguments }
      : { type: 'function_call', call_id: callId(part.id), ...name, arguments: part.arguments }
  return withExtra({ ...own, ...written }, flatExtra(part.extra, part.kind))
}
