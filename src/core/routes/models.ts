import type { H3Event } from 'h3'
import type { ExchangeContext } from '../exchange/exchange.ts'
import type { ModelCapabilities } from '../plugin/plugin.ts'
import { anthropicPage } from './anthropic-page.ts'
import { offeredModel, offeredModels } from './offered.ts'
import type { Offered } from './offered.ts'
import type { RouteHandler } from './route.ts'

/**
 * OpenAI's model object, with what byok knows besides. Clients look for a context window by one name or another, and reckon with a small one
 * where they find none: OpenRouter's `context_length` (opencode, Continue: tashfeenahmed/freellmapi pull request 309; Android Studio:
 * lmstudio-ai/lmstudio-bug-tracker issue 2139) and vLLM's `max_model_len` (Cline: cline/cline pull request 13564).
 */
interface Model {
  id: string
  object: 'model'
  /** Unix seconds; 0 where it is not known. */
  created: number
  /** The provider. */
  owned_by: string
  /** Tokens of input and output together. Absent, as the fields below, where it is not known. */
  context_window?: number
  context_length?: number
  max_model_len?: number
  /** The most tokens of one answer. */
  max_output_tokens?: number
  /** OpenAI's own field: openai-node 7 resources/models.d.ts, `Model`. */
  shutdown_date?: string
  capabilities?: ModelCapabilities
}

/**
 * Codex asks here for a catalogue of its own, where it takes byok for OpenAI and is signed in to ChatGPT, and tells of an error at each start
 * without it (openai/codex issue 22205). It says of each model how Codex instructs it, which OpenAI alone knows; with an empty one Codex stays
 * with what it has built in: codex-rs/models-manager/src/manager.rs, `apply_remote_models`.
 */
const NO_CATALOGUE = { models: [] }

/**
 * `GET /v1/models`. Anthropic has its list under the same path, and its clients say which version of it they read.
 *
 * @param forAnthropic whether who asks is one of them
 */
export function listModels(
  context: ExchangeContext,
  forAnthropic: (event: H3Event) => boolean = isAnthropic,
): RouteHandler {
  return async (event, info) => {
    const models = await offeredModels(context, info)
    const { searchParams } = event.url
    if (forAnthropic(event)) return Response.json(anthropicPage(models.map(anthropicModel), searchParams))
    const list = { object: 'list', data: models.map(modelObject) }
    return Response.json(searchParams.has('client_version') ? { ...list, ...NO_CATALOGUE } : list)
  }
}

/** `GET /v1/models/{id}`; the id may hold slashes. */
export function getModel(context: ExchangeContext): RouteHandler {
  return async (event, info) => {
    const id = decodeURIComponent(event.url.pathname.replace(/^.*?\/v1\/models\//, ''))
    const model = await offeredModel(context, info, id)
    return Response.json(isAnthropic(event) ? anthropicModel(model) : modelObject(model))
  }
}

/** Every client of Anthropic's says which version of its API it reads; none of OpenAI's does. */
export function isAnthropic({ req }: Pick<H3Event, 'req'>): boolean {
  return req.headers.has('anthropic-version')
}

function modelObject({ id, provider, info = { id } }: Offered): Model {
  const { created = 0, contextWindow, maxOutputTokens, shutdownDate, capabilities } = info
  return {
    id,
    object: 'model',
    created,
    owned_by: provider.name,
    ...(contextWindow !== undefined && {
      context_window: contextWindow,
      context_length: contextWindow,
      max_model_len: contextWindow,
    }),
    ...(maxOutputTokens !== undefined && { max_output_tokens: maxOutputTokens }),
    ...(shutdownDate !== undefined && { shutdown_date: shutdownDate }),
    ...(capabilities && { capabilities }),
  }
}

/** `ModelInfo` of @anthropic-ai/sdk resources/models.d.ts. */
function anthropicModel({ id, provider, info }: Offered) {
  return {
    type: 'model',
    id,
    display_name: `${id} (${provider.title})`,
    created_at: new Date((info?.created ?? 0) * 1000).toISOString(),
    max_input_tokens: info?.contextWindow ?? null,
    max_tokens: info?.maxOutputTokens ?? null,
  }
}
