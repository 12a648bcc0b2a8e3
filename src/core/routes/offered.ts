import { credentialsOf } from '../auth/credentials.ts'
import { ChatError } from '../chat/index.ts'
import { mayUse, routesFor } from '../clients/scope.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import type { ModelInfo } from '../plugin.ts'
import type { Provider, Route } from '../registry.ts'

/** A model that can be used now. */
export interface Offered {
  /** The name a client asks for it by. */
  id: string
  provider: Provider
  /** What is known of it. */
  info?: ModelInfo
}

/**
 * The names of the config's `models`, then the models of every enabled provider; of both those that have a credential. Lists of
 * the providers' own are brought up to date. Only those that the client's key is for.
 */
export async function offeredModels(context: ExchangeContext, client: string | undefined): Promise<Offered[]> {
  const models = new Map<string, Offered>()
  const usable = await usableProviders(context)
  await context.modelLists?.touch(usable)
  for (const alias of context.registry.aliases) {
    const route = usableRoute(context, alias, usable)
    if (route) models.set(alias, offered(alias, route.provider, route.provider.models.get(route.model)))
  }
  for (const provider of usable) {
    for (const info of provider.models.values()) {
      if (!models.has(info.id)) models.set(info.id, offered(info.id, provider, info))
    }
  }
  return [...models.values()].filter(({ id, provider, info }) =>
    mayUse(context.clients, client, id, `${provider.name}/${info?.id ?? id}`, info?.id ?? id),
  )
}

/**
 * The model of this name; it may be an alias, or `provider/model`.
 * @throws {ChatError} 404 where it cannot be used now, 403 where the client's key is not for it.
 */
export async function offeredModel(context: ExchangeContext, client: string | undefined, id: string): Promise<Offered> {
  const usable = await usableProviders(context)
  for (const { provider, model } of routesFor(context, client, id)) {
    const info = provider.models.get(model)
    const known = info !== undefined || context.registry.aliases.includes(id)
    if (known && usable.includes(provider)) return offered(id, provider, info)
  }
  throw new ChatError(
    `The model ${JSON.stringify(id.slice(0, 200))} is not one you can use now. GET /v1/models lists those.`,
    { status: 404, type: 'invalid_request_error', code: 'model_not_found', param: 'model' },
  )
}

function offered(id: string, provider: Provider, info: ModelInfo | undefined): Offered {
  return { id, provider, ...(info && { info }) }
}

/** Where a name of config's `models` leads now; `undefined` where none of its providers can be used. */
function usableRoute({ registry }: ExchangeContext, alias: string, usable: Provider[]): Route | undefined {
  try {
    return registry.candidates(alias).find(({ provider }) => usable.includes(provider))
  } catch {
    return undefined
  }
}

async function usableProviders({ registry, store }: ExchangeContext): Promise<Provider[]> {
  const usable: Provider[] = []
  for (const provider of registry.providers) {
    if (provider.config.enabled && (await credentialsOf(provider, store)).length > 0) usable.push(provider)
  }
  return usable
}
