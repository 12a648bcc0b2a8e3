import type { H3Event } from 'h3'
import type { Stop } from '../abort.ts'
import { invalidRequest } from '../chat/index.ts'
import { askInTurn, begin } from '../exchange/exchange.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { CannotAsk } from '../exchange/failover.ts'
import type { JsonObject } from '../json.ts'
import {
  audio,
  audioProtocol,
  chatOfTranscription,
  formOfAudio,
  transcriptionOfChat,
} from '../protocols/openai-audio/index.ts'
import { readUsage } from '../protocols/openai-responses/usage.ts'
import type { Pick } from '../routing/selection.ts'
import { isForm, readForm, readJsonObject } from './body.ts'
import type { BodyLimits } from './body.ts'
import { clientGone, goesToNode } from './client-gone.ts'
import { attemptInChat } from './in-chat.ts'
import type { InChat } from './in-chat.ts'
import { attemptPlain } from './plain.ts'
import type { Asking } from './plain.ts'
import { notOffered, openaiForm } from './plain-form.ts'
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
  const POST: RouteSpec['methods']['POST'] = async (event, info) => {
    info.protocol = audioProtocol.name
    const body = await read(event, context.config.server)
    const asking = { body, headers: event.req.headers, info, toNode: goesToNode(event) }
    return await askForAudio(context, endpoint, asking, clientGone(event))
  }
  return { path: `/v1/${endpoint}`, protocol: audioProtocol, methods: { POST } }
}

/**
 * Asks one account after the other: the request is passed on to a provider that has the endpoint, and for a transcription, one whose models
 * hear in chats is asked in a chat.
 */
export async function askForAudio(
  context: ExchangeContext,
  endpoint: Endpoint,
  asking: Asking,
  signal: Stop,
): Promise<Response> {
  const form = FORMS[endpoint]
  const begun = await begin(context, asking)
  try {
    return await askInTurn(context, { ...asking, signal, begun }, async (pick, abort) => {
      if (pick.account.provider.plugin.endpoints?.[endpoint]) return attemptPlain(context, form, asking, pick, abort)
      if (endpoint !== 'audio/transcriptions') throw new CannotAsk()
      return attemptInChat(context, { ...asking, signal }, await transcribing(asking, pick), pick, abort)
    })
  } catch (error) {
    throw error instanceof CannotAsk ? notOffered(begun.routes[0], form) : error
  }
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
