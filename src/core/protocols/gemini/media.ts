import { imageTypeOf, unsupported } from '../../chat/index.ts'
import type { AudioPart, FilePart, ImagePart, MediaSource } from '../../chat/index.ts'
import { PART_EXTRA } from './fields.ts'
import { compact, pick, withExtra } from '../json.ts'
import type { JsonObject } from '../json.ts'
import type { GeminiOptions } from './options.ts'

/** Media types by file extension, of the lists at ai.google.dev/gemini-api/docs (images, audio, video, documents). */
const TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
  gif: 'image/gif',
  wav: 'audio/wav',
  mp3: 'audio/mp3',
  aiff: 'audio/aiff',
  aac: 'audio/aac',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  mp4: 'video/mp4',
  mpeg: 'video/mpeg',
  mov: 'video/mov',
  avi: 'video/avi',
  webm: 'video/webm',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  html: 'text/html',
  css: 'text/css',
  csv: 'text/csv',
  xml: 'text/xml',
  json: 'application/json',
}

/** The media type a URL's extension stands for. */
export function typeOfUrl(url: string): string | undefined {
  const [path = ''] = url.split(/[?#]/)
  return TYPES[/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? '']
}

const FILES_API = 'https://generativelanguage.googleapis.com/v1beta/'

/** Whether a URI names a file the provider already holds: Google Cloud Storage or the Files API. */
export function isHeldFile(uri: string): boolean {
  return uri.startsWith('gs://') || /^https:\/\/generativelanguage\.googleapis\.com\/[^?#]*\bfiles\//.test(uri)
}

/**
 * A file, image or sound as a part.
 *
 * @throws {ChatError} 400 for what the provider cannot fetch.
 */
export function writeMedia(part: ImagePart | FilePart | AudioPart, options: GeminiOptions, path: string): JsonObject {
  if (part.type === 'audio') {
    return withExtra(
      { inlineData: { mimeType: `audio/${part.format}`, data: part.data } },
      pick(part.extra, PART_EXTRA),
    )
  }
  const name = part.type === 'file' ? part.filename : undefined
  return withExtra(writeSource(part.source, name, part.type, options, path), pick(part.extra, PART_EXTRA))
}

function writeSource(
  source: MediaSource,
  name: string | undefined,
  kind: 'image' | 'file',
  { provider = 'Gemini', urls = true }: GeminiOptions,
  path: string,
): JsonObject {
  switch (source.type) {
    case 'base64':
      return {
        inlineData: {
          mimeType: /^image\//i.test(source.mediaType) ? imageTypeOf(source) : source.mediaType,
          data: source.data,
        },
      }
    case 'text':
      return { inlineData: { mimeType: source.mediaType, data: Buffer.from(source.text).toString('base64') } }
    case 'file-id':
      if (source.id.startsWith('files/')) return { fileData: { fileUri: FILES_API + source.id } }
      if (isHeldFile(source.id)) return { fileData: { fileUri: source.id } }
      throw unsupported(provider, `the id of a ${kind} uploaded to another provider; send its data`, path)
    case 'url': {
      const held = isHeldFile(source.url)
      if (!held && !urls) throw unsupported(provider, `${kind}s by URL, only base64 data`, path)
      if (!held && !/^https:/i.test(source.url)) throw unsupported(provider, `${kind}s by URL other than https`, path)
      const mimeType = typeOfUrl(source.url) ?? (name === undefined ? undefined : typeOfUrl(name))
      return { fileData: compact({ fileUri: source.url, mimeType }) }
    }
  }
}
