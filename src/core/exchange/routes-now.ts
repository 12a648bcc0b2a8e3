import { mayUse, routesFor } from '../clients/scope.ts'
import type { RequestInfo } from '../hooks.ts'
import { UnknownModel } from '../registry.ts'
import type { Route } from '../registry.ts'
import type { ExchangeContext } from './exchange.ts'
import { canUse, usableProviders, usableRoute } from './usable.ts'

type Routes = [Route, ...Route[]]

/**
 * The routes of a model that a client may take. Where there is none because a provider's list lacks the model, the list is asked
 * for anew before the client is refused: there may be another account by now, or another plan.
 *
 * @throws {ChatError} 403 or 404, as `routesFor` does.
 */
export function routesNow(context: ExchangeContext, info: RequestInfo, model: string): Routes | Promise<Routes> {
  try {
    return routesFor(context, info, model)
  } catch (error) {
    return routesAnew(context, info, model, error)
  }
}

async function routesAnew(
  context: ExchangeContext,
  info: RequestInfo,
  model: string,
  refusal: unknown,
): Promise<Routes> {
  const { registry, modelLists } = context
  const withholding = registry.withholding(model)
  try {
    if (!modelLists || withholding.length === 0) throw refusal
    await Promise.all(withholding.map((provider) => modelLists.renew(provider)))
    return routesFor(context, info, model)
  } catch (error) {
    if (!(error instanceof UnknownModel)) throw error
    const names = await usableNames(context, info)
    // With no account at all, nobody is led astray: whoever asks for one that there is is told how to sign in.
    throw names.size > 0 ? new UnknownModel(model, names) : error
  }
}

/** Every name that the client may ask for now and be answered. */
async function usableNames(context: ExchangeContext, info: RequestInfo): Promise<Set<string>> {
  const { registry, clients } = context
  const usable = await usableProviders(context)
  const names = new Set(
    registry.aliases.filter((alias) => mayUse(clients, info, alias) && usableRoute(context, alias, usable)),
  )
  for (const one of usable) {
    for (const model of one.provider.models.values()) {
      if (!canUse(one, model)) continue
      const { id, aliases = [] } = model
      for (const name of [id, ...aliases]) {
        if (mayUse(clients, info, name, id, `${one.provider.name}/${id}`)) names.add(name)
      }
    }
  }
  return names
}
