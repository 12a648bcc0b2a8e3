import type { AssistantPart, ChatMessage, ReasoningPart, ToolCallPart, ToolMessage } from '../../chat/index.ts'
import { readContent } from '../openai-chat/decode-content.ts'
import { fieldsOf, invalid, invalidType, invalidValue, missing } from '../openai-chat/fields.ts'
import type { Fields } from '../fields.ts'
import { text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { ASK_FOR_SUMMARY, checkTrigger, TRIGGER } from './compaction.ts'
import { UPDATE } from './configuration.ts'
import { inputParts, outputParts, systemParts, userParts } from './decode-content.ts'
import { carry, readOwnItem } from './decode-own-items.ts'
import { isSealed, openProof } from './envelope.ts'
import { reasoningText } from './read-items.ts'
import { flatName } from './namespace.ts'
import { keep, kept } from './wire.ts'

const ROLES = ['user', 'assistant', 'system', 'developer'] as const

/**
 * Reads `instructions` and `input` (openai-node `ResponseInputItem`). What the model said between two inputs, item by item,
 * becomes one assistant message with its parts in the same order.
 *
 * Items of tools that OpenAI runs itself, and whatever else is OpenAI's alone, are kept whole for OpenAI, and told others in words.
 */
export function readInput(instructions: string | undefined, input: unknown): ChatMessage[] {
  const messages = new Messages()
  if (instructions !== undefined && instructions !== '') {
    const extra = keep({ instructions: true })
    messages.add({ role: 'system', content: [{ type: 'text', text: instructions }], extra })
  }
  if (typeof input === 'string') {
    messages.add({ role: 'user', content: input === '' ? [] : [{ type: 'text', text: input }] })
    return messages.list
  }
  if (!Array.isArray(input)) throw invalidType('input', 'one of a string or array of objects', input)
  input.forEach((value: unknown, index) => {
    const path = `input[${index}]`
    const item = fieldsOf(value, path)
    if (item.string('type') === TRIGGER) checkTrigger(path, index === input.length - 1)
    readItem(item, value as JsonObject, messages, path)
  })
  return messages.end()
}

class Messages {
  readonly list: ChatMessage[] = []
  #held: JsonObject[] = []

  add(message: ChatMessage): void {
    this.list.push(this.#withHeld(message))
  }

  /** Adds to what the model says. */
  say(...parts: AssistantPart[]): void {
    const last = this.list.at(-1)
    if (last?.role === 'assistant' && this.#held.length === 0) last.content.push(...parts)
    else this.add({ role: 'assistant', content: parts })
  }

  /** An item that is no word of anybody: OpenAI gets it back before the message that follows. */
  hold(item: JsonObject): void {
    this.#held.push(item)
  }

  end(): ChatMessage[] {
    const held = this.#held
    this.#held = []
    if (held.length > 0) this.say(...held.map(carry))
    return this.list
  }

  #withHeld(message: ChatMessage): ChatMessage {
    if (this.#held.length === 0) return message
    const before = this.#held
    this.#held = []
    return { ...message, extra: keep({ ...kept(message), before }, message.extra) }
  }
}

function readItem(item: Fields, raw: JsonObject, messages: Messages, path: string): void {
  const type = item.string('type') ?? (item.has('role') ? 'message' : undefined)
  switch (type) {
    case undefined:
      throw missing(item.path('type'))
    case 'message':
      return readMessage(item, messages)
    case 'function_call':
      return messages.say(readCall(item, 'function', 'arguments'))
    case 'custom_tool_call':
      return messages.say(readCall(item, 'custom', 'input'))
    case 'function_call_output':
      // A tool may tell something unasked: openai-node 7 `ResponseInputItem.FunctionCallOutput` has its name then, and no call.
      if (item.has('name') && !item.has('call_id')) return readOther(raw, type, messages, path)
      return messages.add(readResult(item, false))
    case 'custom_tool_call_output':
      return messages.add(readResult(item, true))
    case 'reasoning':
      return messages.say(readReasoning(raw))
    case 'item_reference':
      throw invalid(
        `Item with id '${item.string('id') ?? ''}' not found. byok keeps no items: send the item itself.`,
        item.path('id'),
        'item_not_found',
      )
    // What they say is read with the rest of the request.
    case 'additional_tools':
    case UPDATE:
      return messages.hold(raw)
    case TRIGGER:
      return messages.add({
        role: 'user',
        content: [{ type: 'text', text: ASK_FOR_SUMMARY }],
        extra: keep({ whole: raw }),
      })
    default:
      return readOther(raw, type, messages, path)
  }
}

function readOther(raw: JsonObject, type: string, messages: Messages, path: string): void {
  const read = readOwnItem(raw, type, path)
  return 'role' in read ? messages.add(read) : messages.say(read)
}

function readMessage(item: Fields, messages: Messages): void {
  const role = item.requiredString('role')
  const content = item.raw('content')
  const path = item.path('content')
  if (content === undefined) throw missing(path)
  switch (role) {
    case 'system':
    case 'developer':
      return messages.add(withRest({ role, content: readContent(content, path, systemParts) }, item))
    case 'user':
      return messages.add(withRest({ role, content: readContent(content, path, userParts) }, item))
    case 'assistant': {
      const own = restOf(item) ?? {}
      const parts = readContent(content, path, outputParts).map((part) => ({
        ...part,
        // The same object on each part says that they are of one item.
        extra: keep({ ...kept(part), item: own }, part.extra),
      }))
      return messages.say(...parts)
    }
    default:
      throw invalidValue(item.path('role'), role, ROLES)
  }
}

function restOf(item: Fields): JsonObject | undefined {
  for (const name of ['type', 'role', 'content']) item.raw(name)
  return item.rest()
}

function withRest(message: ChatMessage, item: Fields): ChatMessage {
  const rest = restOf(item)
  return rest ? { ...message, extra: keep(rest) } : message
}

function readCall(item: Fields, kind: 'function' | 'custom', input: 'arguments' | 'input'): ToolCallPart {
  item.raw('type')
  const id = item.requiredString('call_id')
  const name = item.requiredString('name')
  const words = item.string(input) ?? ''
  const namespace = item.has('namespace') ? item.string('namespace') : undefined
  const rest = item.rest() ?? {}
  const flat = namespace === undefined ? name : flatName({ namespace, name })
  const extra = keep(namespace === undefined ? rest : { ...rest, namespace, name })
  return { type: 'tool-call', id, kind, name: flat, arguments: words, extra }
}

function readResult(item: Fields, custom: boolean): ToolMessage {
  item.raw('type')
  const toolCallId = item.requiredString('call_id')
  const output = item.raw('output')
  if (output === undefined) throw missing(item.path('output'))
  const content = readContent(output, item.path('output'), inputParts)
  const wire = { ...item.rest(), ...(Array.isArray(output) && { list: true }), ...(custom && { custom }) }
  return { role: 'tool', toolCallId, content, extra: keep(wire) }
}

/** OpenAI's own is kept whole; another vendor's is taken out of byok's envelope. */
function readReasoning(item: JsonObject): ReasoningPart {
  const { words, summary } = reasoningText(item)
  const content = text(item['encrypted_content'])
  const id = text(item['id'])
  const part: ReasoningPart = { type: 'reasoning', text: words }
  if (content !== undefined && isSealed(content)) return { ...part, ...openProof(content) }
  if (summary && words !== '') part.summary = true
  if (id !== undefined) part.id = id
  if (content !== undefined) part.encrypted = content
  return { ...part, format: 'openai-responses-v1', extra: keep({ item }) }
}
