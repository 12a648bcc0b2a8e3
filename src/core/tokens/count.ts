import { ChatError } from '../chat/index.ts'
import type { ChatRequest } from '../chat/index.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import type { RequestInfo } from '../hooks.ts'
import { reach } from '../plain/reach.ts'
import type { Reach } from '../plain/reach.ts'
import { errorOfResponse } from '../upstream/error.ts'
import { estimateTokens } from './estimate.ts'

export interface TokenCount {
  tokens: number
  /** Whether the provider was not asked, or could not say. */
  estimated: boolean
}

export interface CountInput {
  chat: ChatRequest
  headers: Headers
  signal: AbortSignal
  info: RequestInfo
}

/** Faults of the request itself, which the client must mend; after any other an estimate serves it better. */
const OWN_FAULT = new Set([400, 413, 422])

/**
 * Counts a request's input: by asking its provider where that can be asked, else by an estimate.
 *
 * @throws {ChatError} 404 for a model there is not, and what the provider finds wrong with the request.
 */
export async function countTokens(context: ExchangeContext, input: CountInput): Promise<TokenCount> {
  const { chat, signal, info } = input
  const { model } = chat
  info.model = model
  const guess = (error: unknown): undefined => {
    const own = error instanceof ChatError && (OWN_FAULT.has(error.status) || error.code === 'hook_failed')
    if (own || signal.aborted) throw error
  }
  const asked = context.registry.candidates(model)[0].provider.plugin.countTokens
    ? await reach(context, { model, signal, info }, ({ countTokens: half }) => half !== undefined).catch(guess)
    : undefined
  const tokens = asked && (await ask(asked, input).catch(guess))
  return tokens === undefined ? { tokens: estimateTokens(chat), estimated: true } : { tokens, estimated: false }
}

async function ask({ route, credential, fetch }: Reach, { chat, headers, signal }: CountInput) {
  const { provider, model } = route
  const { plugin, config, models } = provider
  const info = models.get(model)
  const translator =
    typeof plugin.translator === 'function'
      ? plugin.translator({ model, credential, config, ...(info && { info }) })
      : plugin.translator
  const asked = { ...chat, model, stream: false }
  const counted = await plugin.countTokens?.({
    provider: provider.name,
    request: { model, body: translator.request(asked), chat: asked, ...(info && { info }) },
    credential,
    config,
    clientHeaders: headers,
    signal,
    fetch,
  })
  if (counted === undefined || typeof counted === 'number') return counted
  const secrets = credential.kind === 'api_key' ? [credential.key] : [credential.accessToken]
  throw await errorOfResponse(counted, { provider: provider.name, title: provider.title, translator, secrets })
}
