import type { H3Event } from 'h3'
import type { Stop } from '../async/abort.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import type { JsonObject } from '../json/json.ts'
import { chatOfImages, formOfImages, images, imagesOfChat, imagesProtocol } from '../protocols/openai-images/index.ts'
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

type Endpoint = 'images/generations' | 'images/edits'

function formOf(endpoint: Endpoint): PlainForm {
  return {
    ...openaiForm(endpoint),
    of: 'images',
    protocol: imagesProtocol,
    translator: images,
    usage: ({ usage }) => readUsage(usage),
    lacking: (title) =>
      `${title} has no /v1/${endpoint}, or not for this login. Pick a model of a provider that has, such as codex/gpt-image-2.`,
  }
}

const FORMS = { 'images/generations': formOf('images/generations'), 'images/edits': formOf('images/edits') }

/** `POST /v1/images/generations` and `/v1/images/edits`. */
export function imagesRoutes(context: ExchangeContext): RouteSpec[] {
  return [routeOf(context, 'images/generations', readJsonObject), routeOf(context, 'images/edits', readEdit)]
}

function routeOf(context: ExchangeContext, endpoint: Endpoint, read: typeof readJsonObject): RouteSpec {
  return routeOrInChat(context, FORMS[endpoint], read, (asking, signal) =>
    askForImages(context, endpoint, asking, signal),
  )
}

/** Of those who lack the endpoint, models that draw in chats are asked. */
export function askForImages(
  context: ExchangeContext,
  endpoint: Endpoint,
  asking: Asking,
  signal: Stop,
): Promise<Response> {
  return askOrInChat(context, FORMS[endpoint], asking, signal, (pick) => drawing(asking, endpoint, pick))
}

/** Clients of OpenAI send a form; JSON, as Codex does, says the same. */
async function readEdit(event: H3Event, limits: BodyLimits): Promise<JsonObject> {
  if (!isForm(event.req.headers)) return await readJsonObject(event, limits)
  return await formOfImages(await readForm(event, limits))
}

function drawing({ body: asked }: Asking, endpoint: Endpoint, { account }: Pick): InChat {
  const { title } = account.provider
  return {
    body: chatOfImages(asked, title, endpoint === 'images/edits'),
    lacks: answersByText,
    made: (answer) => imagesOfChat(answer, asked, title),
  }
}
