import type { H3Event } from 'h3'
import type { Stop } from '../async/abort.ts'
import { invalidRequest } from '../chat/index.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { CannotAsk } from '../exchange/failover.ts'
import type { JsonObject } from '../json/json.ts'
import {
  audio,
  audioProtocol,
  chatOfSpeech,
  chatOfTranscription,
  formOfAudio,
  soundOfChat,
  speaks,
  transcriptionOfChat,
} from '../protocols/openai-audio/index.ts'
import { readUsage } from '../protocols/openai-responses/usage.ts'
import type { Pick } from '../routing/selection.ts'
import { isForm, readForm, readJsonObject } from './body.ts'
import type { BodyLimits } from './body.ts'
import { answersByText, askOrInChat, routeOrInChat } from './in-chat.ts'
import type { InChat } from './in-chat.ts'
import type { Asking } from './plain.ts'
import { openaiForm } from './plain-form.ts'
import type { PlainForm } from './plain-form.ts'
import type { RouteSpec } from './route.ts'

type Endpoint = 'audio/transcriptions' | 'audio/translations' | 'audio/speech'

function formOf(endpoint: Endpoint, more: Partial<PlainForm>): PlainForm {
  return {
    ...openaiForm(endpoint),
    protocol: audioProtocol,
    translator: audio,
    usage: ({ usage }) => readUsage(usage),
    ...more,
  }
}

const FORMS = {
  'audio/transcriptions': formOf('audio/transcriptions', { of: 'transcript' }),
  'audio/translations': formOf('audio/translations', { of: 'transcript', streams: () => false }),
  // openai-node src/resources/audio/speech.ts, `stream_format`.
  'audio/speech': formOf('audio/speech', { of: 'sound', streams: (body) => body['stream_format'] === 'sse' }),
}

/** `POST /v1/audio/transcriptions`, `/v1/audio/translations` and `/v1/audio/speech`. */
export function audioRoutes(context: ExchangeContext): RouteSpec[] {
  return [
    routeOf(context, 'audio/transcriptions', readRecording),
    routeOf(context, 'audio/translations', readRecording),
    routeOf(context, 'audio/speech', readJsonObject),
  ]
}

function routeOf(context: ExchangeContext, endpoint: Endpoint, read: typeof readJsonObject): RouteSpec {
  return routeOrInChat(context, FORMS[endpoint], read, (asking, signal) =>
    askForAudio(context, endpoint, asking, signal),
  )
}

/** Of those who lack the endpoint, models that hear in chats are asked for transcriptions, and those that speak in chats for speech. */
export function askForAudio(
  context: ExchangeContext,
  endpoint: Endpoint,
  asking: Asking,
  signal: Stop,
): Promise<Response> {
  const inChat = { 'audio/transcriptions': transcribing, 'audio/speech': speaking, 'audio/translations': undefined }[
    endpoint
  ]
  return askOrInChat(context, FORMS[endpoint], asking, signal, inChat && ((pick) => inChat(asking, pick)))
}

/** @throws {ChatError} 400 */
async function readRecording(event: H3Event, limits: BodyLimits): Promise<JsonObject> {
  if (!isForm(event.req.headers))
    throw invalidRequest('Send the recording as `file` of a form (`multipart/form-data`).')
  return formOfAudio(await readForm(event, limits))
}

async function transcribing({ body: asked }: Asking, { account }: Pick): Promise<InChat> {
  const { title } = account.provider
  const body = await chatOfTranscription(asked, title)
  return {
    body,
    lacks: ({ code }) => code === 'unsupported_feature',
    made(answer) {
      const transcription = transcriptionOfChat(answer, title)
      return asked['response_format'] === 'text' ? `${transcription.text}\n` : transcription
    },
  }
}

/** @throws {CannotAsk} where the model reads nothing aloud */
function speaking({ body: asked }: Asking, { account }: Pick): InChat {
  const { title } = account.provider
  if (!speaks(account.model)) throw new CannotAsk()
  return {
    body: chatOfSpeech(asked, account.model, title),
    lacks: answersByText,
    made: (answer) => soundOfChat(answer, asked, title),
  }
}
