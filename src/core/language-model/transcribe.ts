import type { TranscriptionModelV3, TranscriptionModelV3CallOptions } from '@ai-sdk/provider'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { isObject, objects, parseJson, text } from '../protocols/json.ts'
import { audioProtocol } from '../protocols/openai-audio/index.ts'
import { askForAudio } from '../routes/audio.ts'
import { badAnswer } from '../upstream/error.ts'
import { transcriptionFields } from './options.ts'
import { plainCall } from './plain-call.ts'
import { headersOf, providerMetadataOf } from './result.ts'

/** What `TranscriptionModelV3.doGenerate` resolves with; its type has no name of its own. */
type Transcribed = Awaited<ReturnType<TranscriptionModelV3['doGenerate']>>

/** A call for a transcription, as `POST /v1/audio/transcriptions` asks for it. */
export function transcribe(
  context: ExchangeContext,
  model: string,
  { audio, mediaType, providerOptions, ...call }: TranscriptionModelV3CallOptions,
): Promise<Transcribed> {
  const named = { ...call, name: 'transcribe', protocol: audioProtocol.name, model }
  return plainCall(context, named, async (asking, signal) => {
    const bytes = typeof audio === 'string' ? Buffer.from(audio, 'base64') : Buffer.from(audio)
    const body = {
      model,
      file: new File([bytes], nameOf(mediaType), { type: mediaType }),
      ...transcriptionFields(providerOptions),
    }
    const answer = await askForAudio(context, 'audio/transcriptions', { ...asking, body }, signal)
    const { info } = asking
    return {
      ...transcriptionIn(parseJson(await answer.text()), info.provider ?? 'byok'),
      warnings: [],
      providerMetadata: providerMetadataOf(info),
      response: { timestamp: new Date(), modelId: model, headers: headersOf(info) },
    }
  })
}

/** OpenAI tells the kind of a recording by the ending of its name. */
function nameOf(mediaType: string): string {
  const [, subtype = 'wav'] = /^\w+\/(?:x-)?([\w-]+)/.exec(mediaType) ?? []
  return `audio.${subtype === 'mpeg' ? 'mp3' : subtype === 'wave' ? 'wav' : subtype}`
}

/** openai-node src/resources/audio/transcriptions.ts, `Transcription` and `TranscriptionVerbose`. */
function transcriptionIn(
  answer: unknown,
  provider: string,
): Pick<Transcribed, 'text' | 'segments' | 'language' | 'durationInSeconds'> {
  const { text: words, segments, language, duration } = isObject(answer) ? answer : {}
  if (typeof words !== 'string') throw badAnswer(provider, 'no JSON with `text`')
  return {
    text: words,
    segments: objects(segments).map(({ text: said, start, end }) => ({
      text: text(said) ?? '',
      startSecond: Number(start),
      endSecond: Number(end),
    })),
    language: codeOf(text(language)),
    durationInSeconds: typeof duration === 'number' ? duration : undefined,
  }
}

/** The ISO 639-1 code that the SDK wants, of a language that OpenAI tells by its English name. */
function codeOf(language: string | undefined): string | undefined {
  if (language === undefined || /^[a-z]{2}$/.test(language)) return language
  const names = new Intl.DisplayNames('en', { type: 'language' })
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  const codes = letters.flatMap((first) => letters.map((second) => first + second))
  return codes.find((code) => names.of(code)?.toLowerCase() === language.toLowerCase())
}
