import { signalOf } from '../async/abort.ts'
import type { Stop } from '../async/abort.ts'
import { ChatError } from '../chat/index.ts'
import type { ChatRequest } from '../chat/index.ts'
import { fetchOf, freshCredential, noteAttempt, sendFresh, translatorOf } from '../exchange/account-request.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { ofProvider } from '../exchange/of-provider.ts'
import { Question } from '../exchange/question.ts'
import { routesNow } from '../exchange/routes-now.ts'
import { isHookError, runHook } from '../hooks.ts'
import type { RequestInfo } from '../hooks.ts'
import { infoOf } from '../models/merge.ts'
import { ownerOf, PluginFault, pluginFault } from '../plugin/fault.ts'
import type { Protocol } from '../protocols/protocol.ts'
import type { Router, RouteRequest } from '../routing/router.ts'
import type { Pick, Selection } from '../routing/selection.ts'
import { requestOf } from '../translator/of-translator.ts'
import { estimateTokens } from './estimate.ts'

export interface TokenCount {
  tokens: number
  /** Whether the provider was not asked, or could not say. */
  estimated: boolean
}

export interface CountInput {
  protocol: { decode: Protocol['decode'] }
  /** In the protocol's words, with the model's name under `model`. */
  body: Record<string, unknown>
  headers: Headers
  signal: Stop
  info: RequestInfo
}

/** Faults of the request itself, which the client must mend; after any other an estimate serves it better. */
const OWN_FAULT = new Set([400, 413, 422])

/**
 * Counts a request's input: by asking its provider where that can be asked, else by an estimate.
 *
 * The accounts are those that the chat itself would be routed to, in that order. How one fares at counting is not held against it:
 * counts have limits of their own (docs.claude.com, build-with-claude/token-counting), and cost nothing.
 *
 * @throws {ChatError} 404 for a model there is not, and what plugins or the provider find wrong with the request.
 */
export async function countTokens(context: ExchangeContext, input: CountInput): Promise<TokenCount> {
  const { router, config } = context
  const { protocol, body, headers, info, signal } = input
  const hooked = runHook(context.hooks, 'request', { info, headers, body })
  if (hooked) await hooked
  const chat = protocol.decode(body)
  const { model } = chat
  info.model = model
  const routes = await routesNow(context, info, model)
  const estimate = { tokens: estimateTokens(chat), estimated: true }
  // Another provider that serves the model would count by another tokenizer.
  if (!routes[0].provider.plugin.countTokens) return estimate
  // What a plugin keeps from the provider of a chat is kept from who counts it, too.
  const question = new Question({ protocol: { decode: () => chat }, body, info }, context.hooks)
  const settings = config.routing
  const selection = await select(router, { routes: [routes[0]], model, body, settings })
  for (let attempts = 0; selection && attempts < settings.max_attempts; attempts++) {
    const pick = await selection.next({ signal })
    if (!pick) break
    try {
      const asked = await question.for(pick.account.model)
      const tokens = await ofProvider(pick.account.provider.name, () => ask(context, input, asked, pick))
      if (tokens !== undefined) return { tokens, estimated: false }
    } catch (error) {
      if (signal.aborted || !(error instanceof ChatError) || OWN_FAULT.has(error.status)) throw error
      if (isHookError(error) || error instanceof PluginFault) throw error
    } finally {
      pick.release()
    }
  }
  return estimate
}

/** Nothing where there is no account at all: the chat itself will say so. */
async function select(router: Router, request: RouteRequest): Promise<Selection | undefined> {
  try {
    return await router.select(request)
  } catch (error) {
    if (error instanceof ChatError) return undefined
    throw error
  }
}

async function ask(
  context: ExchangeContext,
  { headers, signal, info }: CountInput,
  chat: ChatRequest,
  pick: Pick,
): Promise<number | undefined> {
  const { provider, model } = pick.account
  const { plugin, config } = provider
  noteAttempt(info, pick)
  const credential = await freshCredential(context, info, pick, signal)
  const known = infoOf(provider, model)
  const translator = translatorOf(pick, credential)
  const asked = { ...chat, stream: false }
  const sent = requestOf(translator, asked, provider.name)
  const request = { model, body: sent, chat: asked, ...(known && { info: known }) }
  const fetch = fetchOf(context, info, pick, translator, signal)
  const counted = await sendFresh(context, pick, signal, { credential, translator }, async (fresh) => {
    const asking = { provider: provider.name, request, credential: fresh, config, clientHeaders: headers, fetch }
    try {
      return await plugin.countTokens?.({ ...asking, signal: signalOf(signal) })
    } catch (error) {
      throw signal.aborted ? error : pluginFault(error, '`countTokens`', ownerOf(provider.name))
    }
  })
  return Number.isFinite(counted) ? Number(counted) : undefined
}
