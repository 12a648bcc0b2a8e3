import type { Stop } from '../async/abort.ts'
import { ChatError } from '../chat/index.ts'
import { answeredBy, freshCredential, noteAttempt, sendBody, senderOf } from '../exchange/account-request.ts'
import { askInTurn, begin } from '../exchange/exchange.ts'
import type { Begun, ExchangeContext } from '../exchange/exchange.ts'
import { CannotAsk } from '../exchange/failover.ts'
import type { LinkedAbort } from '../exchange/linked-abort.ts'
import { ofProvider } from '../exchange/of-provider.ts'
import { usageQuestion } from '../exchange/stream/unasked-usage.ts'
import type { RequestInfo } from '../hooks.ts'
import type { Pick } from '../routing/selection.ts'
import { estimateText } from '../tokens/estimate.ts'
import type { UpstreamResponse } from '../upstream/fetch.ts'
import { readJsonObject } from './body.ts'
import { clientGone, goesToNode } from './client-gone.ts'
import { answerPlain, comesAsStream } from './plain-answer.ts'
import { notOffered } from './plain-form.ts'
import type { PlainForm } from './plain-form.ts'
import type { RouteHandler } from './route.ts'

/** A request, and what is known of it. */
export interface Asking {
  body: Record<string, unknown>
  headers: Headers
  info: RequestInfo
  toNode: boolean
  /** What {@link begin} made of it, where somebody has begun it. */
  begun?: Begun
  /** The provider's id of the answer is known. */
  onId?(id: string): void
}

/** `POST /v1/embeddings`, `/v1/completions` and `/v1/moderations`: passed on as they are to a provider that has them. */
export function plainEndpoint(context: ExchangeContext, form: PlainForm): RouteHandler {
  return async (event, info) => {
    info.protocol = `openai-${form.endpoint}`
    const given = await readJsonObject(event, context.config.server)
    const body = form.model === undefined || 'model' in given ? given : { ...given, model: form.model }
    const asking = { body, headers: event.req.headers, info, toNode: goesToNode(event) }
    return await askPlain(context, form, asking, clientGone(event))
  }
}

/** @param signal aborts when nobody waits for the answer any more */
export async function askPlain(
  context: ExchangeContext,
  form: PlainForm,
  asking: Asking,
  signal: Stop,
): Promise<Response> {
  const { info, headers, body } = asking
  const input = { info, headers, body, signal }
  const { model, routes: all } = asking.begun ?? (await begin(context, input))
  const [first, ...others] = all.filter(({ provider }) => provider.plugin.endpoints?.[form.endpoint])
  if (!first) throw notOffered(all[0], form)
  info.passthrough = true
  try {
    const begun: Begun = { model, routes: [first, ...others] }
    return await askInTurn(context, { ...input, begun, free: form.free }, (pick, abort) =>
      attemptPlain(context, form, asking, pick, abort),
    )
  } catch (error) {
    throw error instanceof CannotAsk ? notOffered(first, form) : error
  }
}

/** Asks one account whose provider has the endpoint. */
export function attemptPlain(
  context: ExchangeContext,
  form: PlainForm,
  asking: Asking,
  pick: Pick,
  abort: LinkedAbort,
): Promise<Response> {
  return ofProvider(pick.account.provider.name, () => attempt(context, form, asking, pick, abort))
}

async function attempt(
  context: ExchangeContext,
  form: PlainForm,
  { info, headers, toNode, onId, ...asking }: Asking,
  pick: Pick,
  abort: LinkedAbort,
): Promise<Response> {
  const { endpoint, protocol, translator, streams = asksToStream, held, named, prompt } = form
  const { provider, model } = pick.account
  const executor = provider.plugin.endpoints?.[endpoint]
  if (!executor) throw new CannotAsk()
  const body = named(asking.body, model)
  const stream = streams(body)
  const question = stream ? usageQuestion(protocol.unaskedUsage, provider, body) : undefined
  const asked = question && { ...body, ...question }
  noteAttempt(info, pick)
  Object.assign(info, { stream, passthrough: true })
  const credential = await freshCredential(context, info, pick, abort)
  const ask = senderOf(context, { info, headers }, pick, translator, abort)
  const response = await sendBody(context, pick, abort, { credential, translator, body, asked }, (fresh, sent) =>
    orCannotAsk(ask(executor, fresh, { model, body: sent, stream, chat: undefined })),
  )
  const streamed = comesAsStream(form, response, stream)
  info.stream = streamed
  const answered = answeredBy(context, pick, abort, {
    response,
    translator,
    info,
    chat: undefined,
    stream: streamed,
    includeUsage: false,
    unaskedUsage: asked !== undefined,
    estimateInput: () => estimateText(JSON.stringify(prompt(body) ?? '')),
    onId: (id) => {
      onId?.(id)
      if (held === true) context.router.remember(info.model ?? '', id, pick.account)
    },
  })
  const { keep_alive: keepAlive } = context.config.server
  return await answerPlain(answered, form, { protocol, keepAlive, toNode, body })
}

function asksToStream({ stream }: Record<string, unknown>): boolean {
  return stream === true
}

/** @throws {CannotAsk} where the plugin's half does not work with this kind of credential. */
async function orCannotAsk(sent: Promise<UpstreamResponse>): Promise<UpstreamResponse> {
  try {
    return await sent
  } catch (error) {
    if (error instanceof ChatError && error.code === 'unsupported_feature') throw new CannotAsk()
    throw error
  }
}
