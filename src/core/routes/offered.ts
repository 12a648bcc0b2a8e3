import { ChatError } from '../chat/index.ts'
import { mayUse } from '../clients/scope.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { routesNow } from '../exchange/routes-now.ts'
import { canUse, isUsable, usableProviders, usableRoute } from '../exchange/usable.ts'
import type { RequestInfo } from '../hooks.ts'
import { infoOf } from '../models/merge.ts'
import type { ModelInfo } from '../plugin/plugin.ts'
import { offersByConfig } from '../registry.ts'
import type { Provider } from '../registry.ts'

/** A model that can be used now. */
export interface Offered {
  /** The name a client asks for it by. */
  id: string
  provider: Provider
  /** What is known of it. */
  info?: ModelInfo
}

/**
 * The names of the config's `models`, then the models of every enabled provider; of both those that have a credential that can use
 * them. Lists of the providers' own are brought up to date. Only those that the client's key is for.
 */
export async function offeredModels(context: ExchangeContext, asking: RequestInfo): Promise<Offered[]> {
  const usable = await usableProviders(context)
  await context.modelLists?.touch(usable.map(({ provider }) => provider))
  const aliases = new Map<string, Offered>()
  for (const alias of context.registry.aliases) {
    const route = usableRoute(context, alias, usable)
    if (route) aliases.set(alias, offered(alias, route.provider, infoOf(route.provider, route.model)))
  }
  const models = new Map<string, Offered>()
  for (const one of usable) {
    const { provider } = one
    for (const info of provider.models.values()) {
      const owner = models.get(info.id)?.provider
      const isFirst = !owner || (offersByConfig(provider, info.id) && !offersByConfig(owner, info.id))
      if (isFirst && canUse(one, info)) models.set(info.id, offered(info.id, provider, info))
    }
  }
  for (const alias of aliases.keys()) models.delete(alias)
  return [...aliases.values(), ...models.values()].filter(({ id, provider, info }) =>
    mayUse(context.clients, asking, id, `${provider.name}/${info?.id ?? id}`, info?.id ?? id),
  )
}

/**
 * The model of this name; it may be an alias, or `provider/model`.
 * @throws {ChatError} 404 where it cannot be used now, 403 where the client's key is not for it.
 */
export async function offeredModel(context: ExchangeContext, asking: RequestInfo, id: string): Promise<Offered> {
  const usable = await usableProviders(context)
  for (const route of await routesNow(context, asking, id)) {
    const info = route.provider.models.get(route.model)
    const known = info !== undefined || context.registry.aliases.includes(id)
    if (known && isUsable(usable, route)) return offered(id, route.provider, info)
  }
  throw new ChatError(
    `The model ${JSON.stringify(id.slice(0, 200))} is not one you can use now. GET /v1/models lists those.`,
    { status: 404, type: 'invalid_request_error', code: 'model_not_found', param: 'model' },
  )
}

function offered(id: string, provider: Provider, info: ModelInfo | undefined): Offered {
  return { id, provider, ...(info && { info }) }
}
