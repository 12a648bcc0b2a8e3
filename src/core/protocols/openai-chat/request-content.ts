import { decodeText, isTextType, unsupported } from '../../chat/index.ts'
import type {
  AssistantPart,
  AudioPart,
  CacheControl,
  Extra,
  FilePart,
  ImagePart,
  RefusalPart,
  TextPart,
  UserPart,
} from '../../chat/index.ts'
import { dataUrl } from './data-url.ts'
import { nameOfFile } from './file-name.ts'
import { compact, withExtra } from '../json.ts'
import type { JsonObject } from '../json.ts'
import type { OpenAIChatExtension, OpenAIChatFeature, OpenAIChatOptions } from './options.ts'
import { isVideo, urlOfVideo } from './video.ts'

const FEATURE_NAMES: Record<OpenAIChatFeature, string> = {
  images: 'images',
  image_urls: 'images by URL, only base64 data',
  files: 'files',
  audio: 'audio input',
  tools: 'tools',
  required_tool_choice: '`tool_choice: "required"`',
  named_tool_choice: 'a `tool_choice` that names a tool',
  allowed_tools: '`tool_choice` of type `allowed_tools`',
  json_object: '`response_format` of type `json_object`',
  json_schema: '`response_format` of type `json_schema`',
  n: 'more than one choice (`n`)',
  logprobs: '`logprobs`',
  logit_bias: '`logit_bias`',
  web_search: '`web_search_options`',
}

/** What a server can do: its options, asked. */
export class Dialect {
  readonly options: OpenAIChatOptions
  readonly #provider: string

  constructor(options: OpenAIChatOptions) {
    this.options = options
    this.#provider = options.provider ?? 'This provider'
  }

  has(extension: OpenAIChatExtension): boolean {
    return this.options.extensions?.includes(extension) ?? false
  }

  /** @throws {ChatError} 400 where the server refuses the feature. */
  need(feature: OpenAIChatFeature, param: string): void {
    if (this.options.refuses?.includes(feature)) this.refuse(FEATURE_NAMES[feature], param)
  }

  refuse(what: string, param: string): never {
    throw unsupported(this.#provider, what, param)
  }

  /** A part, message or tool with its breakpoint and what else came with it. */
  wrap(known: JsonObject, from: { cacheControl?: CacheControl; extra?: Extra }): JsonObject {
    const cached =
      from.cacheControl && this.has('cache_control') ? { ...known, cache_control: from.cacheControl } : known
    return withExtra(cached, from.extra)
  }
}

type MediaPart = ImagePart | FilePart | AudioPart
type ContentPart = UserPart | RefusalPart

export function isMedia(part: AssistantPart): part is MediaPart {
  return part.type === 'image' || part.type === 'file' || part.type === 'audio'
}

/** `content` of parts: text alone as a string, which every server takes. */
export function writeContent(parts: readonly ContentPart[], dialect: Dialect, path: string): string | JsonObject[] {
  const [first] = parts
  if (!first) return ''
  const written = parts.map((part, index) => writePart(part, dialect, `${path}[${index}]`))
  const plain = first.type === 'text' && Object.keys(written[0] ?? {}).length === 2
  return parts.length === 1 && plain ? first.text : written
}

function writePart(part: ContentPart, dialect: Dialect, path: string): JsonObject {
  switch (part.type) {
    case 'text':
      return dialect.wrap({ type: 'text', text: part.text } satisfies Omit<TextPart, 'extra'>, part)
    case 'refusal':
      return dialect.wrap({ type: 'refusal', refusal: part.refusal }, part)
    case 'image':
      return dialect.wrap({ type: 'image_url', image_url: writeImage(part, dialect, path) }, part)
    case 'file':
      return (dialect.has('video_url') && writeVideo(part, dialect)) || writeFile(part, dialect, path)
    case 'audio':
      dialect.need('audio', path)
      return dialect.wrap({ type: 'input_audio', input_audio: { data: part.data, format: part.format } }, part)
  }
}

function writeImage({ source, detail: asked }: ImagePart, dialect: Dialect, path: string): JsonObject {
  dialect.need('images', path)
  // Responses alone has a word for more (openai-node `ResponseInputImage`, `ChatCompletionContentPartImage.ImageURL`).
  const detail = asked === 'original' ? 'high' : asked
  switch (source.type) {
    case 'url':
      dialect.need('image_urls', path)
      return compact({ url: source.url, detail })
    case 'base64':
      return compact({ url: dataUrl(source.mediaType, source.data), detail })
    case 'file-id':
      return dialect.refuse('images by file id', path)
    case 'text':
      return dialect.refuse('images given as text', path)
  }
}

function writeVideo(part: FilePart, dialect: Dialect): JsonObject | undefined {
  const url = isVideo(part) ? urlOfVideo(part.source) : undefined
  return url === undefined ? undefined : dialect.wrap({ type: 'video_url', video_url: { url } }, part)
}

/**
 * OpenAI takes PDFs alone as files here: "Expected a base64-encoded data URL with an application/pdf MIME type, but got unsupported
 * MIME type 'text/plain'" (met by users of LibreChat, who attach a text; by those of openai/openai-dotnet, issue 450, with
 * 'application/json'). So a text is told in words.
 */
function writeFile(part: FilePart, dialect: Dialect, path: string): JsonObject {
  const { source, filename } = part
  if (source.type === 'text') return writeTextFile(source.text, part, dialect)
  if (source.type === 'base64' && isTextType(source.mediaType)) {
    const text = decodeText(source)
    if (text === undefined) dialect.refuse('text files that are not in the charset of their type, or UTF-8', path)
    return writeTextFile(text, part, dialect)
  }
  dialect.need('files', path)
  const file = (fields: JsonObject) => dialect.wrap({ type: 'file', file: compact(fields) }, part)
  switch (source.type) {
    case 'base64':
      // Where data has no name, OpenAI misses a `file_id`: openai/openai-agents-python pull request 1513.
      return file({
        filename: nameOfFile(filename, source.mediaType),
        file_data: dataUrl(source.mediaType, source.data),
      })
    case 'file-id':
      return file({ filename, file_id: source.id })
    case 'url':
      if (!dialect.has('file_url')) return dialect.refuse('files by URL, only their data', path)
      return file({ filename, file_data: source.url })
  }
}

/** What came with the file beside its breakpoint belongs to a file, and is left out (`encodeRequest` in request.ts). */
function writeTextFile(text: string, { filename, cacheControl }: FilePart, dialect: Dialect): JsonObject {
  const named = filename === undefined ? text : `${filename}:\n\n${text}`
  return dialect.wrap({ type: 'text', text: named }, cacheControl ? { cacheControl } : {})
}
