import { credentialsOf } from '../auth/credentials.ts'
import { ChatError } from '../chat/index.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import type { ModelCapabilities, ModelInfo } from '../plugin.ts'
import type { Provider, Route } from '../registry.ts'
import type { RouteHandler } from './app.ts'

/** OpenAI's model object, with what byok knows besides. */
interface Model {
  id: string
  object: 'model'
  /** Unix seconds; 0 where it is not known. */
  created: number
  /** The provider. */
  owned_by: string
  /** Tokens of input and output together. Absent, as the fields below, where it is not known. */
  context_window?: number
  /** The most tokens of one answer. */
  max_output_tokens?: number
  capabilities?: ModelCapabilities
}

/**
 * `GET /v1/models`: the names of the config's `models`, then the models of every enabled provider; of both those that have a
 * credential.
 */
export function listModels(context: ExchangeContext): RouteHandler {
  return async () => {
    const models = new Map<string, Model>()
    const usable = await usableProviders(context)
    await context.modelLists?.touch(usable)
    for (const alias of context.registry.aliases) {
      const route = usableRoute(context, alias, usable)
      if (route) models.set(alias, modelObject(route.provider, alias, route.provider.models.get(route.model)))
    }
    for (const provider of usable) {
      for (const info of provider.models.values()) {
        if (!models.has(info.id)) models.set(info.id, modelObject(provider, info.id, info))
      }
    }
    return Response.json({ object: 'list', data: [...models.values()] })
  }
}

/** `GET /v1/models/{id}`; the id may be an alias, or `provider/model`, and so may hold slashes. */
export function getModel(context: ExchangeContext): RouteHandler {
  return async (event) => {
    const id = decodeURIComponent(event.url.pathname.replace(/^.*?\/v1\/models\//, ''))
    const usable = await usableProviders(context)
    for (const { provider, model } of context.registry.candidates(id)) {
      const info = provider.models.get(model)
      const known = info !== undefined || context.registry.aliases.includes(id)
      if (known && usable.includes(provider)) return Response.json(modelObject(provider, id, info))
    }
    throw new ChatError(
      `The model ${JSON.stringify(id.slice(0, 200))} is not one you can use now. GET /v1/models lists those.`,
      {
        status: 404,
        type: 'invalid_request_error',
        code: 'model_not_found',
        param: 'model',
      },
    )
  }
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

function modelObject(provider: Provider, id: string, info?: ModelInfo): Model {
  const { created = 0, contextWindow, maxOutputTokens, capabilities } = info ?? {}
  return {
    id,
    object: 'model',
    created,
    owned_by: provider.name,
    ...(contextWindow !== undefined && { context_window: contextWindow }),
    ...(maxOutputTokens !== undefined && { max_output_tokens: maxOutputTokens }),
    ...(capabilities && { capabilities }),
  }
}
