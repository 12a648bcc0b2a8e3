import { ChatError, invalidRequest } from '../chat/index.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { begin, exchange } from '../exchange/exchange.ts'
import { failed } from '../exchange/failed.ts'
import { settle } from '../exchange/settle.ts'
import { openaiResponsesProtocol } from '../protocols/openai-responses/index.ts'
import { compactConversation } from '../responses/compact.ts'
import { BackgroundRuns } from '../responses/background.ts'
import { eventStream } from '../responses/event-stream.ts'
import { resolveBody } from '../responses/input.ts'
import { RecentMemory } from '../responses/recent.ts'
import { keepResponse } from '../responses/keep.ts'
import { logAnswer } from '../responses/log-answer.ts'
import { responsesSocket } from '../responses/socket.ts'
import type { CreateResponse } from '../responses/socket.ts'
import { isObject } from '../json/json.ts'
import { ResponseStore } from '../responses/store.ts'
import type { JsonObject } from '../json/json.ts'
import type { StoredResponse } from '../responses/store.ts'
import { readJsonObject } from './body.ts'
import { clientGone } from './client-gone.ts'
import { answerCount } from './count-tokens.ts'
import type { RouteHandler, RouteSpec } from './route.ts'

const protocol = openaiResponsesProtocol

/** The routes of OpenAI's Responses, which share what is kept between requests; `create` is the first of them. */
export function responsesRoutes(context: ExchangeContext): { create: RouteHandler; routes: RouteSpec[] } {
  const { cache, config, logger } = context
  const store = new ResponseStore(cache.memory, { lifetime: config.responses.lifetime, logger })
  const recent = new RecentMemory(config.responses.max_bytes)
  const background = new BackgroundRuns({ shared: cache.memoryShared })
  context.hooks.hook('stop', ({ timeout, waitUntil }) => waitUntil(background.stop(timeout)))
  context.hooks.hook('close', () => background.close())
  const of =
    (answer: (stored: StoredResponse, own: ResponseStore, url: URL) => unknown): RouteHandler =>
    async (event, info) => {
      const own = store.of(info)
      const stored = await find(own, event.context.params?.['id'] ?? '')
      return Response.json(await answer(stored, own, event.url))
    }
  const answer = createResponse(context, store, background)
  const create = postResponse(context, answer)
  const routes: RouteSpec[] = [
    {
      path: '/v1/responses',
      protocol,
      methods: { POST: create },
      socket: (event) => responsesSocket({ context, store, recent, create: answer }, event),
    },
    { path: '/v1/responses/compact', protocol, methods: { POST: postCompact(context, store) } },
    { path: '/v1/responses/input_tokens', protocol, methods: { POST: countInput(context, store) } },
    {
      path: '/v1/responses/:id',
      protocol,
      methods: {
        GET: async (event, info) => {
          const own = store.of(info)
          const id = event.context.params?.['id'] ?? ''
          const { response } = await find(own, id)
          const after = startingAfter(event.url)
          if (after === undefined) return Response.json(response)
          return eventStream(await background.events(own, id, after + 1), context.config.server.keep_alive)
        },
        DELETE: of(async ({ response }, own) => {
          const id = String(response['id'])
          if (response['background'] === true) await background.cancel(own, { response, input: [] })
          await own.delete(id)
          return { id, object: 'response', deleted: true }
        }),
      },
    },
    {
      path: '/v1/responses/:id/cancel',
      protocol,
      methods: { POST: of((stored, own) => background.cancel(own, stored)) },
    },
    {
      path: '/v1/responses/:id/input_items',
      protocol,
      methods: { GET: of(({ input }, _own, url) => page(input, url.searchParams)) },
    },
  ]
  return { create, routes }
}

/** `POST /v1/responses` */
function postResponse(context: ExchangeContext, create: CreateResponse): RouteHandler {
  return async (event, info) => {
    info.protocol = protocol.name
    const given = await readJsonObject(event, context.config.server)
    const { headers } = event.req
    return await create(given, { headers, signal: clientGone(event), info })
  }
}

function createResponse(context: ExchangeContext, shared: ResponseStore, background: BackgroundRuns): CreateResponse {
  return async (given, { headers, signal, info, recent }) => {
    const store = shared.of(info)
    const { body, input, previousId } = await resolveBody(given, recent?.over(store) ?? store)
    const keeps = given['store'] !== false
    const also: JsonObject = previousId === undefined ? {} : { previous_response_id: previousId }
    if (given['background'] !== true) {
      const answer = await exchange(context, { protocol, body, headers, signal, info })
      if (!keeps && !recent) return answer
      return await keepResponse(answer, {
        also,
        onEnd: async (response) => {
          recent?.put({ response, input }, previousId)
          if (keeps) await store.put({ response, input })
        },
      })
    }
    if (!keeps) throw invalidRequest('`background` needs the response to be stored: leave `store` out.', 'background')
    const streams = given['stream'] === true
    // byok answers as soon as it can, whatever time `background_options` gives it, which OpenAI takes beside `background` alone
    // (`BackgroundOptions` of openai-node 7).
    const { background: _, background_options: __, ...foreground } = body
    // What nobody can serve is refused now, as any request is.
    const begun = await begin(context, { info, headers, body: foreground })
    const queued = await background.start(store, { body, input, also, streams }, async (stop, log) => {
      try {
        const answer = await exchange(context, { protocol, body: foreground, headers, signal: stop, info, begun })
        if (log) return await logAnswer(answer, log)
        const response: unknown = await answer.json()
        return isObject(response) ? response : {}
      } catch (error) {
        if (!stop.aborted) throw failed(context, info, error).error
        settle(context, info, 'aborted')
        throw stop.reason
      }
    })
    if (!streams) return Response.json(queued)
    return eventStream(await background.events(store, String(queued['id']), 0), context.config.server.keep_alive)
  }
}

/** `POST /v1/responses/compact` */
function postCompact(context: ExchangeContext, store: ResponseStore): RouteHandler {
  return async (event, info) => {
    info.protocol = protocol.name
    const given = await readJsonObject(event, context.config.server)
    const input = { headers: event.req.headers, signal: clientGone(event), info }
    return Response.json(await compactConversation(context, store.of(info), given, input))
  }
}

/** `POST /v1/responses/input_tokens` */
function countInput(context: ExchangeContext, store: ResponseStore): RouteHandler {
  return async (event, info) => {
    const given = await readJsonObject(event, context.config.server)
    const { body } = await resolveBody(given, store.of(info))
    const input = { protocol, body, headers: event.req.headers, signal: clientGone(event), info }
    return await answerCount(context, input, (tokens) => ({ object: 'response.input_tokens', input_tokens: tokens }))
  }
}

async function find(store: ResponseStore, id: string): Promise<StoredResponse> {
  const stored = await store.get(id)
  if (stored) return stored
  throw new ChatError(
    `Response with id '${id.slice(0, 100)}' not found. byok keeps those it served itself, for a time (responses.lifetime).`,
    { status: 404, type: 'invalid_request_error', code: 'response_not_found', param: 'response_id' },
  )
}

/**
 * After which event of its stream a response is asked for; -1 for all of them, `undefined` where no stream is (openai-node
 * `ResponseRetrieveParams`).
 */
function startingAfter({ searchParams }: URL): number | undefined {
  if (searchParams.get('stream') !== 'true') return undefined
  const after = searchParams.get('starting_after')
  if (after === null) return -1
  if (!/^\d{1,15}$/.test(after))
    throw invalidRequest('`starting_after` must be the number of an event.', 'starting_after')
  return Number(after)
}

/** OpenAI's cursor pages: `limit` from 1 to 100, newest first unless `order` says so. */
function page(input: JsonObject[], query: URLSearchParams): JsonObject {
  const limit = Number(query.get('limit') ?? 20)
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw invalidRequest('`limit` must be a whole number from 1 to 100.', 'limit')
  }
  const order = query.get('order') ?? 'desc'
  if (order !== 'asc' && order !== 'desc') throw invalidRequest('`order` is `asc` or `desc`.', 'order')
  const all = order === 'asc' ? input : input.toReversed()
  const after = query.get('after')
  const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1
  if (after !== null && from === 0) throw invalidRequest(`There is no item '${after.slice(0, 100)}' here.`, 'after')
  const data = all.slice(from, from + limit)
  return {
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: from + limit < all.length,
  }
}
