import { ChatError } from '../chat/index.ts'
import type { RequestInfo } from '../hooks.ts'
import { isObject, objects } from '../json/json.ts'
import type { JsonObject } from '../json/json.ts'
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

/**
 * Refuses a request by which a provider would ask another model besides, or in its place, that the client's key is not for. Where requests
 * pass through, such fields reach it as they are.
 *
 * @param routes those of the request's own model
 * @throws {ChatError} 403
 */
export function guardModelsWithin(
  clients: ClientKeys,
  info: RequestInfo,
  body: JsonObject,
  routes: readonly Route[],
): void {
  if (!clients.keyOf(info)?.models) return
  for (const name of modelsWithin(body)) {
    const ofProviders = routes.map(({ provider }) => `${provider.name}/${name}`)
    if (!mayUse(clients, info, name, ...ofProviders)) throw notForThisKey(info, name)
  }
}

/**
 * The models that a body names besides its `model`:
 *
 * - those that are to answer where it does not: OpenRouter's `models` (openrouter.ai/docs/guides/routing/model-fallbacks), and Anthropic's
 *   `fallbacks` (`BetaFallbackParam` of @anthropic-ai/sdk);
 * - those that its tools ask: Anthropic's advisor (`BetaAdvisorTool20260301`), what makes images at OpenAI (`ImageGeneration` of
 *   openai-node), OpenRouter's servertools, whose settings are their `parameters`, and its plugins (openrouter.ai/docs/guides/features);
 * - that of a preset of OpenRouter's, whose name as a model is `@preset/…`;
 * - `Model`, which servers written in Go take for `model`: encoding/json takes keys by their letters alone.
 */
function* modelsWithin(body: JsonObject): Generator<string> {
  for (const [key, value] of Object.entries(body)) {
    const name = key.toLowerCase()
    if (name === 'preset' && typeof value === 'string') yield `@preset/${value}`
    else if (name === 'tools') yield* objects(value).filter(isVendors).flatMap(modelsIn)
    else if (name === 'fallbacks' || name === 'plugins') yield* objects(value).flatMap(modelsIn)
    else if (key !== 'model') yield* modelsAs(name, value)
  }
}

/** Whether a tool is one that the vendor runs: what the client's own are called with says nothing of models. */
function isVendors({ type }: JsonObject): boolean {
  return typeof type === 'string' && type !== 'function' && type !== 'custom'
}

function modelsIn(settings: JsonObject): string[] {
  return Object.entries(settings).flatMap(([key, value]) => {
    if (isObject(value)) return modelsIn(value)
    if (key === 'tools') return objects(value).filter(isVendors).flatMap(modelsIn)
    return modelsAs(key.toLowerCase(), value)
  })
}

function modelsAs(name: string, value: unknown): string[] {
  if (!/(?:^|_)models?$/.test(name)) return []
  return (Array.isArray(value) ? (value as unknown[]) : [value]).filter((one) => typeof one === 'string')
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
