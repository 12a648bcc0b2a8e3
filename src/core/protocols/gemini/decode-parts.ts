import type {
  AssistantPart,
  AudioPart,
  Extra,
  FilePart,
  ImagePart,
  ReasoningPart,
  TextPart,
  ToolResultPart,
} from '../../chat/index.ts'
import { OTHER_PARTS } from './fields.ts'
import { compact, isObject } from '../json.ts'
import { isHeldFile, typeOfUrl } from './media.ts'
import { unpackProof } from './packed-proof.ts'
import { invalid } from './reader.ts'
import type { Reader } from './reader.ts'
import { isPlainResult } from './request-contents.ts'
import { carrier, SIGNATURE } from './signatures.ts'

export type Media = ImagePart | FilePart | AudioPart

/** The text or media of a part; `undefined` where it is a call or a result. */
export function readPart(part: Reader): TextPart | Media | undefined {
  const words = part.string('text')
  if (words !== undefined) return withRest({ type: 'text' as const, text: words }, part.rest())
  const blob = part.nested('inlineData')
  if (blob) return readBlob(blob, part)
  const file = part.nested('fileData')
  if (file) return readFile(file, part)
  const rest = part.rest()
  if (rest && Object.keys(rest).some((name) => OTHER_PARTS.has(name))) return { type: 'text', text: '', extra: rest }
  return undefined
}

/** The two formats that others know of sounds, by Gemini's names and by those that browsers and AI SDK have (iana.org, RFC 3003). */
const SOUNDS: Record<string, string> = {
  'audio/wav': 'wav',
  'audio/wave': 'wav',
  'audio/x-wav': 'wav',
  'audio/mp3': 'mp3',
  'audio/mpeg': 'mp3',
}

function readBlob(blob: Reader, part: Reader): Media {
  const mimeType = blob.string('mimeType')
  const data = blob.string('data')
  if (mimeType === undefined) throw invalid(blob.path('mimeType'), 'it is required')
  if (data === undefined) throw invalid(blob.path('data'), 'it is required')
  const filename = blob.string('displayName')
  const extra = nest('inlineData', blob.rest(), part.rest())
  // URL-safe base64 is what some Google libraries write.
  const standard = data.replaceAll('-', '+').replaceAll('_', '/')
  const format = SOUNDS[mimeType.toLowerCase()]
  if (format !== undefined) return withRest({ type: 'audio', data: standard, format }, extra)
  const source = { type: 'base64' as const, mediaType: mimeType, data: standard }
  if (mimeType.startsWith('image/')) return withRest({ type: 'image', source }, extra)
  return withRest(compact({ type: 'file' as const, source, filename }), extra)
}

function readFile(file: Reader, part: Reader): Media {
  const uri = file.string('fileUri')
  if (uri === undefined) throw invalid(file.path('fileUri'), 'it is required')
  const mimeType = file.string('mimeType')
  const filename = file.string('displayName')
  const type = mimeType ?? typeOfUrl(uri)
  const unsaid = mimeType !== undefined && typeOfUrl(uri) !== mimeType ? { mimeType } : undefined
  const within = { ...unsaid, ...file.rest() }
  const extra = nest('fileData', Object.keys(within).length > 0 ? within : undefined, part.rest())
  const source = isHeldFile(uri) ? { type: 'file-id' as const, id: uri } : { type: 'url' as const, url: uri }
  if (type?.startsWith('image/')) return withRest({ type: 'image', source }, extra)
  return withRest(compact({ type: 'file' as const, source, filename }), extra)
}

/** What is left of an object within a part, and of the part itself, nested as the wire has it. */
export function nest(name: string, within: Extra | undefined, beside: Extra | undefined): Extra | undefined {
  return within ? { ...beside, [name]: within } : beside
}

export function withRest<P extends object>(part: P, rest: Extra | undefined): P & { extra?: Extra } {
  return rest ? { ...part, extra: rest } : part
}

/**
 * A part of a model's turn: a thought, or text or media and where its signature goes (signatures.ts). A call is read by
 * {@link readCall}.
 */
export function readModelPart(part: Reader): AssistantPart[] {
  const thought = part.boolean('thought') === true
  const signature = part.string('thoughtSignature')
  const read = readPart(part)
  const media = read?.type === 'text' ? undefined : read
  const words = read?.type === 'text' ? read : undefined
  // A picture on the way to the one that was drawn is a thought without words (ai.google.dev/gemini-api/docs/image-generation).
  if (thought) return media ? [] : readThought(words?.text ?? '', signature, words?.extra)
  // Of media it is wanted back on the very part.
  if (media && signature !== undefined) return [withRest(media, { ...media.extra, [SIGNATURE]: signature })]
  const parts: AssistantPart[] = read && !isEmpty(read) ? [read] : []
  if (signature !== undefined) parts.push(...readSignature(signature, undefined))
  return parts
}

function isEmpty(part: TextPart | Media): boolean {
  return part.type === 'text' && part.text === '' && !part.extra
}

function readThought(words: string, signature: string | undefined, extra: Extra | undefined): ReasoningPart[] {
  const foreign = signature === undefined ? undefined : unpackProof(signature)
  const own: Partial<ReasoningPart> = foreign ?? compact({ signature, format: 'google-gemini-v1' as const })
  if (words === '' && signature === undefined) return []
  const part: ReasoningPart = { ...own, type: 'reasoning', text: words }
  return [withRest(part, extra)]
}

/** A signature on something that is no thought. */
export function readSignature(signature: string, callId: string | undefined): ReasoningPart[] {
  const foreign = unpackProof(signature)
  return [foreign ? { type: 'reasoning', text: '', ...foreign } : carrier(signature, callId, 'google-gemini-v1')]
}

/**
 * Adds a part to a turn. Clients keep the chunks of a stream as parts of their own, so thoughts that follow each other are one, up
 * to the signature that closes it; so are texts.
 */
export function addPart(parts: AssistantPart[], part: AssistantPart): void {
  const last = parts.at(-1)
  if (part.type === 'text' && last?.type === 'text' && !part.extra && !last.extra) {
    parts[parts.length - 1] = { type: 'text', text: last.text + part.text }
    return
  }
  if (
    part.type === 'reasoning' &&
    last?.type === 'reasoning' &&
    last.text !== '' &&
    last.signature === undefined &&
    last.encrypted === undefined &&
    part.id === undefined
  ) {
    const joined = { ...last, ...part, text: last.text + part.text, extra: part.extra ?? last.extra }
    parts[parts.length - 1] = compact(joined)
    return
  }
  parts.push(part)
}

/** The result of a function: text where it is only that, else its JSON; and the media in it. */
export function readResult(response: Reader): { content: ToolResultPart[]; isError: boolean } {
  const result = response.object('response') ?? {}
  const plain = isPlainResult(result)
  const isError = plain && 'error' in result
  const words = plain ? String(result['output'] ?? result['error']) : JSON.stringify(result)
  const content: ToolResultPart[] = words === '' ? [] : [{ type: 'text', text: words }]
  for (const part of response.readers('parts') ?? []) {
    const media = readPart(part)
    if (media && media.type !== 'audio') content.push(media)
    else if (media)
      content.push({ type: 'file', source: { type: 'base64', mediaType: `audio/${media.format}`, data: media.data } })
  }
  return { content, isError }
}

export function isPartLike(value: unknown): boolean {
  return isObject(value) && !('parts' in value) && !('role' in value)
}
