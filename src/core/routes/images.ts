import type { H3Event } from 'h3'
import type { Stop } from '../abort.ts'
import { askInTurn, begin } from '../exchange/exchange.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { CannotAsk } from '../exchange/failover.ts'
import type { JsonObject } from '../json.ts'
import { chatOfImages, formOfImages, images, imagesOfChat, imagesProtocol } from '../protocols/openai-images/index.ts'
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
import type { RouteHandler, RouteSpec } from './route.ts'

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
  const ask: RouteHandler = async (event, info) => {
    info.protocol = imagesProtocol.name
    const body = await read(event, context.config.server)
    const asking = { body, headers: event.req.headers, info, toNode: goesToNode(event) }
    return await askForImages(context, endpoint, asking, clientGone(event))
  }
  return { path: `/v1/${endpoint}`, protocol: imagesProtocol, methods: { POST: ask } }
}

/**
 * Images of a model, by one account after the other: the request is passed on to a provider that has the endpoint, and one whose models
 * draw in chats is asked in a chat.
 */
export async function askForImages(
  context: ExchangeContext,
  endpoint: Endpoint,
  asking: Asking,
  signal: Stop,
): Promise<Response> {
  const form = FORMS[endpoint]
  const begun = await begin(context, asking)
  try {
    return await askInTurn(context, { ...asking, signal, begun }, (pick, abort) =>
      pick.account.provider.plugin.endpoints?.[endpoint]
        ? attemptPlain(context, form, asking, pick, abort)
        : attemptInChat(context, { ...asking, signal }, drawing(asking, endpoint, pick), pick, abort),
    )
  } catch (error) {
    throw error instanceof CannotAsk ? notOffered(begun.routes[0], form) : error
  }
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
    // Of all other providers: they refuse an answer that is no text.
    lacks: ({ param }) => param === 'responseModalities',
    made: (answer) => imagesOfChat(answer, asked, title),
  }
}
