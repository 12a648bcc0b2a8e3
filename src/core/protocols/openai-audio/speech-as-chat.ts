import { unsupported } from '../../chat/index.ts'
import type { ChatError } from '../../chat/index.ts'
import { readWholeAnswer, saidReason } from '../gemini/whole-answer.ts'
import { isObject, text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { fieldsOf, invalid, invalidType, missing } from '../openai-chat/fields.ts'
import { samplesOf, wavOf } from './wav.ts'

/** Google's own example (ai.google.dev/gemini-api/docs/speech-generation). */
const VOICE = 'Kore'
/** What clients of OpenAI send where nobody chose a voice (@ai-sdk/openai, Open WebUI). Google refuses it, with the names it knows. */
const NO_CHOICE = 'alloy'
/** Samples a second, where the answer does not say. */
const RATE = 24_000

/** Whether a model of Gemini's reads texts aloud in a chat: `gemini-3.8-flash-tts`, `gemini-2.5-pro-preview-tts`. */
export function speaks(model: string): boolean {
  return /(?:^|-)tts(?:-|$)/.test(model)
}

/**
 * A request for speech as one of Gemini's, whose models speak in chats (ai.google.dev/gemini-api/docs/speech-generation).
 *
 * @param model as Google knows it
 * @param provider what people call it, for errors
 * @throws {ChatError} 400 naming what cannot be had so
 */
export function chatOfSpeech(body: JsonObject, model: string, provider: string): JsonObject {
  const fields = fieldsOf(body)
  const input = fields.string('input') ?? ''
  if (input === '') throw missing('input')
  const format = fields.string('response_format')
  if (format !== undefined && !isFormat(format))
    throw unsupported(provider, `speech as ${format.slice(0, 40)}, but as wav and pcm`, 'response_format')
  if (body['stream_format'] === 'sse') throw unsupported(provider, 'a stream of speech', 'stream_format')
  if ((fields.number('speed') ?? 1) !== 1) throw unsupported(provider, 'another `speed` than 1', 'speed')
  return {
    model: body['model'],
    stream: false,
    contents: [{ role: 'user', parts: [asRead(input, fields.string('instructions') ?? '', model)] }],
    generationConfig: { responseModalities: ['AUDIO'], speechConfig: { voiceConfig: configOf(body['voice']) } },
  }
}

function isFormat(format: string): format is 'wav' | 'pcm' {
  return format === 'wav' || format === 'pcm'
}

/**
 * From 3.8 on, models read a text to the letter, and how they are to do it stands beside it. The older are told in the text to say it, and
 * do not say that: a short one without such words they answer, which Google refuses ("Model tried to generate text, but it should only be
 * used for TTS").
 */
function asRead(input: string, instructions: string, model: string): JsonObject {
  const style = instructions.trim()
  const [, version] = /^gemini-(\d+(?:\.\d+)?)/.exec(model) ?? []
  if (version === undefined || Number(version) >= 3.8)
    return { text: input, ...(style !== '' && { speechMetadata: { style } }) }
  return { text: `${style === '' ? 'Say' : style.replace(/[.:]$/, '')}: ${input}` }
}

/** A voice that somebody made has an id for its name (`voice_…`, `voicekey_…`), a prebuilt one a name (the same page). */
function configOf(voice: unknown): JsonObject {
  // OpenAI's own voices that somebody made are objects (openai-node src/resources/audio/speech.ts, `SpeechCreateParams.ID`).
  const said = (isObject(voice) ? voice['id'] : voice) ?? NO_CHOICE
  if (typeof said !== 'string') throw invalidType('voice', 'a string', voice)
  if (/^voice(?:key)?_/.test(said)) return { voice: said }
  return { prebuiltVoiceConfig: { voiceName: said === NO_CHOICE || said === '' ? VOICE : said } }
}

/**
 * The sound of an answer of Gemini's: a WAV file, or its samples alone for who asked for `pcm`. Newer models send the one, older the other.
 *
 * @param asked the client's request
 * @throws {ChatError} 400 where the model did not speak all of it
 */
export function soundOfChat(answer: unknown, asked: JsonObject, provider: string): Blob {
  const { parts, broken } = readWholeAnswer(answer)
  const pieces = parts.flatMap(({ inlineData }) => (isObject(inlineData) ? [inlineData] : []))
  const type = text(pieces[0]?.['mimeType']) ?? ''
  const sound = Buffer.concat(pieces.map(({ data }) => Buffer.from(text(data) ?? '', 'base64')))
  if (broken !== undefined || sound.length === 0) throw notSpoken(provider, broken)
  const wanted = asked['response_format'] === 'pcm' ? 'pcm' : 'wav'
  const samples = samplesOf(sound)
  if (samples) return new Blob([wanted === 'pcm' ? samples : sound], { type: `audio/${wanted}` })
  // By RFC 2586 `audio/L16` were big-endian, and Google's is not.
  if (!/^audio\/(?:l16|pcm)\b/i.test(type))
    return new Blob([sound], { type: /^audio\/[\w.+-]+/.exec(type)?.[0] ?? 'application/octet-stream' })
  const rate = Number(/\brate=(\d{1,6})/i.exec(type)?.[1] ?? RATE)
  return new Blob([wanted === 'pcm' ? sound : wavOf(sound, rate)], { type: `audio/${wanted}` })
}

/** A sound has no place to say that the rest is missing. */
function notSpoken(provider: string, reason: string | undefined): ChatError {
  const next = reason === 'MAX_TOKENS' ? 'Send a shorter piece of it, or try' : 'Say it in other words, or try'
  const message = `${provider} did not speak all of this text${saidReason(reason)}. ${next} another model.`
  return invalid(message, 'input', 'no_speech')
}
