import type { ProviderConfig } from '../config/schema.ts'
import type { ModelInfo, ProviderPlugin } from '../plugin/plugin.ts'
import { compact } from '../protocols/json.ts'

/** What a provider said it has. */
export interface ListedModels {
  models: ModelInfo[]
  /** Whether it is all that the provider's account may use, so that what is not listed cannot be used. */
  whole: boolean
}

/** The models of a provider, by id. */
export interface MergedModels {
  /** Those offered: built-in ones first, then those of config, then those that only the provider lists. */
  models: Map<string, ModelInfo>
  /**
   * Built-in ones that the provider's one account may not use (`listsAll` of a plugin): only `provider/model` asks for them. And those
   * that it shuts down and lists no longer.
   */
  unlisted: Map<string, ModelInfo>
}

/** One list of three. What a provider says of a model counts over what its plugin has, and what config says over both. */
export function mergeModels(
  plugin: ProviderPlugin,
  config: ProviderConfig,
  { models: told, whole }: ListedModels,
): MergedModels {
  const builtIn = byId(plugin.models.map((model) => (typeof model === 'string' ? { id: model } : model)))
  const own = byId(config.models.map(configured))
  const listed = byId(told)
  const merged: MergedModels = { models: new Map(), unlisted: new Map() }
  for (const id of new Set([...builtIn.keys(), ...own.keys(), ...listed.keys()])) {
    const info = { ...refreshed(builtIn.get(id), listed.get(id)), ...own.get(id), id }
    // A list of nothing is no list. The day alone says nothing: it may have been moved, or be that of one kind of account.
    const lacking = listed.size > 0 && !listed.has(id) && !own.has(id)
    const withheld = lacking && (whole || info.shutdownDate !== undefined)
    merged[withheld ? 'unlisted' : 'models'].set(id, info)
  }
  return merged
}

/** What is known of a model, whether or not it is offered. */
export function infoOf({ models, unlisted }: MergedModels, id: string): ModelInfo | undefined {
  return models.get(id) ?? unlisted.get(id)
}

function byId(models: ModelInfo[]): Map<string, ModelInfo> {
  return new Map(models.map((info) => [info.id, info]))
}

function configured(model: ProviderConfig['models'][number]): ModelInfo {
  const added: ModelInfo = { id: model.id }
  if ('aliases' in model && model.aliases) added.aliases = model.aliases
  if ('context_window' in model && model.context_window) added.contextWindow = model.context_window
  if ('max_output_tokens' in model && model.max_output_tokens) added.maxOutputTokens = model.max_output_tokens
  return added
}

/** A built-in model with what the provider says of it now. Its aliases, and who may use it, are byok's own to say. */
function refreshed(builtIn: ModelInfo | undefined, listed: ModelInfo | undefined): ModelInfo | undefined {
  if (!builtIn || !listed) return builtIn ?? listed
  const { aliases = listed.aliases, credential = listed.credential } = builtIn
  const capabilities =
    builtIn.capabilities || listed.capabilities
      ? { ...builtIn.capabilities, ...(listed.capabilities && compact(listed.capabilities)) }
      : undefined
  return compact({ ...builtIn, ...compact(listed), aliases, credential, capabilities })
}
