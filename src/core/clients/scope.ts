import { ChatError } from '../chat/index.ts'
import type { RequestInfo } from '../hooks.ts'
import type { Registry, Route } from '../registry.ts'
import type { ClientKeys } from './client-keys.ts'
import { modelMatches } from './key.ts'

/**
 * The routes of a model that a client may take: where its key names models, those that it names, by the name the client
 * sent, the provider's own, or `provider/model`.
 *
 * @throws {ChatError} 404 for a model there is not, 403 for one that the key is not for.
 */
export function routesFor(
  { registry, clients }: { registry: Registry; clients: ClientKeys },
  info: RequestInfo,
  model: string,
): [Route, ...Route[]] {
  const allowed = clients.keyOf(info)?.models
  if (!allowed) return registry.candidates(model)
  // Before the registry is asked: its hints would name models that are none of this client's business.
  const named = modelMatches(allowed, model)
  const routes = candidatesOr(registry, model, named)
  const [first, ...more] = named
    ? routes
    : routes.filter((route) => modelMatches(allowed, route.model, `${route.provider.name}/${route.model}`))
  if (!first) throw notForThisKey(info, model)
  return [first, ...more]
}

/** Whether a client may know of a model. */
export function mayUse(clients: ClientKeys, info: RequestInfo, ...names: string[]): boolean {
  const allowed = clients.keyOf(info)?.models
  return !allowed || modelMatches(allowed, ...names)
}

function candidatesOr(registry: Registry, model: string, named: boolean): Route[] {
  if (named) return registry.candidates(model)
  try {
    return registry.candidates(model)
  } catch (error) {
    if (error instanceof ChatError && error.code === 'model_not_found') return []
    throw error
  }
}

export function notForThisKey({ client }: RequestInfo, model: string): ChatError {
  return new ChatError(
    `The key ${JSON.stringify(client)} is not for the model ${JSON.stringify(model.slice(0, 100))}. GET /v1/models lists those it is for.`,
    { status: 403, type: 'permission_error', code: 'model_not_allowed', param: 'model' },
  )
}
