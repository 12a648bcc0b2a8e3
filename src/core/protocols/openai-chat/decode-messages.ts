import type {
  AssistantMessage,
  AssistantPart,
  ChatMessage,
  Extra,
  ToolCallPart,
  ToolMessage,
} from '../../chat/index.ts'
import { takeCallProof } from './call-proof.ts'
import { readCacheControl, readCacheMark } from '../cache-control.ts'
import { assistantParts, readContent, restOf, systemParts, toolParts, userParts } from './decode-content.ts'
import { fieldsOf, invalid, invalidType, invalidValue, missing } from './fields.ts'
import type { Fields } from '../fields.ts'
import { isBareSignature, readReasoning, readReasoningDetail } from './reasoning.ts'
import type { ReasoningPiece } from './reasoning.ts'

const ROLES = ['developer', 'system', 'user', 'assistant', 'tool', 'function'] as const

/** Reads `messages`. */
export function readMessages(value: unknown): ChatMessage[] {
  if (value === undefined) throw missing('messages')
  if (!Array.isArray(value)) throw invalidType('messages', 'an array of objects', value)
  if (value.length === 0) {
    throw invalid(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'messages',
      'empty_array',
    )
  }
  const legacy = new LegacyCalls()
  return value.map((item: unknown, index) => readMessage(fieldsOf(item, `messages[${index}]`), index, legacy))
}

function readMessage(message: Fields, index: number, legacy: LegacyCalls): ChatMessage {
  const role = message.requiredString('role')
  switch (role) {
    case 'system':
    case 'developer':
      return finish(message, { role, content: readContent(required(message), message.path('content'), systemParts) })
    case 'user':
      return finish(message, { role, content: readContent(required(message), message.path('content'), userParts) })
    case 'assistant':
      return finish(message, { role, content: readAssistantContent(message, index, legacy) })
    case 'tool':
      return readTool(message, message.requiredString('tool_call_id'))
    case 'function':
      return readTool(message, legacy.answer(message.has('name') ? String(message.raw('name')) : '', index))
    default:
      throw invalidValue(message.path('role'), role, ROLES)
  }
}

function required(message: Fields): unknown {
  const content = message.raw('content')
  if (content === undefined) throw missing(message.path('content'))
  return content
}

/** Adds what every message may have. A breakpoint on a whole message stands after its last part. */
function finish<M extends Exclude<ChatMessage, ToolMessage>>(message: Fields, read: M): M {
  const name = message.string('name')
  if (name !== undefined) read.name = name
  const mark = readCacheMark(message)
  const last = read.content.at(-1)
  if (last && !last.cacheControl) {
    const cacheControl = readCacheControl(message) ?? mark
    if (cacheControl) last.cacheControl = cacheControl
  }
  return withRest(read, message.rest())
}

function readTool(message: Fields, toolCallId: string): ToolMessage {
  const read: ToolMessage = {
    role: 'tool',
    toolCallId,
    content: readContent(message.raw('content') ?? '', message.path('content'), toolParts),
  }
  const name = message.string('name')
  if (name !== undefined) read.name = name
  // Not OpenAI's, but the one word for it, Anthropic's, is what clients of several providers send.
  const isError = message.boolean('is_error')
  if (isError !== undefined) read.isError = isError
  const mark = readCacheMark(message)
  const cacheControl = readCacheControl(message) ?? mark
  if (cacheControl) read.cacheControl = cacheControl
  return withRest(read, message.rest())
}

function withRest<M extends ChatMessage>(read: M, rest: Extra | undefined): M {
  // Added to what is there: details of a reasoning type unknown here.
  if (rest) read.extra = { ...read.extra, ...rest }
  return read
}

/** Reasoning first, calls last: the order a model writes them in, which this format does not keep. */
function readAssistantContent(message: Fields, index: number, legacy: LegacyCalls): AssistantMessage['content'] {
  const content: AssistantPart[] = readAssistantReasoning(message)
  const words = message.raw('content')
  if (words !== undefined)
    content.push(...withoutTwice(readContent(words, message.path('content'), assistantParts), content))
  const refusal = message.string('refusal')
  if (refusal !== undefined && refusal !== '') content.push({ type: 'refusal', refusal })
  const calls = (message.array('tool_calls') ?? []).map((call, at) =>
    fieldsOf(call, `${message.path('tool_calls')}[${at}]`),
  )
  for (const call of calls) {
    const proof = takeCallProof(call)
    const told = proof && content.some((part) => part.type === 'reasoning' && part.id === proof.id)
    if (proof && !told) content.push(proof)
  }
  content.push(...calls.map(readToolCall), ...readFunctionCall(message, index, legacy))
  return content
}

/** Where a message tells its reasoning beside its words, those tell it again. */
function withoutTwice<T extends AssistantPart>(parts: T[], told: AssistantPart[]): T[] {
  return told.length === 0 ? parts : parts.filter(({ type }) => type !== 'reasoning')
}

function readAssistantReasoning(message: Fields): AssistantPart[] {
  const words = [message.take('reasoning_content', asString), message.take('reasoning', asString)]
  const plain = words.find((text) => text !== undefined && text !== '')
  const read = (value: unknown) => (plain === undefined && isLost(value) ? [] : readDetails(value))
  return readReasoning(message.take('reasoning_details', read) ?? [], plain)
}

/** Whether of thoughts that were streamed a client has the proofs and not the words. */
function isLost(details: unknown): boolean {
  return Array.isArray(details) && details.length > 0 && details.every(isBareSignature)
}

/** Details whose every type is known; else they stay in `extra` as they came. */
function readDetails(value: unknown): ReasoningPiece[] | undefined {
  if (!Array.isArray(value)) return undefined
  const pieces = value.map(readReasoningDetail)
  return pieces.every((piece) => piece !== undefined) ? pieces : undefined
}

function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function readToolCall(call: Fields): ToolCallPart {
  const id = call.requiredString('id')
  const type = call.string('type') ?? 'function'
  const cacheControl = readCacheControl(call)
  const read = (kind: 'function' | 'custom', input: 'arguments' | 'input'): ToolCallPart => {
    const inner = call.requiredNested(kind)
    const part: ToolCallPart = {
      type: 'tool-call',
      id,
      kind,
      name: inner.requiredString('name'),
      arguments: inner.string(input) ?? '',
    }
    if (cacheControl) part.cacheControl = cacheControl
    const extra = restOf(call, { name: kind, fields: inner })
    return extra ? { ...part, extra } : part
  }
  if (type === 'function') return read('function', 'arguments')
  if (type === 'custom') return read('custom', 'input')
  throw invalidValue(call.path('type'), type, ['function', 'custom'])
}

function readFunctionCall(message: Fields, index: number, legacy: LegacyCalls): ToolCallPart[] {
  const call = message.nested('function_call')
  if (!call) return []
  const name = call.requiredString('name')
  const part: ToolCallPart = {
    type: 'tool-call',
    id: legacy.call(name, index),
    kind: 'function',
    name,
    arguments: call.string('arguments') ?? '',
  }
  const extra = call.rest()
  return [extra ? { ...part, extra: { function: extra } } : part]
}

/** Gives ids to the calls of the old `function_call` form, which has none: a `function` message answers the last of its name. */
class LegacyCalls {
  readonly #open: { id: string; name: string }[] = []

  call(name: string, index: number): string {
    const id = `call_function_${index}`
    this.#open.push({ id, name })
    return id
  }

  answer(name: string, index: number): string {
    const at = this.#open.findLastIndex((call) => call.name === name)
    const [call] = at === -1 ? [] : this.#open.splice(at, 1)
    return call?.id ?? `call_function_${index}`
  }
}
