import type { H3Event } from 'h3'
import { ChatError, invalidRequest } from '../chat/index.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { exchange } from '../exchange/exchange.ts'
import { geminiFor, geminiJsonList, geminiProtocol } from '../protocols/gemini/index.ts'
import { isObject } from '../json/json.ts'
import { readJsonObject } from './body.ts'
import { clientGone, goesToNode } from './client-gone.ts'
import { answerCount } from './count-tokens.ts'
import { embedContent } from './embed-content.ts'
import { offeredModel, offeredModels } from './offered.ts'
import type { Offered } from './offered.ts'
import type { RouteHandler } from './route.ts'

/** What may follow a model's name. */
const METHODS = [
  'generateContent',
  'streamGenerateContent',
  'countTokens',
  'embedContent',
  'batchEmbedContents',
] as const

/**
 * `POST /v1beta/models/{model}:{method}`; the model may be an alias, or `provider/model`, which {@link namesProvider} finds elsewhere too.
 * Google has the same as `v1` and `v1alpha`, which clients can be set to (googleapis/js-genai README.md, "API Selection").
 */
export function geminiMethods(context: ExchangeContext): RouteHandler {
  return async (event, info) => {
    const { model, method } = target(event.url.pathname)
    const body = await readJsonObject(event, context.config.server)
    const { headers } = event.req
    const signal = clientGone(event)
    if (method === 'countTokens') {
      const inner = body['generateContentRequest'] ?? body['generate_content_request']
      const counted = { ...(isObject(inner) ? inner : body), model }
      const input = { protocol: geminiProtocol, body: counted, headers, signal, info }
      return await answerCount(context, input, (tokens) => ({ totalTokens: tokens }))
    }
    if (method === 'embedContent' || method === 'batchEmbedContents') {
      info.protocol = 'gemini-embeddings'
      const batch = method === 'batchEmbedContents'
      return await embedContent(context, { body: { ...body, model }, headers, info, toNode: false, batch }, signal)
    }
    info.protocol = geminiProtocol.name
    const stream = method === 'streamGenerateContent'
    const list = stream && event.url.searchParams.get('alt') !== 'sse'
    const protocol = list ? geminiJsonList() : geminiFor(headers.get('x-goog-api-client'))
    const toNode = !list && goesToNode(event)
    const answer = await exchange(context, {
      protocol,
      body: { ...body, model, stream },
      headers,
      signal,
      info,
      toNode,
    })
    if (!list) return answer
    const typed = new Headers(answer.headers)
    typed.set('content-type', 'application/json; charset=utf-8')
    return new Response(answer.body, { status: answer.status, headers: typed })
  }
}

/** `GET /v1beta/models` */
export function listGeminiModels(context: ExchangeContext): RouteHandler {
  return async (event, info) => {
    const models = await offeredModels(context, info)
    const { searchParams: query } = event.url
    // 50 unless asked, 1000 at the most (ai.google.dev/api/models, models.list).
    const size = whole(query.get('pageSize'), 'pageSize') ?? 50
    const from = whole(query.get('pageToken'), 'pageToken') ?? 0
    const to = from + Math.min(Math.max(size, 1), 1000)
    return Response.json({
      models: models.slice(from, to).map(geminiModel),
      ...(to < models.length && { nextPageToken: String(to) }),
    })
  }
}

/** `GET /v1beta/models/{model}` */
export function getGeminiModel(context: ExchangeContext): RouteHandler {
  return async (event, info) =>
    Response.json(geminiModel(await offeredModel(context, info, nameIn(event.url.pathname))))
}

/** ai.google.dev/api/models, `Model`. */
function geminiModel({ id, provider, info }: Offered) {
  return {
    name: `models/${id}`,
    version: '001',
    displayName: `${id} (${provider.title})`,
    ...(info?.contextWindow !== undefined && { inputTokenLimit: info.contextWindow }),
    ...(info?.maxOutputTokens !== undefined && { outputTokenLimit: info.maxOutputTokens }),
    supportedGenerationMethods: ['generateContent', 'countTokens'],
    ...(info?.capabilities?.reasoning !== undefined && { thinking: info.capabilities.reasoning }),
  }
}

/**
 * Whether a path names a provider's model in a way of its own. @ai-sdk/google puts a name with a slash into the path as it is
 * (vercel/ai packages/google/src/get-model-path.ts); @google/genai takes its first word for the publisher, with `vertexai`
 * (googleapis/js-genai src/_transformers.ts, `tModel`).
 */
export function namesProvider({ registry }: ExchangeContext, path: string): boolean {
  const [, publisher, first] = /^\/v1(?:alpha|beta1?)?\/(?:publishers\/([^/]+)\/models|([^/]+))\/./.exec(path) ?? []
  return publisher === 'google' || registry.providers.some(({ name }) => name === (publisher ?? first))
}

/** Whether who asks for what OpenAI has under the same path is a client of Google's: it names a method, or itself. */
export function isGoogle({ req: { headers }, url }: Pick<H3Event, 'req' | 'url'>): boolean {
  return namesMethod(url.pathname) || namesGoogle(headers)
}

/**
 * Whether a client names itself as Google's (googleapis/js-genai src/_api_client.ts, `GOOGLE_API_CLIENT_HEADER`; src/node/_node_auth.ts,
 * `GOOGLE_API_KEY_HEADER`).
 */
export function namesGoogle(headers: Headers): boolean {
  return headers.has('x-goog-api-key') || headers.has('x-goog-api-client')
}

/** Whether a path ends as only Google's do. */
export function namesMethod(path: string): boolean {
  return METHODS.some((method) => path.endsWith(`:${method}`))
}

function nameIn(path: string): string {
  try {
    const [, name = ''] = /^.*?\/v1(?:alpha|beta1?)?\/(?:(?:publishers\/google\/)?models\/)?(.*)$/.exec(path) ?? []
    return decodeURIComponent(name.replace(/^publishers\/([^/]+)\/models\//, '$1/'))
  } catch {
    throw invalidRequest('The name of the model in the URL is not properly encoded.', 'model')
  }
}

function target(path: string): { model: string; method: (typeof METHODS)[number] } {
  const name = nameIn(path)
  const colon = name.lastIndexOf(':')
  const method = METHODS.find((word) => word === name.slice(colon + 1))
  if (colon > 0 && method) return { model: name.slice(0, colon), method }
  throw new ChatError(`There is no method ${JSON.stringify(name.slice(0, 200))}. byok serves ${METHODS.join(', ')}.`, {
    status: 404,
    code: 'not_found',
  })
}

function whole(text: string | null, name: string): number | undefined {
  if (text === null || text === '') return undefined
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0) throw invalidRequest(`\`${name}\` must be a whole number.`, name)
  return value
}
