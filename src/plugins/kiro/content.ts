import { unsupported } from '../../index.ts'
import type { FilePart, ImagePart, MediaSource, ToolResultPart, UserPart } from '../../index.ts'
import { decodeText, imageTypeOf, isTextType } from '../../kit.ts'
import type { KiroImage } from './wire.ts'

/** @see aws/amazon-q-developer-cli, crates/amzn-codewhisperer-streaming-client/src/types/_image_format.rs */
const FORMATS: Record<string, KiroImage['format']> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
}

/** What a user says: a message has one text, and its images beside it. */
export interface Said {
  texts: string[]
  images: KiroImage[]
}

/** @throws {ChatError} 400 naming the part Kiro cannot take. */
export function readUserPart(part: UserPart, said: Said, path: string): void {
  switch (part.type) {
    case 'text':
      said.texts.push(part.text)
      return
    case 'image':
      said.images.push(writeImage(part, path))
      return
    case 'file':
      said.texts.push(inline(part, path))
      return
    case 'audio':
      throw unsupported('Kiro', 'audio input', path)
  }
}

/**
 * A part of a tool's result. Results hold text alone; an image goes beside the message, and a note says which it is.
 *
 * @see hongyilyu/opencode-v2-kiro-auth, src/request.ts `toolResultEntries`
 */
export function readResultPart(part: ToolResultPart, images: KiroImage[], path: string): string {
  switch (part.type) {
    case 'text':
      return part.text
    case 'image':
      images.push(writeImage(part, path))
      return `[image ${images.length} of this message]`
    case 'file':
      return inline(part, path)
  }
}

function writeImage({ source }: ImagePart, path: string): KiroImage {
  if (source.type !== 'base64') throw unsupported('Kiro', 'images by URL or file id, only base64 data', path)
  const format = FORMATS[imageTypeOf(source)]
  if (!format) throw unsupported('Kiro', `images of type ${source.mediaType}, only PNG, JPEG, GIF and WebP`, path)
  return { format, source: { bytes: source.data } }
}

/** A document that is text can be read where it stands. */
function inline({ source, filename }: FilePart, path: string): string {
  const text = textOf(source, path)
  return filename === undefined ? text : `${filename}:\n\n${text}`
}

function textOf(source: MediaSource, path: string): string {
  if (source.type === 'text') return source.text
  if (source.type !== 'base64' || !isTextType(source.mediaType)) {
    throw unsupported('Kiro', 'files that are no text', path)
  }
  const text = decodeText(source)
  if (text !== undefined) return text
  throw unsupported('Kiro', 'text files that are not in the charset of their type, or UTF-8', path)
}
