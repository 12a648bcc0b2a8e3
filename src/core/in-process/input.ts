import { invalidRequest } from '../chat/index.ts'
import { isObject } from '../json/json.ts'
import { didYouMean, nearestName } from '../text/nearest.ts'
import type {
  AssistantMessage,
  AssistantPart,
  ChatRequest,
  SystemMessage,
  TextPart,
  ToolMessage,
  ToolResultPart,
  UserMessage,
  UserPart,
} from '../chat/index.ts'

/** A message as a program may write it: text alone stands for one text part. */
export type ChatInputMessage =
  | WithText<SystemMessage, TextPart>
  | WithText<UserMessage, UserPart>
  | WithText<AssistantMessage, AssistantPart>
  | WithText<ToolMessage, ToolResultPart>

type WithText<Message, Part> = Omit<Message, 'content'> & { content: string | Part[] }

/**
 * A request of {@link Byok.chat} and {@link Byok.stream}: {@link ChatRequest} without what the call itself says. A field may be `undefined`,
 * which is to leave it out, whatever the program's own compiler makes of optional ones (`exactOptionalPropertyTypes`).
 */
export interface ChatInput extends OrUndefined<
  Omit<ChatRequest, 'model' | 'messages' | 'stream' | 'includeUsage' | 'oldFunctionCall' | 'protocol'>
> {
  /** As every client names it: an id, an alias, or `provider/model`. */
  model: string
  messages: ChatInputMessage[]
}

type OrUndefined<Fields> = { [Name in keyof Fields]?: Fields[Name] | undefined }

/** Every field there is, those that the call itself says among them: who passes on a {@link ChatRequest} has them. */
const FIELDS: Record<keyof ChatRequest, true> = {
  protocol: true,
  model: true,
  messages: true,
  stream: true,
  includeUsage: true,
  tools: true,
  toolChoice: true,
  parallelToolCalls: true,
  oldFunctionCall: true,
  responseFormat: true,
  reasoning: true,
  verbosity: true,
  maxTokens: true,
  maxCompletionTokens: true,
  stop: true,
  temperature: true,
  topP: true,
  topK: true,
  frequencyPenalty: true,
  presencePenalty: true,
  logitBias: true,
  n: true,
  logprobs: true,
  topLogprobs: true,
  seed: true,
  user: true,
  metadata: true,
  serviceTier: true,
  promptCacheKey: true,
  store: true,
  extra: true,
}

/** The parts each role's content may have. */
const PARTS: Record<string, readonly string[]> = {
  system: ['text'],
  developer: ['text'],
  user: ['text', 'image', 'file', 'audio'],
  assistant: ['text', 'refusal', 'reasoning', 'tool-call', 'image', 'file', 'audio'],
  tool: ['text', 'image', 'file'],
}

/** The fields of a part that have to be text. */
const TEXTS: Record<string, readonly string[]> = {
  text: ['text'],
  refusal: ['refusal'],
  reasoning: ['text'],
  'tool-call': ['id', 'name', 'kind', 'arguments'],
  audio: ['data', 'format'],
}

/**
 * Refuses what would be left out without a word, such as OpenAI's `max_tokens`.
 *
 * @throws {ChatError} 400 naming the field, and the one that was meant.
 */
export function refuseUnknownFields(input: unknown): void {
  if (!isObject(input)) throw invalidRequest('A request must be an object with a `model` and `messages`.')
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined || Object.hasOwn(FIELDS, name)) continue
    const near = nearestName(name, Object.keys(FIELDS))
    const hint = near === undefined ? 'What a provider alone knows goes into `extra`.' : didYouMean(`\`${near}\``)
    throw invalidRequest(`\`${name}\` is no field of a request. ${hint}`, name)
  }
}

/**
 * A program's request as the neutral model has it.
 *
 * @throws {ChatError} 400 with `param` naming the field at fault.
 */
export function readInput(input: Record<string, unknown>, stream: boolean): ChatRequest {
  const { messages, ...rest } = input
  if (!Array.isArray(messages) || messages.length === 0) {
    throw invalidRequest('`messages` must be a list with at least one message.', 'messages')
  }
  const read = messages.map((message, index) => readMessage(message, `messages[${index}]`))
  // Checked as far as a translator relies on it; what a field holds is for the provider to judge.
  return { ...rest, messages: read, stream, includeUsage: true } as ChatRequest
}

function readMessage(message: unknown, at: string): object {
  if (!isObject(message)) throw invalidRequest(`${at} must be a message.`, at)
  const { role, content } = message
  const kinds = typeof role === 'string' && Object.hasOwn(PARTS, role) ? PARTS[role] : undefined
  if (!kinds) throw invalidRequest(`${at}.role must be one of ${Object.keys(PARTS).join(', ')}.`, `${at}.role`)
  if (role === 'tool') needText(message, 'toolCallId', at)
  if (typeof content === 'string') return { ...message, content: [{ type: 'text', text: content }] }
  if (!Array.isArray(content)) throw invalidRequest(`${at}.content must be text or a list of parts.`, `${at}.content`)
  for (const [index, part] of content.entries()) checkPart(part, `${at}.content[${index}]`, kinds)
  return message
}

function checkPart(part: unknown, at: string, kinds: readonly string[]): void {
  const type = isObject(part) ? part['type'] : undefined
  if (!isObject(part) || typeof type !== 'string' || !kinds.includes(type)) {
    throw invalidRequest(`${at}.type must be one of ${kinds.join(', ')}.`, `${at}.type`)
  }
  for (const name of TEXTS[type] ?? []) needText(part, name, at)
  if (type !== 'image' && type !== 'file') return
  const { source } = part
  if (!isObject(source)) throw invalidRequest(`${at}.source must say where the data is.`, `${at}.source`)
  needText(source, 'type', `${at}.source`)
}

function needText(holder: Record<string, unknown>, name: string, at: string): void {
  if (typeof holder[name] !== 'string') throw invalidRequest(`${at}.${name} must be text.`, `${at}.${name}`)
}

/** A deep copy. Unlike `structuredClone` it keeps the symbols under which translators leave notes for themselves. */
export function copy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copy) as T
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value
  const made: object = {}
  for (const key of Reflect.ownKeys(value)) Reflect.set(made, key, copy(Reflect.get(value, key)))
  return made as T
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
