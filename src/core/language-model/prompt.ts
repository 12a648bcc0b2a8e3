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
  ChatMessage,
  FilePart,
  ImagePart,
  MediaSource,
  ReasoningPart,
  ToolMessage,
  ToolResultPart,
} from '../chat/index.ts'
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
      if (typeof part.fileId !== 'string') throw unsupported('byok', 'ids of files by provider')
      const source: MediaSource = { type: 'file-id', id: part.fileId }
      return part.type === 'file-id' ? { type: 'file', source } : { type: 'image', source }
    }
    case 'custom':
      throw unsupported('byok', 'parts of tool results of the type `custom`')
  }
}

/** The formats of audio that the neutral model knows, by media type. */
const AUDIO: Record<string, string> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
}

function mediaOf({
  data,
  mediaType,
  filename,
  providerOptions,
}: LanguageModelV3FilePart): ImagePart | FilePart | AudioPart {
  const cache = cacheOf(providerOptions)
  const isImage = mediaType.startsWith('image/')
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
    mediaType: mediaType === 'image/*' ? 'image/jpeg' : mediaType,
    data: base64,
  }
  if (isImage) return { type: 'image', source, ...cache }
  return { type: 'file', source, ...(filename !== undefined && { filename }), ...cache }
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
