import type { Answer, RecordedRequest, Reply } from '../../src/testing/fake-server.ts'
import { badRequest, failureOf, sendError, vendorHeaders } from './openai-chat-failures.ts'
import type { VendorError } from './openai-chat-failures.ts'

/** What is read from the wire. */
// oxlint-disable-next-line typescript/no-explicit-any
type Json = Record<string, any>

/** What the fake hears in every recording. */
export const WORDS = 'The quick brown fox.'
/** What the fake says of every text. */
export const SOUND = Buffer.from([0x49, 0x44, 0x33, 0x04, 0x00, 0xff, 0xfb, 0x90, 0x0a, 0x0a, 0x00, 0x80])

/** openai-node src/resources/audio/speech.ts, `SpeechCreateParams`. */
const SPEECH = ['input', 'model', 'voice', 'instructions', 'response_format', 'speed', 'stream_format']
/** openai-node src/resources/audio/transcriptions.ts, `TranscriptionCreateParamsBase`; lists as src/internal/uploads.ts names them. */
const TRANSCRIPTION = [
  'file',
  'model',
  'chunking_strategy',
  'include[]',
  'known_speaker_names[]',
  'known_speaker_references[]',
  'language',
  'prompt',
  'response_format',
  'stream',
  'temperature',
  'timestamp_granularities[]',
]
/** openai-node src/resources/audio/translations.ts, `TranslationCreateParams`. */
const TRANSLATION = ['file', 'model', 'prompt', 'response_format', 'temperature']

const USAGE = {
  type: 'tokens',
  total_tokens: 45,
  input_tokens: 14,
  input_token_details: { text_tokens: 0, audio_tokens: 14 },
  output_tokens: 31,
}

/** `POST /v1/audio/*` and `/v1/moderations`. Tells whether the request was for them. */
export async function answerAudio(request: RecordedRequest, reply: Reply, next: () => Answer): Promise<boolean> {
  const endpoint = /^\/v1\/(audio\/(?:speech|transcriptions|translations)|moderations)$/.exec(request.path)?.[1]
  if (request.method !== 'POST' || endpoint === undefined) return false
  const isForm = endpoint === 'audio/transcriptions' || endpoint === 'audio/translations'
  const body = isForm ? await formIn(request) : (request.json as Json | undefined)
  const fault = faultIn(endpoint, body)
  const answer = fault ? undefined : next()
  if (fault) sendError(reply, fault)
  else if (answer && 'failure' in answer) sendError(reply, failureOf(answer.failure, body?.['model']))
  else if (endpoint === 'moderations') reply.json(200, moderation(body ?? {}), vendorHeaders())
  else if (isForm) await transcribe(body ?? {}, reply, breaksOff(answer))
  else await speak(body ?? {}, reply, breaksOff(answer))
  return true
}

/** The fields of a form, in the order they came; what is no text in files is lost on the way here. */
export async function formIn({ headers, text }: RecordedRequest): Promise<Json | undefined> {
  const type = headers['content-type'] ?? ''
  if (!type.startsWith('multipart/form-data')) return undefined
  const fields: Json = {}
  for (const [name, value] of await new Response(text, { headers: { 'content-type': type } }).formData()) {
    const known = fields[name]
    const one = typeof value === 'string' ? value : { name: value.name, type: value.type, text: await value.text() }
    fields[name] = name.endsWith('[]') ? [...(known ?? []), one] : one
  }
  return fields
}

function faultIn(endpoint: string, body: Json | undefined): VendorError | undefined {
  if (!body) return badRequest('Could not parse multipart form')
  const known =
    endpoint === 'moderations'
      ? ['input', 'model']
      : endpoint === 'audio/speech'
        ? SPEECH
        : endpoint === 'audio/transcriptions'
          ? TRANSCRIPTION
          : TRANSLATION
  const unknown = Object.keys(body).find((name) => !known.includes(name))
  if (unknown !== undefined) return badRequest(`Unknown parameter: '${unknown}'.`, unknown, 'unknown_parameter')
  const models = endpoint === 'moderations' ? /moderation/ : endpoint === 'audio/speech' ? /tts/ : /whisper|transcribe/
  if (!models.test(String(body['model'])))
    return badRequest(`Invalid model ${body['model']}.`, 'model', 'invalid_value')
  const needed = endpoint === 'audio/speech' ? ['input', 'voice'] : endpoint === 'moderations' ? ['input'] : ['file']
  const missing = needed.find((name) => body[name] === undefined)
  return missing === undefined
    ? undefined
    : badRequest(`Missing required parameter: '${missing}'.`, missing, 'missing_required_parameter')
}

function breaksOff(answer: Answer | undefined): boolean {
  return answer !== undefined && 'script' in answer && answer.script.steps.some((step) => 'end' in step)
}

/** `CreateSpeechResponse`: the sound itself, in pieces as it is made; or events (openai-python types `SpeechAudioDelta`…). */
async function speak(
  { stream_format: format, response_format: kind = 'mp3' }: Json,
  reply: Reply,
  cut: boolean,
): Promise<void> {
  if (format === 'sse') {
    reply.begin(200, { 'content-type': 'text/event-stream; charset=utf-8', ...vendorHeaders() })
    await reply.write(event({ type: 'speech.audio.delta', audio: SOUND.toString('base64') }))
    if (!cut) await reply.write(event({ type: 'speech.audio.done', usage: { ...USAGE, type: undefined } }))
    return reply.end()
  }
  reply.begin(200, { 'content-type': kind === 'wav' ? 'audio/wav' : 'audio/mpeg', ...vendorHeaders() })
  await reply.write(SOUND.subarray(0, 6))
  if (cut) return reply.cut()
  await reply.write(SOUND.subarray(6))
  reply.end()
}

async function transcribe(
  { model, stream, response_format: format = 'json' }: Json,
  reply: Reply,
  cut: boolean,
): Promise<void> {
  // Ignored for whisper-1 (src/resources/audio/transcriptions.ts, `stream`).
  if (stream === 'true' && model !== 'whisper-1') {
    reply.begin(200, { 'content-type': 'text/event-stream; charset=utf-8', ...vendorHeaders() })
    for (const delta of WORDS.split(/(?<= )/)) await reply.write(event({ type: 'transcript.text.delta', delta }))
    if (!cut) await reply.write(event({ type: 'transcript.text.done', text: WORDS, usage: USAGE }))
    return reply.end()
  }
  if (format === 'json') return reply.json(200, { text: WORDS, usage: USAGE }, vendorHeaders())
  if (format === 'verbose_json') {
    const usage = { type: 'duration', seconds: 3 }
    return reply.json(
      200,
      { task: 'transcribe', language: 'english', duration: 2.5, text: WORDS, usage },
      vendorHeaders(),
    )
  }
  const text = format === 'srt' ? `1\n00:00:00,000 --> 00:00:02,500\n${WORDS}\n\n` : `${WORDS}\n`
  reply.send(200, text, { 'content-type': 'text/plain; charset=utf-8', ...vendorHeaders() })
}

function event(data: Json): string {
  return `data: ${JSON.stringify(data)}\n\n`
}

/** openai-node src/resources/moderations.ts, with two of its categories. */
function moderation({ model }: Json): Json {
  const categories = { violence: false, hate: false }
  const result = { flagged: false, categories, category_scores: { violence: 0.01, hate: 0.002 } }
  return { id: 'modr-1', model, results: [result] }
}
