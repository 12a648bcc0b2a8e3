import { routesFor } from '../clients/scope.ts'
import type { RequestInfo } from '../hooks.ts'
import type { Route } from '../registry.ts'
import type { ExchangeContext } from './exchange.ts'

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
    const { registry, modelLists } = context
    const withholding = registry.withholding(model)
    if (!modelLists || withholding.length === 0) throw error
    return Promise.all(withholding.map((provider) => modelLists.renew(provider))).then(() =>
      routesFor(context, info, model),
    )
  }
}
