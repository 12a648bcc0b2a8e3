import { ChatError, invalidRequest } from '../chat/index.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { runHook } from '../hooks.ts'
import type { PlainEndpoint } from '../plugin.ts'
import { reach } from '../plain/reach.ts'
import { openaiChat } from '../protocols/openai-chat/index.ts'
import { isJson } from '../responses/store.ts'
import { readJson } from '../upstream/body.ts'
import { errorOfResponse } from '../upstream/error.ts'
import { readJsonObject } from './body.ts'
import type { RouteHandler } from './route.ts'

/** These endpoints' errors are OpenAI's. */
const translator = openaiChat()

/** `POST /v1/embeddings` and `/v1/completions`: passed on as they are to a provider that has them. */
export function plainEndpoint(context: ExchangeContext, endpoint: PlainEndpoint): RouteHandler {
  return async (event, info) => {
    const given = await readJsonObject(event, context.config.server.max_body_bytes)
    const { headers, signal } = event.req
    await runHook(context.hooks, 'request', { info, headers, body: given })
    const { model } = given
    if (typeof model !== 'string' || model === '') throw invalidRequest('You must provide a `model`, as text.', 'model')
    info.model = model
    context.budgets.admit(info.client)
    const found = await reach(context, { model, signal, info }, ({ endpoints }) => endpoints?.[endpoint] !== undefined)
    const send = found?.route.provider.plugin.endpoints?.[endpoint]
    if (!found || !send) throw notOffered(context, model, endpoint)
    const { route, credential, fetch } = found
    const { provider } = route
    const stream = given['stream'] === true
    const response = await send({
      provider: provider.name,
      request: { model: route.model, body: { ...given, model: route.model }, stream, chat: undefined },
      credential,
      config: provider.config,
      clientHeaders: headers,
      signal,
      fetch,
      requestId: info.id,
    })
    if (!response.ok) {
      const secrets = credential.kind === 'api_key' ? [credential.key] : [credential.accessToken]
      throw await errorOfResponse(response, { provider: provider.name, title: provider.title, translator, secrets })
    }
    if (stream) {
      const type = response.headers.get('content-type') ?? 'text/event-stream; charset=utf-8'
      return new Response(response.body, { headers: { 'content-type': type, 'cache-control': 'no-cache' } })
    }
    const { value, bytes } = await readJson(response, context.config.upstream.max_answer_bytes, provider.title)
    const usage = isJson(value) && isJson(value['usage']) ? value['usage'] : {}
    const { prompt_tokens: input, completion_tokens: output = 0 } = usage
    if (typeof input === 'number' && typeof output === 'number') info.usage = { input, output }
    return new Response(bytes, { headers: { 'content-type': 'application/json' } })
  }
}

function notOffered({ registry }: ExchangeContext, model: string, endpoint: PlainEndpoint): ChatError {
  const { title } = registry.candidates(model)[0].provider
  return new ChatError(
    `${title} has no /v1/${endpoint}, or no key for it. Pick a model of OpenAI (with an API key) or of an openai-compatible provider.`,
    { status: 404, type: 'invalid_request_error', code: 'endpoint_not_offered', param: 'model' },
  )
}
