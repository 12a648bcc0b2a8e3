import { TOLD } from '../../chat/index.ts'
import type {
  AssistantPart,
  CacheControl,
  Extra,
  FilePart,
  ImagePart,
  MediaSource,
  ReasoningPart,
  TextPart,
  Told,
  ToolCallPart,
  ToolMessage,
  ToolResultPart,
  UserPart,
} from '../../chat/index.ts'
import { readCacheControl } from '../cache-control.ts'
import { keepBlock } from './blocks.ts'
import { fieldsOf, missing, wrongType } from './fields.ts'
import type { Fields } from '../fields.ts'
import { isObject, text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { readWrapped } from './proof.ts'

/** Reads `content`, which is text or a list of blocks. */
export function readContent<Part>(
  value: unknown,
  path: string,
  read: (block: JsonObject, path: string) => Part,
): (Part | TextPart)[] {
  if (value === undefined) throw missing(path)
  if (typeof value === 'string') return value === '' ? [] : [{ type: 'text', text: value }]
  if (!Array.isArray(value)) throw wrongType(path, 'list')
  return value.map((block: unknown, index) => {
    const at = `${path}.${index}`
    if (!isObject(block)) throw wrongType(at, 'dictionary')
    if (typeof block['type'] !== 'string') throw missing(`${at}.type`)
    return read(block, at)
  })
}

/** A block of `system`. */
export function readSystemBlock(block: JsonObject, path: string): TextPart {
  return block['type'] === 'text' ? readText(fieldsOf(block, path)) : readOther(block, path)
}

/** A block of a user's turn but `tool_result`, or of a tool's result. */
export function readUserBlock(block: JsonObject, path: string): UserPart & ToolResultPart {
  const fields = fieldsOf(block, path)
  switch (block['type']) {
    case 'text':
      return readText(fields)
    case 'image':
      return readImage(fields)
    case 'document':
      return readDocument(fields)
    default:
      return readOther(block, path)
  }
}

export function readAssistantBlock(block: JsonObject, path: string): AssistantPart {
  const fields = fieldsOf(block, path)
  switch (block['type']) {
    case 'thinking':
      return readThinking(fields)
    case 'redacted_thinking':
      return readRedacted(fields)
    case 'tool_use':
      return readToolUse(fields)
    default:
      return readUserBlock(block, path)
  }
}

export function readToolResult(block: JsonObject, path: string): ToolMessage {
  const fields = fieldsOf(block, path)
  fields.raw('type')
  const toolCallId = fields.requiredString('tool_use_id')
  const content = readContent(fields.raw('content') ?? '', fields.path('content'), readUserBlock)
  const isError = fields.boolean('is_error')
  return { role: 'tool', toolCallId, content, ...(isError !== undefined && { isError }), ...baseOf(fields) }
}

function readText(fields: Fields): TextPart {
  fields.raw('type')
  return { type: 'text', text: fields.requiredString('text'), ...baseOf(fields) }
}

function readImage(fields: Fields): ImagePart {
  fields.raw('type')
  const source = fields.requiredNested('source')
  return { type: 'image', source: readSource(source), ...baseOf(fields) }
}

/**
 * The text of a document in parts stands for it; the parts are kept beside it. Others are told its `context`, which the model reads, and shown
 * the images among its parts (`BetaRequestDocumentBlock` and `BetaContentBlockSource` of @anthropic-ai/sdk).
 */
function readDocument(fields: Fields): FilePart {
  fields.raw('type')
  const source = fields.requiredNested('source')
  const filename = fields.string('title')
  const inParts = source.raw('type') === 'content'
  const read: MediaSource = inParts
    ? { type: 'text', mediaType: 'text/plain', text: textOf(source.raw('content')) }
    : readSource(source)
  const images = inParts ? imagesIn(source) : []
  const base = baseOf(fields)
  const context = text(base.extra?.['context'])
  const told: Told = {
    ...(context !== undefined && {
      before: [{ type: 'text', text: `[context of ${filename ?? 'the document'}: ${context}]` }],
    }),
    ...(images.length > 0 && { after: images }),
  }
  const named = inParts ? { ...base.extra, source: fields.raw('source') } : base.extra
  const extra = Object.keys(told).length > 0 ? { ...named, [TOLD]: told } : named
  return { type: 'file', source: read, ...(filename !== undefined && { filename }), ...base, ...(extra && { extra }) }
}

function imagesIn(source: Fields): ImagePart[] {
  const content = source.raw('content')
  if (!Array.isArray(content)) return []
  return content.flatMap((part: unknown, index) =>
    isObject(part) && part['type'] === 'image' ? [readImage(fieldsOf(part, `${source.path('content')}.${index}`))] : [],
  )
}

function readSource(source: Fields): MediaSource {
  const type = source.requiredString('type')
  switch (type) {
    case 'base64':
      return { type, mediaType: source.requiredString('media_type'), data: source.requiredString('data') }
    case 'url':
      return { type, url: source.requiredString('url') }
    case 'file':
      return { type: 'file-id', id: source.requiredString('file_id') }
    case 'text':
      return { type, mediaType: source.string('media_type') ?? 'text/plain', text: source.requiredString('data') }
    default:
      throw wrongType(source.path('type'), 'source type')
  }
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  const words = content.map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : '[image]'))
  return words.join('\n')
}

function readThinking(fields: Fields): ReasoningPart {
  fields.raw('type')
  const words = fields.requiredString('thinking')
  const signature = fields.string('signature') ?? ''
  const wrapped = readWrapped(signature)
  if (wrapped) return { type: 'reasoning', text: words, ...wrapped, ...baseOf(fields) }
  // Without a signature it is nobody's in particular.
  const proof = signature === '' ? {} : ({ signature, format: 'anthropic-claude-v1' } as const)
  return { type: 'reasoning', text: words, ...proof, ...baseOf(fields) }
}

function readRedacted(fields: Fields): ReasoningPart {
  fields.raw('type')
  const data = fields.requiredString('data')
  const proof = readWrapped(data) ?? ({ encrypted: data, format: 'anthropic-claude-v1' } as const)
  return { type: 'reasoning', text: '', ...proof, ...baseOf(fields) }
}

function readToolUse(fields: Fields): ToolCallPart {
  fields.raw('type')
  const id = fields.requiredString('id')
  const name = fields.requiredString('name')
  const input = fields.raw('input') ?? {}
  return { type: 'tool-call', id, name, kind: 'function', arguments: JSON.stringify(input), ...baseOf(fields) }
}

/** What the neutral model has no part for: what server tools did, search results, types newer than this code. */
function readOther(block: JsonObject, path: string): TextPart {
  const cacheControl = readCacheControl(fieldsOf(block, path))
  if (!cacheControl) return keepBlock(block)
  const { cache_control: _, ...rest } = block
  return { ...keepBlock(rest), cacheControl }
}

/** The breakpoint, and what nobody read: as all that stands in a conversation has them, and tools. */
export function baseOf(fields: Fields): { cacheControl?: CacheControl; extra?: Extra } {
  const cacheControl = readCacheControl(fields)
  const extra = fields.rest()
  return { ...(cacheControl && { cacheControl }), ...(extra && { extra }) }
}
