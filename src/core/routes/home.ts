import { credentialsOf, howToSignIn } from '../auth/credentials.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { version } from '../version.ts'
import { baseUrlOf } from './base.ts'
import type { RouteHandler } from './route.ts'

/** `GET /`: what this is and what to do next, for a person who opened it in a browser or a terminal. */
export function home(context: ExchangeContext): RouteHandler {
  const { registry, store } = context
  return async (event) => {
    const base = baseUrlOf(event)
    const lines = [
      `byok ${version}: your AI subscriptions and keys as one local endpoint.`,
      '',
      `Point an OpenAI client at ${base}/v1, Anthropic's and Gemini's at ${base}, with any API key.`,
      '',
      'POST /v1/chat/completions        chat, streamed or not',
      'POST /v1/messages                the same for clients of Anthropic, with /count_tokens',
      'POST /v1/responses               the same for clients of OpenAI Responses, with what they keep',
      'POST /v1beta/models/…            the same for clients of Gemini: generateContent, countTokens, …',
      'POST /v1/embeddings              vectors, of providers that make them',
      'POST /v1/completions             text that goes on, of providers that still have it',
      'POST /v1/images/generations      images, of models that draw, with /v1/images/edits',
      'POST /v1/audio/transcriptions    what a recording says, with /v1/audio/translations; /v1/audio/speech says a text',
      'POST /v1/moderations             whether a text is harmful, of providers that tell',
      'GET  /v1/models                  the models you can use',
      `     /amp                        for Amp: "amp.url": "${base}/amp"`,
      'GET  /health                     whether byok is up',
      ...(context.config.metrics.enabled ? ['GET  /metrics                    figures for Prometheus'] : []),
      ...(context.config.ui ? ['GET  /ui                         the page, for a browser'] : []),
      '',
      'Providers:',
    ]
    for (const provider of registry.providers) {
      const state = !provider.config.enabled
        ? 'disabled in config'
        : (await credentialsOf(provider, store)).length > 0
          ? 'ready'
          : `not signed in. ${howToSignIn(provider)}`
      lines.push(`  ${provider.name.padEnd(14)} ${state}`)
    }
    return new Response(`${lines.join('\n')}\n`, { headers: { 'content-type': 'text/plain; charset=utf-8' } })
  }
}
