import type {
  LanguageModelV3FilePart,
  LanguageModelV3Message,
  LanguageModelV3Prompt,
  LanguageModelV3ToolResultOutput,
  LanguageModelV3ToolResultPart,
  SharedV3ProviderOptions,
} from '@ai-sdk/provider'
import { unsupported } from '../chat/index.ts'
import type {
  AssistantPart,
  AudioPart,
  CacheControl,
  ChatError,
  ChatMessage,
  FilePart,
  ImagePart,
  MediaSource,
  ReasoningPart,
  ToolMessage,
  ToolResultPart,
} from '../chat/index.ts'
import { isObject } from '../json/json.ts'
import { readProof } from './proof.ts'

/**
 * The SDK's prompt as messages.
 *
 * @throws {ChatError} 400 naming a part that the neutral model has no word for.
 */
export function messagesOf(prompt: LanguageModelV3Prompt): ChatMessage[] {
  return prompt.flatMap((message) => messageOf(message))
}

function messageOf(message: LanguageModelV3Message): ChatMessage[] {
  const { role, content, providerOptions } = message
  const cache = cacheOf(providerOptions)
  switch (role) {
    case 'system':
      return [{ role, content: [{ type: 'text', text: content, ...cache }] }]
    case 'user':
      return [
        {
          role,
          content: markLast(
            content.map((part) =>
              part.type === 'text'
                ? { type: 'text' as const, text: part.text, ...cacheOf(part.providerOptions) }
                : mediaOf(part),
            ),
            cache,
          ),
        },
      ]
    case 'assistant':
      return [{ role, content: markLast(content.map(assistantPart), cache) }]
    case 'tool':
      return markLast(content.map(toolMessage), cache)
  }
}

type AssistantContent = Extract<LanguageModelV3Message, { role: 'assistant' }>['content'][number]

function assistantPart(part: AssistantContent): AssistantPart {
  const cache = cacheOf(part.providerOptions)
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, ...cache }
    case 'reasoning':
      return {
        type: 'reasoning',
        text: part.text,
        ...readProof(part.providerOptions),
        ...cache,
      } satisfies ReasoningPart
    case 'file':
      return mediaOf(part)
    case 'tool-call': {
      if (part.providerExecuted) throw unsupported('byok', 'calls of tools that the provider ran')
      const { toolCallId: id, toolName: name, input } = part
      return { type: 'tool-call', id, name, kind: 'function', arguments: JSON.stringify(input ?? {}), ...cache }
    }
    case 'tool-result':
      throw unsupported('byok', 'results of tools that the provider ran')
    default:
      throw unknownPart(part)
  }
}

type ToolContent = Extract<LanguageModelV3Message, { role: 'tool' }>['content'][number]

function toolMessage(part: ToolContent): ToolMessage {
  if (part.type !== 'tool-result') throw unsupported('byok', 'approvals of tools that the provider runs')
  const { toolCallId, output } = part
  const isError = output.type === 'error-text' || output.type === 'error-json' || output.type === 'execution-denied'
  return {
    role: 'tool',
    toolCallId,
    content: resultParts(output),
    ...(isError && { isError }),
    ...cacheOf(part.providerOptions),
  }
}

function resultParts(output: LanguageModelV3ToolResultOutput): ToolResultPart[] {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return [{ type: 'text', text: output.value }]
    case 'json':
    case 'error-json':
      return [{ type: 'text', text: JSON.stringify(output.value) }]
    case 'execution-denied':
      return [{ type: 'text', text: output.reason ?? 'The call of this tool was denied.' }]
    case 'content':
      return output.value.map(resultPart)
  }
}

type ResultContent = Extract<LanguageModelV3ToolResultPart['output'], { type: 'content' }>['value'][number]

function resultPart(part: ResultContent): ToolResultPart {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, ...cacheOf(part.providerOptions) }
    case 'image-data':
      return { type: 'image', source: { type: 'base64', mediaType: part.mediaType, data: part.data } }
    case 'image-url':
      return { type: 'image', source: { type: 'url', url: part.url } }
    case 'file-data': {
      const source: MediaSource = { type: 'base64', mediaType: part.mediaType, data: part.data }
      if (part.mediaType.startsWith('image/')) return { type: 'image', source }
      return { type: 'file', source, ...(part.filename !== undefined && { filename: part.filename }) }
    }
    case 'file-url':
      return { type: 'file', source: { type: 'url', url: part.url } }
    case 'file-id':
    case 'image-file-id': {
      const source: MediaSource = { type: 'file-id', id: fileIdOf(part.fileId) }
      return part.type === 'file-id' ? { type: 'file', source } : { type: 'image', source }
    }
    case 'custom':
      throw unknownPart(part)
    default:
      return textFile(part)
  }
}

/*
 * AI SDK 7 gives a model of the SDK before it what it has a word for there, and the rest as it is (`convertV4PromptToV3` in `ai`
 * 7.0.173): texts and references for a file's data, and parts of its own. Its types: `SharedV4FileData` in @ai-sdk/provider 4.
 */

/** Data of a file beside bytes and a URL. */
type TaggedData = { type: 'text'; text: string } | { type: 'reference'; reference: Record<string, string> }

/** The file of a tool's result that is a text. */
function textFile(part: unknown): ToolResultPart {
  const { data, mediaType, filename } = isObject(part) ? part : {}
  const text = isObject(data) && data['type'] === 'text' ? data['text'] : undefined
  if (typeof text !== 'string') throw unknownPart(part)
  const source: MediaSource = { type: 'text', mediaType: textType(mediaType), text }
  return { type: 'file', source, ...(typeof filename === 'string' && { filename }) }
}

/** The id of a file that a provider holds, which a program gives under byok's name: no other says who will serve the request. */
function fileIdOf(reference: string | Record<string, string>): string {
  const id = typeof reference === 'string' ? reference : reference['byok']
  if (id === undefined) throw unsupported('byok', 'ids of files by provider other than `byok`')
  return id
}

/** A kind alone is told for one that nobody looked into. */
function textType(mediaType: unknown): string {
  return typeof mediaType === 'string' && /^[^*]+\/[^*]+$/.test(mediaType) ? mediaType : 'text/plain'
}

function unknownPart(part: unknown): ChatError {
  return unsupported('byok', `parts of the type \`${isObject(part) ? String(part['type']) : typeof part}\``)
}

/** The formats of audio that the neutral model knows, by media type. */
const AUDIO: Record<string, string> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
}

type MediaPart = Omit<LanguageModelV3FilePart, 'data'> & { data: LanguageModelV3FilePart['data'] | TaggedData }

function mediaOf({ data, mediaType, filename, providerOptions }: MediaPart): ImagePart | FilePart | AudioPart {
  const cache = cacheOf(providerOptions)
  const isImage = /^image(\/|$)/.test(mediaType)
  const name = filename !== undefined && { filename }
  if (typeof data === 'object' && 'type' in data) {
    const source: MediaSource =
      data.type === 'text'
        ? { type: 'text', mediaType: textType(mediaType), text: data.text }
        : { type: 'file-id', id: fileIdOf(data.reference) }
    return isImage ? { type: 'image', source, ...cache } : { type: 'file', source, ...name, ...cache }
  }
  if (data instanceof URL) {
    const source: MediaSource = { type: 'url', url: data.href }
    return isImage ? { type: 'image', source, ...cache } : { type: 'file', source, ...cache }
  }
  const base64 = typeof data === 'string' ? data : Buffer.from(data).toString('base64')
  const format = AUDIO[mediaType]
  if (format !== undefined) return { type: 'audio', data: base64, format, ...cache }
  // As the SDK's own providers take a kind alone.
  const source: MediaSource = {
    type: 'base64',
    mediaType: /^image(\/\*)?$/.test(mediaType) ? 'image/jpeg' : mediaType,
    data: base64,
  }
  if (isImage) return { type: 'image', source, ...cache }
  return { type: 'file', source, ...name, ...cache }
}

/** A breakpoint for the prompt cache, where the SDK's provider of Anthropic has it too (`cacheControl`), or `byok` says so. */
function cacheOf(options: SharedV3ProviderOptions | undefined): { cacheControl?: CacheControl } {
  const given = options?.['byok']?.['cacheControl'] ?? options?.['anthropic']?.['cacheControl']
  if (typeof given !== 'object' || given === null || !('type' in given) || given['type'] !== 'ephemeral') return {}
  const { ttl } = given
  return { cacheControl: { type: 'ephemeral', ...(typeof ttl === 'string' && { ttl }) } }
}

/** A message's own mark stands after its last part. */
function markLast<Part extends { cacheControl?: CacheControl }>(
  parts: Part[],
  cache: { cacheControl?: CacheControl },
): Part[] {
  const last = parts.at(-1)
  if (last && cache.cacheControl) last.cacheControl ??= cache.cacheControl
  return parts
}
