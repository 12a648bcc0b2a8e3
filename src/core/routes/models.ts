import { credentialsOf } from '../auth/credentials.ts'
import { ChatError } from '../chat/index.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import type { ModelInfo } from '../plugin.ts'
import type { Provider } from '../registry.ts'
import type { RouteHandler } from './app.ts'

/** OpenAI's model object. */
interface Model {
  id: string
  object: 'model'
  created: number
  owned_by: string
}

/** `GET /v1/models`: the models of every enabled provider that has a credential. */
export function listModels(context: ExchangeContext): RouteHandler {
  return async () => {
    const models = new Map<string, Model>()
    const usable = await usableProviders(context)
    await context.modelLists?.touch(usable)
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
      if (info && usable.includes(provider)) return Response.json(modelObject(provider, id, info))
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

async function usableProviders({ registry, store }: ExchangeContext): Promise<Provider[]> {
  const usable: Provider[] = []
  for (const provider of registry.providers) {
    if (provider.config.enabled && (await credentialsOf(provider, store)).length > 0) usable.push(provider)
  }
  return usable
}

function modelObject(provider: Provider, id: string, info: ModelInfo): Model {
  return { id, object: 'model', created: info.created ?? 0, owned_by: provider.name }
}
