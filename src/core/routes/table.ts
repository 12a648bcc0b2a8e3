import type { H3Event } from 'h3'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { anthropicMessagesProtocol } from '../protocols/anthropic-messages/index.ts'
import { geminiProtocol } from '../protocols/gemini/index.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { ampRoutes } from './amp.ts'
import { audioRoutes } from './audio.ts'
import { chatCompletions } from './chat-completions.ts'
import { chatRoute } from './chat.ts'
import {
  geminiMethods,
  getGeminiModel,
  isGoogle,
  listGeminiModels,
  namesGoogle,
  namesMethod,
  namesProvider,
} from './gemini.ts'
import { health } from './health.ts'
import { home } from './home.ts'
import { imagesRoutes } from './images.ts'
import { interactionsRoutes } from './interactions.ts'
import { countMessageTokens } from './count-tokens.ts'
import { metrics } from './metrics.ts'
import { getModel, isAnthropic, listModels } from './models.ts'
import { responsesRoutes } from './responses.ts'
import { plainEndpoint } from './plain.ts'
import { COMPLETIONS, EMBEDDINGS, MODERATIONS } from './plain-form.ts'
import type { RouteHandler, RouteSpec } from './route.ts'

/** Every route. */
export function routesOf(context: ExchangeContext): RouteSpec[] {
  const openai = openaiChatProtocol
  const anthropic = anthropicMessagesProtocol
  const gemini = geminiProtocol
  const ofClient = (event: H3Event) => (isAnthropic(event) ? anthropic : isGoogle(event) ? gemini : openai)
  const google = { list: listGeminiModels(context), get: getGeminiModel(context), ask: geminiMethods(context) }
  const orGoogle =
    (theirs: RouteHandler, others: RouteHandler): RouteHandler =>
    (event, info) =>
      (ofClient(event) === gemini ? theirs : others)(event, info)
  const responses = responsesRoutes(context)
  return [
    { path: '/v1/chat/completions', protocol: openai, methods: { POST: chatCompletions(context) } },
    { path: '/v1/messages', protocol: anthropic, methods: { POST: chatRoute(context, anthropic) } },
    { path: '/v1/messages/count_tokens', protocol: anthropic, methods: { POST: countMessageTokens(context) } },
    ...responses.routes,
    { path: '/v1/completions', protocol: openai, methods: { POST: plainEndpoint(context, COMPLETIONS) } },
    { path: '/v1/embeddings', protocol: openai, methods: { POST: plainEndpoint(context, EMBEDDINGS) } },
    { path: '/v1/moderations', protocol: openai, methods: { POST: plainEndpoint(context, MODERATIONS) } },
    ...imagesRoutes(context),
    ...audioRoutes(context),
    { path: '/v1/models', protocol: ofClient, methods: { GET: orGoogle(google.list, listModels(context)) } },
    {
      path: '/v1/models/**',
      protocol: ofClient,
      methods: { GET: orGoogle(google.get, getModel(context)), POST: google.ask },
    },
    ...['/v1beta', '/v1alpha'].flatMap((version): RouteSpec[] => [
      { path: `${version}/models`, protocol: gemini, methods: { GET: google.list } },
      { path: `${version}/models/**`, protocol: gemini, methods: { GET: google.get, POST: google.ask } },
    ]),
    ...['/v1beta', '/v1alpha', '/v1'].flatMap((version) => interactionsRoutes(context, version)),
    ...['/v1beta/**', '/v1alpha/**', '/v1beta1/publishers/**', '/v1/publishers/**'].map((path): RouteSpec => ({
      path,
      protocol: gemini,
      methods: { GET: google.get, POST: google.ask },
      when: ({ url }) => namesProvider(context, url.pathname),
    })),
    ...ampRoutes(context, responses.create),
    { path: '/metrics', protocol: openai, methods: { GET: metrics(context) }, access: 'details' },
    { path: '/health', protocol: openai, methods: { GET: health(context) } },
    { path: '/', protocol: openai, methods: { GET: home(context) } },
  ]
}

/** Whose errors a client of this path reads, where there is no such route. */
export function protocolOf(path: string, headers?: Headers): Protocol {
  // @google/genai asks as `v1` since 3.0.
  const google = headers !== undefined && namesGoogle(headers)
  if (google || /(?:^|\/)v1(?:alpha|beta1?)(?:\/|$)/.test(path) || namesMethod(path)) return geminiProtocol
  const anthropic = headers?.has('anthropic-version') || /(?:^|\/)v1\/messages(?:\/|$)/.test(path)
  return anthropic ? anthropicMessagesProtocol : openaiChatProtocol
}

const PATHS = /^\/(?:v1|v1alpha|v1beta|v1beta1|amp|health)(?:\/|$)/

/** Whether a path is byok's own, for hosts that share their root with it. `/` is the host's. */
export function isByokPath(path: string): boolean {
  return PATHS.test(path)
}
