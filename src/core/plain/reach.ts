import { credentialsOf } from '../auth/credentials.ts'
import type { Credential } from '../auth/credential.ts'
import { ChatError } from '../chat/index.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { runHook } from '../hooks.ts'
import type { RequestInfo } from '../hooks.ts'
import type { ProviderPlugin } from '../plugin.ts'
import type { Route } from '../registry.ts'
import type { UpstreamFetch } from '../upstream/fetch.ts'

/** An account that can be asked something that is no chat. */
export interface Reach {
  route: Route
  credential: Credential
  fetch: UpstreamFetch
}

export interface ReachInput {
  model: string
  signal: AbortSignal
  info: RequestInfo
}

/**
 * The first account that `model` may be asked of and whose plugin has what is needed; `undefined` where there is none. Chats are
 * spread over accounts by routing; what goes this way costs nothing, or is rare.
 *
 * @throws {ChatError} 404 for a model there is not, 401 where every login that would do has ceased to work.
 */
export async function reach(
  { registry, store, tokens, upstream, hooks }: ExchangeContext,
  { model, signal, info }: ReachInput,
  has: (plugin: ProviderPlugin, credential: Credential) => boolean,
): Promise<Reach | undefined> {
  let failure: ChatError | undefined
  for (const route of registry.candidates(model)) {
    const { provider } = route
    for (const candidate of await credentialsOf(provider, store)) {
      if (!has(provider.plugin, candidate)) continue
      try {
        const credential = await tokens.fresh(provider, candidate)
        Object.assign(info, { provider: provider.name, upstreamModel: route.model, account: credential.account })
        await runHook(hooks, 'credential', { info, credential })
        const fetch = upstream.fetchFor({
          signal,
          provider: provider.title,
          headers: provider.config.headers,
          ...(provider.config.proxy && { proxy: provider.config.proxy }),
          onRequest: (url, init) => runHook(hooks, 'upstreamRequest', { info, url, init }),
          onResponse: (status, headers) => runHook(hooks, 'upstreamResponse', { info, status, headers }),
        })
        return { route, credential, fetch }
      } catch (error) {
        // A login that cannot be refreshed: the next account may do.
        if (!(error instanceof ChatError)) throw error
        failure ??= error
      }
    }
  }
  if (failure) throw failure
  return undefined
}
