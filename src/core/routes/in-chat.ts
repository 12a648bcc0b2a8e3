import type { Stop } from '../async/abort.ts'
import { ChatError } from '../chat/index.ts'
import { answerMade } from '../exchange/answer.ts'
import { attempt } from '../exchange/attempt.ts'
import { askInTurn, begin } from '../exchange/exchange.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { CannotAsk } from '../exchange/failover.ts'
import type { LinkedAbort } from '../exchange/linked-abort.ts'
import { Question } from '../exchange/question.ts'
import type { JsonObject } from '../json/json.ts'
import { geminiProtocol } from '../protocols/gemini/index.ts'
import type { Pick } from '../routing/selection.ts'
import type { readJsonObject } from './body.ts'
import { clientGone, goesToNode } from './client-gone.ts'
import { attemptPlain } from './plain.ts'
import type { Asking } from './plain.ts'
import { notOffered } from './plain-form.ts'
import type { PlainForm } from './plain-form.ts'
import type { RouteHandler, RouteSpec } from './route.ts'

export interface InChat {
  /** The request in Gemini's words: whose models do in chats what others do elsewhere understand them. */
  body: JsonObject
  /** Whether an error says that the provider has no such models. */
  lacks(error: ChatError): boolean
  /** What the client is to have of an answer in Gemini's words: JSON, a text as it is, or bytes with their type. */
  made(answer: unknown): unknown
}

/** {@link InChat.lacks} of models that answer by more than text: the providers of all others refuse that. */
export function answersByText({ param }: ChatError): boolean {
  return param === 'responseModalities'
}

/**
 * Asks one account after the other: the request is passed on to a provider that has the endpoint, and another is asked in a chat.
 *
 * @param inChat how, `undefined` where the endpoint has no such way
 */
export async function askOrInChat(
  context: ExchangeContext,
  form: PlainForm,
  asking: Asking,
  signal: Stop,
  inChat?: (pick: Pick) => InChat | Promise<InChat>,
): Promise<Response> {
  const begun = await begin(context, asking)
  try {
    return await askInTurn(context, { ...asking, signal, begun }, async (pick, abort) => {
      if (pick.account.provider.plugin.endpoints?.[form.endpoint]) {
        return await attemptPlain(context, form, asking, pick, abort)
      }
      if (!inChat) throw new CannotAsk()
      return await attemptInChat(context, { ...asking, signal }, await inChat(pick), pick, abort)
    })
  } catch (error) {
    throw error instanceof CannotAsk ? notOffered(begun.routes[0], form) : error
  }
}

/** `POST /v1/<endpoint>`, of a body that `read` makes an object of. */
export function routeOrInChat(
  context: ExchangeContext,
  { endpoint, protocol }: PlainForm,
  read: typeof readJsonObject,
  ask: (asking: Asking, signal: Stop) => Promise<Response>,
): RouteSpec {
  const POST: RouteHandler = async (event, info) => {
    info.protocol = protocol.name
    const body = await read(event, context.config.server)
    return await ask({ body, headers: event.req.headers, info, toNode: goesToNode(event) }, clientGone(event))
  }
  return { path: `/v1/${endpoint}`, protocol, methods: { POST } }
}

/**
 * Asks a model in a chat for what the client asked for in another way.
 *
 * @throws {CannotAsk} where the provider has no models for it
 */
async function attemptInChat(
  context: ExchangeContext,
  asking: Asking & { signal: Stop },
  { body, lacks, made }: InChat,
  pick: Pick,
  abort: LinkedAbort,
): Promise<Response> {
  const input = { ...asking, protocol: geminiProtocol, body }
  const question = new Question(input, context.hooks)
  try {
    return await attempt(context, input, question, pick, abort, (answered) =>
      answerMade(answered, geminiProtocol, made),
    )
  } catch (error) {
    throw error instanceof ChatError && lacks(error) ? new CannotAsk() : error
  }
}
