import { callInput, imageTypeOf, unsupported } from '../../chat/index.ts'
import type {
  AssistantPart,
  CacheControl,
  Extra,
  FilePart,
  ImagePart,
  MediaSource,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolMessage,
  UserPart,
} from '../../chat/index.ts'
import { BLOCK, blockOf } from './blocks.ts'
import { isGooglesOnly } from './proof.ts'
import { compact, isObject, withExtra } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { NO_TEXT } from '../opening.ts'

/** `Base64ImageSource.media_type` of @anthropic-ai/sdk. */
const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp']
const TEXT_TYPES = /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml|yaml|x-yaml|javascript|toml|sql)\b)/i

/** Whose request it is that is written. */
export interface Writing {
  /** What errors call the provider. */
  provider: string
  /** Whether the `extra` of parts is in this format's own words. Else it is another's, and of no use here. */
  own: boolean
}

/** Whether this is Claude's own reasoning, with the proof it takes back. Another vendor's is never sent. */
export function isOwnReasoning(part: ReasoningPart): boolean {
  const { format, signature, encrypted } = part
  return format === 'anthropic-claude-v1' && (signature ?? encrypted) !== undefined && !isGooglesOnly(signature)
}

/** The block of a user's part, or `undefined` where it says nothing: Anthropic refuses text that is only white space. */
export function writeUserPart(part: UserPart, writing: Writing, path: string): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return writeText(part, writing)
    case 'image':
      return wrap({ type: 'image', source: writeImage(part, writing, path) }, part, writing)
    case 'file':
      return writeFile(part, writing, path)
    case 'audio':
      throw unsupported(writing.provider, 'audio input', path)
  }
}

/** Whether no block stands for an assistant's part: it says nothing, or is another vendor's reasoning. */
export function isSilent(part: AssistantPart): boolean {
  switch (part.type) {
    case 'text':
      return part.text.trim() === '' && blockOf(part) === undefined
    case 'refusal':
      return part.refusal.trim() === ''
    case 'reasoning':
      return !isOwnReasoning(part)
    default:
      return false
  }
}

/** The block of an assistant's part, where there is one. */
export function writeAssistantPart(part: AssistantPart, writing: Writing, path: string): JsonObject | undefined {
  if (isSilent(part)) return undefined
  switch (part.type) {
    case 'text':
      return writeText(part, writing)
    case 'refusal':
      return wrap({ type: 'text', text: part.refusal }, part, writing)
    case 'reasoning':
      return writeReasoning(part)
    case 'tool-call':
      return wrap({ type: 'tool_use', id: toolId(part.id), name: part.name, input: writeInput(part) }, part, writing)
    case 'image':
    case 'file':
    case 'audio':
      throw unsupported(
        writing.provider,
        `${part.type === 'audio' ? part.type : `${part.type}s`} in assistant messages`,
        path,
      )
  }
}

/**
 * A `tool_result` block. Text alone goes as a string. What failed and shows an image is not said to have failed, which its words tell: "all
 * content must be type `text` if `is_error` is true" (vellum-ai/vellum-assistant pull request 18387).
 */
export function writeToolResult(message: ToolMessage, writing: Writing, path: string): JsonObject {
  const blocks = message.content
    .map((part, index) => writeUserPart(part, writing, `${path}.content[${index}]`))
    .filter((block) => block !== undefined)
  const [only] = blocks
  const plain = blocks.length === 1 && only?.['type'] === 'text' && Object.keys(only).length === 2
  const known = compact({
    type: 'tool_result',
    tool_use_id: toolId(message.toolCallId),
    content: blocks.length === 0 ? noContent(message) : plain ? only['text'] : blocks,
    is_error: writing.own || blocks.every(({ type }) => type === 'text') ? message.isError : undefined,
  })
  return wrap(known, message, writing)
}

/** Nothing, but for "content cannot be empty if `is_error` is true" (jlevy/markform issue 153). */
function noContent({ isError }: ToolMessage): string | undefined {
  return isError === true ? NO_TEXT : undefined
}

/**
 * A tool call's id in the letters Anthropic allows (`^[a-zA-Z0-9_-]+$`); some vendors' ids have dots and colons. The same id
 * always gives the same, so that a result finds its call.
 */
export function toolId(id: string): string {
  return isToolId(id) ? id : `toolu_${Buffer.from(id).toString('base64url')}`
}

export function isToolId(id: string): boolean {
  return /^[\w-]+$/.test(id)
}

/** Adds a block's breakpoint, and what else came with it in this format's own words. */
function wrap(known: JsonObject, from: { cacheControl?: CacheControl; extra?: Extra }, { own }: Writing): JsonObject {
  const cached = from.cacheControl ? { ...known, cache_control: from.cacheControl } : known
  return own ? withExtra(cached, from.extra) : cached
}

function writeText(part: TextPart, writing: Writing): JsonObject | undefined {
  const block = blockOf(part)
  if (block) {
    const { [BLOCK]: _, ...extra } = part.extra ?? {}
    return wrap(block, { ...part, extra }, writing)
  }
  return part.text.trim() === '' ? undefined : wrap({ type: 'text', text: part.text }, part, writing)
}

function writeReasoning(part: ReasoningPart): JsonObject {
  if (part.signature === undefined) return { type: 'redacted_thinking', data: part.encrypted }
  return { type: 'thinking', thinking: part.text, signature: part.signature }
}

/** `input` must be an object. Free text goes where {@link writeTools} says it does. */
function writeInput({ kind, arguments: words }: ToolCallPart): JsonObject {
  return kind === 'custom' ? { input: words } : callInput(words)
}

function writeImage({ source }: ImagePart, { provider }: Writing, path: string): JsonObject {
  switch (source.type) {
    case 'base64':
      if (!isImage(source)) {
        throw unsupported(provider, `images of type ${source.mediaType}, only JPEG, PNG, GIF and WebP`, path)
      }
      return { type: 'base64', media_type: imageTypeOf(source), data: source.data }
    case 'url':
      return { type: 'url', url: source.url }
    case 'file-id':
      return { type: 'file', file_id: source.id }
    case 'text':
      throw unsupported(provider, 'images given as text', path)
  }
}

function isImage(source: { mediaType: string; data: string }): boolean {
  return IMAGE_TYPES.includes(imageTypeOf(source))
}

function writeFile(part: FilePart, writing: Writing, path: string): JsonObject {
  const { source, filename } = part
  if (source.type === 'base64' && isImage(source)) {
    return wrap({ type: 'image', source: writeImage({ type: 'image', source }, writing, path) }, part, writing)
  }
  // A document in parts, which the neutral model keeps beside the text it stands for.
  const parts = writing.own && isObject(part.extra?.['source']) ? part.extra['source'] : undefined
  const document = { type: 'document', source: parts ?? writeDocument(source, writing, path), title: filename }
  return wrap(compact(document), part, writing)
}

function writeDocument(source: MediaSource, { provider }: Writing, path: string): JsonObject {
  switch (source.type) {
    case 'base64':
      if (/^application\/pdf\b/i.test(source.mediaType)) {
        return { type: 'base64', media_type: 'application/pdf', data: source.data }
      }
      if (TEXT_TYPES.test(source.mediaType)) return plainText(Buffer.from(source.data, 'base64').toString('utf8'))
      throw unsupported(provider, `files of type ${source.mediaType}, only PDF, text and images`, path)
    case 'text':
      return plainText(source.text)
    case 'url':
      return { type: 'url', url: source.url }
    case 'file-id':
      return { type: 'file', file_id: source.id }
  }
}

function plainText(data: string): JsonObject {
  return { type: 'text', media_type: 'text/plain', data }
}
