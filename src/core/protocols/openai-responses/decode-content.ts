import type {
  AudioPart,
  FilePart,
  ImagePart,
  MediaSource,
  RefusalPart,
  TextPart,
  ToolResultPart,
  UserPart,
} from '../../chat/index.ts'
import { parseDataUrl } from '../openai-chat/data-url.ts'
import type { PartReaders } from '../openai-chat/decode-content.ts'
import { invalid, missing } from '../openai-chat/fields.ts'
import type { Fields } from '../fields.ts'
import { keep } from './wire.ts'

export const systemParts: PartReaders<TextPart> = { input_text: readText, text: readText, output_text: readText }
export const inputParts: PartReaders<UserPart & ToolResultPart> = {
  input_text: readText,
  text: readText,
  output_text: readText,
  input_image: readImage,
  input_file: readFile,
}
/** Of a user: some servers take sounds in the form of Chat Completions (openai-node `ResponseInputAudio`). */
export const userParts: PartReaders<UserPart> = { ...inputParts, input_audio: readAudio }
export const outputParts: PartReaders<TextPart | RefusalPart> = {
  output_text: readOutputText,
  input_text: readOutputText,
  text: readOutputText,
  refusal: readRefusal,
}

/** What else a part has, such as `prompt_cache_breakpoint`, means nothing to another provider. */
function rest(part: Fields) {
  part.raw('type')
  const left = part.rest()
  return left ? { extra: keep(left) } : {}
}

function readText(part: Fields): TextPart {
  return { type: 'text', text: part.requiredString('text'), ...rest(part) }
}

function readOutputText(part: Fields): TextPart {
  part.raw('type')
  const text = part.requiredString('text')
  const left = part.rest()
  return { type: 'text', text, ...(left && { extra: keep({ part: left }) }) }
}

function readRefusal(part: Fields): RefusalPart {
  part.raw('type')
  const refusal = part.requiredString('refusal')
  const left = part.rest()
  return { type: 'refusal', refusal, ...(left && { extra: keep({ part: left }) }) }
}

function readImage(part: Fields): ImagePart {
  const url = part.string('image_url')
  const id = part.string('file_id')
  const detail = part.string('detail')
  const source: MediaSource | undefined = id === undefined ? readUrl(url ?? '') : { type: 'file-id', id }
  if (!source) {
    throw url === undefined
      ? missing(part.path('image_url'))
      : invalid(
          "Invalid image: expected an http or https URL, or a base64 data URL such as 'data:image/png;base64,…'.",
          part.path('image_url'),
          'invalid_value',
        )
  }
  return { type: 'image', source, ...(detail !== undefined && { detail }), ...rest(part) }
}

function readAudio(part: Fields): AudioPart {
  const audio = part.requiredNested('input_audio')
  return { type: 'audio', data: audio.requiredString('data'), format: audio.requiredString('format'), ...rest(part) }
}

function readFile(part: Fields): FilePart {
  const filename = part.string('filename')
  const source = readFileSource(part, filename)
  return { type: 'file', source, ...(filename !== undefined && { filename }), ...rest(part) }
}

function readFileSource(part: Fields, filename: string | undefined): MediaSource {
  const data = part.string('file_data')
  if (data !== undefined) {
    const pdf = filename === undefined || /\.pdf$/i.test(filename)
    const mediaType = pdf ? 'application/pdf' : 'application/octet-stream'
    return readUrl(data) ?? { type: 'base64', mediaType, data }
  }
  const url = part.string('file_url')
  if (url !== undefined) return { type: 'url', url }
  const id = part.string('file_id')
  if (id !== undefined) return { type: 'file-id', id }
  throw missing(part.path('file_data'))
}

export function readUrl(url: string): MediaSource | undefined {
  const data = parseDataUrl(url)
  if (data) return { type: 'base64', ...data }
  return /^https?:\/\//i.test(url) ? { type: 'url', url } : undefined
}
