import type {
  AudioPart,
  Extra,
  FilePart,
  ImagePart,
  MediaSource,
  ReasoningPart,
  RefusalPart,
  TextPart,
  ToolResultPart,
  UserPart,
} from '../../chat/index.ts'
import { readCacheControl } from '../cache-control.ts'
import { parseDataUrl } from './data-url.ts'
import { fieldsOf, invalid, invalidType, invalidValue, missing } from './fields.ts'
import type { Fields } from '../fields.ts'
import { compact, objects, text } from '../json.ts'
import { nameOfVideo, videoAt } from './video.ts'

/** How to read each type of part that a role may have. */
export type PartReaders<Part> = Record<string, (part: Fields) => Part>

export const systemParts: PartReaders<TextPart> = { text: readText }
export const userParts: PartReaders<UserPart> = {
  text: readText,
  image_url: readImage,
  input_audio: readAudio,
  file: readFile,
  video_url: readVideo,
}
export const toolParts: PartReaders<ToolResultPart> = { text: readText, image_url: readImage, file: readFile }
export const assistantParts: PartReaders<UserPart | RefusalPart | ReasoningPart> = {
  ...userParts,
  refusal: readRefusal,
  thinking: readThinking,
  redacted_thinking: readThinking,
  reasoning: readThinking,
}

/** Reads `content`, which is text or a list of parts: so it is in Responses, too. */
export function readContent<Part>(content: unknown, path: string, readers: PartReaders<Part>): (Part | TextPart)[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  if (!Array.isArray(content)) throw invalidType(path, 'one of a string or array of objects', content)
  return content.map((value: unknown, index) => {
    const part = fieldsOf(value, `${path}[${index}]`)
    const type = part.requiredString('type')
    const read = Object.hasOwn(readers, type) ? readers[type] : undefined
    if (!read) throw invalidValue(part.path('type'), type, Object.keys(readers))
    return read(part)
  })
}

/** What is left of an object, and of the object within it that `inner` read. */
export function restOf(fields: Fields, inner?: { name: string; fields: Fields | undefined }): Extra | undefined {
  const rest = fields.rest()
  const within = inner?.fields?.rest()
  return inner && within ? { ...rest, [inner.name]: within } : rest
}

function base(part: Fields, inner?: { name: string; fields: Fields | undefined }) {
  const cacheControl = readCacheControl(part)
  const extra = restOf(part, inner)
  return { ...(cacheControl && { cacheControl }), ...(extra && { extra }) }
}

function readText(part: Fields): TextPart {
  return { type: 'text', text: part.requiredString('text'), ...base(part) }
}

function readRefusal(part: Fields): RefusalPart {
  return { type: 'refusal', refusal: part.requiredString('refusal'), ...base(part) }
}

/**
 * Reasoning among the words, as clients of several vendors send it back: Anthropic's `thinking` with its signature, and `redacted_thinking`
 * (LiteLLM); Mistral's, a list of texts (mistralai/client-ts `ThinkChunk`); `reasoning` with the words by `text` (Vercel's AI SDK) or by
 * its own name (LangChain).
 */
function readThinking(part: Fields): ReasoningPart {
  const type = part.requiredString('type')
  const signature = part.take('signature', text)
  const encrypted = type === 'redacted_thinking' ? part.take('data', text) : undefined
  const words = part.take('thinking', wordsOf) ?? part.take('text', text) ?? part.take('reasoning', text) ?? ''
  const proof = compact({ signature, encrypted })
  return {
    type: 'reasoning',
    text: words,
    ...proof,
    ...(Object.keys(proof).length > 0 && { format: type === 'reasoning' ? 'unknown' : 'anthropic-claude-v1' }),
    ...base(part),
  }
}

function wordsOf(value: unknown): string | undefined {
  if (!Array.isArray(value)) return text(value)
  return objects(value)
    .map((piece) => text(piece['text']) ?? '')
    .join('')
}

function readImage(part: Fields): ImagePart {
  // Some clients give the URL itself, as the Responses API takes it.
  const bare = typeof part.raw('image_url') === 'string' ? part.string('image_url') : undefined
  const image = bare === undefined ? part.requiredNested('image_url') : undefined
  const url = bare ?? image?.requiredString('url') ?? ''
  const source = readUrl(url)
  if (!source) {
    throw invalid(
      'Invalid image: expected an http or https URL, or a base64 data URL with an image type such as ' +
        "'data:image/png;base64,…'.",
      image?.path('url') ?? part.path('image_url'),
      'invalid_value',
    )
  }
  const detail = image?.string('detail')
  return {
    type: 'image',
    source,
    ...(detail !== undefined && { detail }),
    ...base(part, { name: 'image_url', fields: image }),
  }
}

function readAudio(part: Fields): AudioPart {
  const audio = part.requiredNested('input_audio')
  const data = audio.requiredString('data')
  const format = audio.requiredString('format')
  return { type: 'audio', data, format, ...base(part, { name: 'input_audio', fields: audio }) }
}

function readFile(part: Fields): FilePart {
  const file = part.requiredNested('file')
  const filename = file.string('filename')
  const source = readFileSource(file, filename)
  return {
    type: 'file',
    source,
    ...(filename !== undefined && { filename }),
    ...base(part, { name: 'file', fields: file }),
  }
}

function readVideo(part: Fields): FilePart {
  const video = part.requiredNested('video_url')
  const source = videoAt(video.requiredString('url'))
  if (!source) throw invalid('Invalid video: expected a URL or a base64 data URL.', video.path('url'), 'invalid_value')
  const filename = nameOfVideo(source)
  return {
    type: 'file',
    source,
    ...(filename !== undefined && { filename }),
    ...base(part, { name: 'video_url', fields: video }),
  }
}

function readFileSource(file: Fields, filename: string | undefined): MediaSource {
  const data = file.string('file_data')
  if (data !== undefined) {
    // OpenRouter takes a URL here, and some clients leave the data URL's prefix out.
    return readUrl(data) ?? { type: 'base64', mediaType: mediaTypeOf(filename), data }
  }
  const id = file.string('file_id')
  if (id !== undefined) return { type: 'file-id', id }
  throw missing(file.path('file_data'))
}

function readUrl(url: string): MediaSource | undefined {
  const data = parseDataUrl(url)
  if (data) return { type: 'base64', ...data }
  // `ms:` is Moonshot's, of a file that it holds: see video.ts.
  return /^(?:https?|ms):\/\//i.test(url) ? { type: 'url', url } : undefined
}

function mediaTypeOf(filename: string | undefined): string {
  return filename === undefined || /\.pdf$/i.test(filename) ? 'application/pdf' : 'application/octet-stream'
}
