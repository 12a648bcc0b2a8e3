import { unsupported } from '../../chat/index.ts'
import type { ChatError, Usage } from '../../chat/index.ts'
import { readWholeAnswer, saidReason } from '../gemini/whole-answer.ts'
import { text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { fieldsOf, invalid, missing } from '../openai-chat/fields.ts'

/**
 * How Google calls the types of recordings (ai.google.dev/gemini-api/docs/audio; `m4a`, `mp4` and `webm` in
 * docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/audio-understanding), by the ending of their files or what others call them.
 */
const TYPES: Record<string, string> = {
  wav: 'audio/wav',
  wave: 'audio/wav',
  mp3: 'audio/mp3',
  mpeg: 'audio/mp3',
  mpga: 'audio/mp3',
  aiff: 'audio/aiff',
  aac: 'audio/aac',
  m4a: 'audio/m4a',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  flac: 'audio/flac',
  mp4: 'audio/mp4',
  webm: 'audio/webm',
}

const TASK =
  'Write down what is said in this recording, word for word and in the language that is spoken. Answer with these words alone: no title, no times, no remarks. Where nobody speaks, answer with nothing.'

/**
 * A request for a transcription as one of Gemini's, whose models hear recordings in chats.
 *
 * @param provider what people call it, for errors
 * @throws {ChatError} 400 naming what cannot be had so
 */
export async function chatOfTranscription(body: JsonObject, provider: string): Promise<JsonObject> {
  const fields = fieldsOf(body)
  /** A form has empty texts where its client has nothing to say. */
  const said = (name: string) => fields.string(name) || undefined
  const { file } = body
  if (!(file instanceof File)) throw missing('file')
  const format = said('response_format') ?? 'json'
  if (!isFormat(format)) throw unsupported(provider, `a transcription as ${format.slice(0, 40)}`, 'response_format')
  if (body['stream'] === true) throw unsupported(provider, 'a stream of a transcription', 'stream')
  const [language, prompt, degree] = [said('language'), said('prompt'), said('temperature')]
  const temperature = degree === undefined ? undefined : Number(degree)
  if (temperature !== undefined && !Number.isFinite(temperature))
    throw invalid('`temperature` must be a number.', 'temperature', 'invalid_type')
  const data = Buffer.from(await file.arrayBuffer()).toString('base64')
  const task = [
    TASK,
    ...(language === undefined ? [] : [`The language is ${language}.`]),
    ...(prompt === undefined ? [] : [`What came before, or names and words that may come: ${prompt}`]),
  ]
  return {
    model: body['model'],
    stream: false,
    contents: [{ role: 'user', parts: [{ text: task.join('\n') }, { inlineData: { mimeType: typeOf(file), data } }] }],
    // Whisper's own, 0, is none for Gemini 3, which is to have none below 1 (ai.google.dev/gemini-api/docs/gemini-3): it may loop.
    ...(temperature !== undefined && { generationConfig: { temperature } }),
  }
}

function isFormat(format: string): format is 'json' | 'text' {
  return format === 'json' || format === 'text'
}

/** By the name first: clients tell a type less often (openai-node sends `application/octet-stream` for what it was told none of). */
function typeOf({ name, type }: File): string {
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  const [, said = '', subtype = ''] = /^\s*(audio\/(?:x-)?([\w.+-]+))/.exec(type) ?? []
  const known = TYPES[ending] ?? TYPES[subtype] ?? said
  if (known !== '') return known
  throw invalid(
    "byok cannot tell what kind of recording `file` is. Give it a name that says so, such as 'speech.mp3'.",
    'file',
    'invalid_value',
  )
}

/**
 * The words of an answer of Gemini's, and what they took (openai-node src/resources/audio/transcriptions.ts, `Transcription`).
 *
 * @throws {ChatError} 400 where the model did not say all of them
 */
export function transcriptionOfChat(answer: unknown, provider: string): { text: string; usage?: JsonObject } {
  const { parts, broken, usage } = readWholeAnswer(answer)
  if (broken !== undefined) throw notWritten(provider, broken)
  const words = parts.map((part) => text(part['text']) ?? '')
  return { text: words.join('').trim(), ...(usage && { usage: usageOf(usage) }) }
}

/**
 * An empty text is what a recording says in which nobody speaks; not what is kept back. And a transcription has no place to say that the rest
 * is missing (ai.google.dev/api/generate-content, `FinishReason`).
 */
function notWritten(provider: string, reason: string): ChatError {
  const next = reason === 'MAX_TOKENS' ? 'Send a shorter piece of it, or try' : 'Try'
  const message = `${provider} did not write down all of this recording${saidReason(reason)}. ${next} another model.`
  return invalid(message, 'file', 'no_transcription')
}

function usageOf({ input, output }: Usage): JsonObject {
  return { type: 'tokens', input_tokens: input, output_tokens: output, total_tokens: input + output }
}
