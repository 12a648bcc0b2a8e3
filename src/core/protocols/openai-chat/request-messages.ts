import { withResultsInPlace } from '../../chat/index.ts'
import type {
  AssistantMessage,
  CacheControl,
  ChatMessage,
  ReasoningPart,
  RefusalPart,
  TextPart,
  ToolCallPart,
  ToolMessage,
  ToolResultPart,
  UserPart,
} from '../../chat/index.ts'
import { shortCallId } from '../call-id.ts'
import { compact, withExtra } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { writeReasoningDetails } from './reasoning.ts'
import { isMedia, writeContent } from './request-content.ts'
import type { Dialect } from './request-content.ts'

/** Writes `messages`. */
export function writeMessages(messages: readonly ChatMessage[], dialect: Dialect): JsonObject[] {
  const written: JsonObject[] = []
  let media: UserPart[] = []
  withResultsInPlace(messages).forEach((message, index) => {
    const path = `messages[${index}]`
    if (message.role !== 'tool' && media.length > 0) {
      written.push(mediaMessage(media, dialect, path))
      media = []
    }
    written.push(writeMessage(message, dialect, path))
    if (message.role === 'tool' && !dialect.has('tool_media')) media.push(...toolMedia(message))
  })
  if (media.length > 0) written.push(mediaMessage(media, dialect, 'messages'))
  return written
}

function writeMessage(message: ChatMessage, dialect: Dialect, path: string): JsonObject {
  const { name, extra } = message
  switch (message.role) {
    case 'assistant':
      return writeAssistant(message, dialect, path)
    case 'tool':
      return writeTool(message, dialect, path)
    case 'developer':
    case 'system':
    case 'user': {
      const role = message.role === 'developer' ? (dialect.options.developerRole ?? 'developer') : message.role
      return withExtra(
        compact({ role, content: writeContent(message.content, dialect, `${path}.content`), name }),
        extra,
      )
    }
  }
}

/**
 * A tool's result. OpenAI takes text alone; what else there is follows in a user message after the last result, for the
 * results of parallel calls must stand together. That it was an error OpenAI has no field for: the text says so.
 */
function writeTool(message: ToolMessage, dialect: Dialect, path: string): JsonObject {
  const texts = message.content.filter((part) => part.type === 'text')
  const moved = !dialect.has('tool_media') && texts.length < message.content.length
  const parts = marked(moved ? texts : message.content, message.cacheControl)
  const content = writeContent(parts, dialect, `${path}.content`)
  return withExtra(
    compact({
      role: 'tool',
      tool_call_id: callId(message.toolCallId),
      content: moved && content === '' ? 'The result follows in the next user message.' : content,
      name: message.name,
    }),
    message.extra,
  )
}

/** A breakpoint after a whole result stands on its last part: servers that read breakpoints look for them there, and refuse them beside. */
function marked(parts: readonly ToolResultPart[], cacheControl: CacheControl | undefined): readonly ToolResultPart[] {
  const last = parts.at(-1)
  if (!cacheControl || !last || last.cacheControl) return parts
  return [...parts.slice(0, -1), { ...last, cacheControl }]
}

function toolMedia(message: ToolMessage): UserPart[] {
  const media = message.content.filter((part) => part.type !== 'text')
  if (media.length === 0) return []
  return [{ type: 'text', text: `The result of tool call ${message.toolCallId}:` }, ...media]
}

function mediaMessage(parts: UserPart[], dialect: Dialect, path: string): JsonObject {
  return { role: 'user', content: writeContent(parts, dialect, path) }
}

function writeAssistant(message: AssistantMessage, dialect: Dialect, path: string): JsonObject {
  const words: (TextPart | RefusalPart)[] = []
  const reasoning: ReasoningPart[] = []
  const calls: ToolCallPart[] = []
  message.content.forEach((part, index) => {
    if (isMedia(part)) dialect.refuse(`${part.type} parts in assistant messages`, `${path}.content[${index}]`)
    else if (part.type === 'reasoning') reasoning.push(part)
    else if (part.type === 'tool-call') calls.push(part)
    else words.push(part)
  })
  if (calls.length > 0) dialect.need('tools', `${path}.tool_calls`)
  return withExtra(
    compact({
      role: 'assistant',
      ...writeWords(words, dialect, `${path}.content`, calls.length > 0 || message.extra?.['audio'] !== undefined),
      name: message.name,
      ...writeReasoning(reasoning, dialect),
      tool_calls: calls.length > 0 ? calls.map((call) => writeToolCall(call, dialect)) : undefined,
    }),
    dialect.options.reasoningField === 'reasoning_details' ? message.extra : withoutDetails(message.extra),
  )
}

function writeWords(
  parts: (TextPart | RefusalPart)[],
  dialect: Dialect,
  path: string,
  mayBeNull: boolean,
): { content: string | JsonObject[] | null; refusal?: string } {
  const [first] = parts
  if (!first) return { content: mayBeNull ? null : '' }
  if (parts.length === 1 && first.type === 'refusal' && !first.extra) return { content: null, refusal: first.refusal }
  return { content: writeContent(parts, dialect, path) }
}

/** Reasoning where the server takes it back; its kind of proof is for itself to judge by `format`. */
function writeReasoning(parts: ReasoningPart[], { options }: Dialect): JsonObject {
  const { reasoningField: field } = options
  if (!field || parts.length === 0) return {}
  if (field === 'reasoning_details') return { reasoning_details: parts.flatMap(writeReasoningDetails) }
  const text = parts.map((part) => part.text).join('')
  return text === '' ? {} : { [field]: text }
}

function withoutDetails(extra: AssistantMessage['extra']): AssistantMessage['extra'] {
  if (!extra?.['reasoning_details']) return extra
  const { reasoning_details: _, ...rest } = extra
  return rest
}

/** OpenAI's limit; some of its models take 64. */
const callId = (id: string) => shortCallId(id, 40)

function writeToolCall(call: ToolCallPart, dialect: Dialect): JsonObject {
  if (call.kind === 'function') {
    const written = { id: callId(call.id), type: 'function', function: { name: call.name, arguments: call.arguments } }
    return dialect.wrap(written, call)
  }
  return dialect.wrap({ id: callId(call.id), type: 'custom', custom: { name: call.name, input: call.arguments } }, call)
}
