import { ChatError } from './chat/index.ts'
import type { Config, ProviderConfig } from './config/schema.ts'
import { mergeModels } from './models/merge.ts'
import type { ListedModels, MergedModels } from './models/merge.ts'
import { didYouMean, nearestNames } from './text/nearest.ts'
import { assertPlugin, isProvider, PluginError } from './plugin/check.ts'
import { takenName } from './plugin/names.ts'
import type { KnownPlugin, Plugin, ProviderPlugin } from './plugin/plugin.ts'
import { secretsIn } from './secrets/secret-headers.ts'
import { fits } from './text/wildcard.ts'

/** No provider has a model of this name. */
export class UnknownModel extends ChatError {
  /** @param names those that may have been meant */
  constructor(model: string, names: Iterable<string>) {
    const whole = nearestNames(model, names, 3)
    // What stands before a slash may be another router's word for a vendor, or a provider's name with a slip in it.
    const near = whole.length > 0 ? whole : nearestNames(model.slice(model.indexOf('/') + 1), names, 3)
    const hint = near.length > 0 ? didYouMean(...near) : 'GET /v1/models lists what there is.'
    super(`The model ${JSON.stringify(model.slice(0, 200))} does not exist or no provider offers it. ${hint}`, {
      status: 404,
      type: 'invalid_request_error',
      code: 'model_not_found',
      param: 'model',
    })
  }
}

/** A provider as registered: its plugin, its settings, its models. */
export interface Provider extends MergedModels {
  name: string
  title: string
  plugin: ProviderPlugin
  config: ProviderConfig
}

/** Where a request goes. */
export interface Route {
  provider: Provider
  /** The model's name as the provider knows it. */
  model: string
}

/** Plugins in, `model` -> provider and upstream model out. */
export class Registry {
  readonly #plugins = new Map<string, KnownPlugin>()
  #providers = new Map<string, Provider>()
  readonly #listed = new Map<string, ListedModels>()
  #aliases: Config['models'] = {}
  /** Those of the aliases that are patterns: names may be many, and are looked up by every request. */
  #patterns: [pattern: string, targets: string[]][] = []

  /**
   * Adds a plugin. Providers get their settings later, by {@link Registry.configure}.
   * @throws {PluginError} for a wrong shape, a name that is taken, or one among what it brings that is.
   */
  register(plugin: Plugin, source = 'plugin'): void {
    assertPlugin(plugin, source)
    if (this.#plugins.has(plugin.name)) {
      const what = `${source}: a plugin named "${plugin.name}" is there already`
      throw new PluginError(`${what}. Name it once, or give one of the two another name.`)
    }
    const taken = takenName(plugin, this.plugins)
    if (taken !== undefined) throw new PluginError(taken)
    this.#plugins.set(plugin.name, knownPlugin(plugin))
  }

  /**
   * Gives each provider its settings and so its models, and makes a provider of each entry with a `type`. Again for a new
   * config: requests under way keep the providers they have.
   * @throws {PluginError} for a `type` that no plugin offers; all is as before then.
   */
  configure(config: Config): void {
    const providers: Provider[] = []
    for (const plugin of this.#plugins.values()) {
      const settings = config.providers[plugin.name]
      if (isProvider(plugin) && settings) providers.push(this.#provide(plugin, settings))
    }
    for (const [name, settings] of Object.entries(config.providers)) {
      const { type } = settings
      if (type === undefined || this.#plugins.has(name)) continue
      providers.push(this.#provide(this.#instance(type, name), settings))
    }
    this.#providers = new Map(providers.map((provider) => [provider.name, provider]))
    this.#aliases = config.models
    this.#patterns = Object.entries(config.models).filter(([name]) => name.includes('*'))
  }

  /**
   * The models a provider says it has now. What it says of one counts over what its plugin has, and what config says over
   * both. They stay over {@link Registry.configure}.
   */
  setListed(name: string, listed: ListedModels): void {
    this.#listed.set(name, listed)
    const provider = this.#providers.get(name)
    if (provider) Object.assign(provider, mergeModels(provider.plugin, provider.config, listed))
  }

  #provide(plugin: ProviderPlugin, config: ProviderConfig): Provider {
    const { name, title = name } = plugin
    // So that they are found in what its streams say too.
    secretsIn(config.headers)
    const listed = this.#listed.get(name) ?? { models: [], whole: false }
    return { name, title, plugin, config, ...mergeModels(plugin, config, listed) }
  }

  #instance(type: string, name: string): ProviderPlugin {
    const plugin = this.#plugins.get(type)?.instance?.(name)
    if (!plugin) throw new PluginError(`providers.${name}: no plugin offers \`type: ${type}\``)
    return plugin
  }

  get plugins(): KnownPlugin[] {
    return [...this.#plugins.values()]
  }

  /** Every provider, disabled ones included. */
  get providers(): Provider[] {
    return [...this.#providers.values()]
  }

  /** The names of config's `models` that are whole names, not patterns. */
  get aliases(): string[] {
    return Object.keys(this.#aliases).filter((name) => !name.includes('*'))
  }

  /**
   * Who may serve `model`, best first; never empty. A name of config's `models` comes first, even over a provider's own;
   * `provider/model` forces a provider, which then need not list the model; else they are the enabled providers that offer it, those
   * that config says to offer it first.
   * @throws {UnknownModel} with the nearest names; {@link ChatError} 404 where only a disabled provider has it.
   */
  candidates(model: string): [Route, ...Route[]] {
    const targets = this.#targetsOf(model)
    if (!targets) return this.#offering(model)
    const routes: Route[] = []
    let failure: unknown
    for (const target of targets) {
      try {
        for (const route of this.#offering(target)) if (!routes.some(sameAs(route))) routes.push(route)
      } catch (error) {
        failure ??= error
      }
    }
    const [first, ...others] = routes
    if (first) return [first, ...others]
    throw failure
  }

  /** The enabled providers that have a model built in and do not offer it, for their account may not use it. */
  withholding(model: string): Provider[] {
    const names = this.#targetsOf(model) ?? [model]
    return this.providers.filter(
      ({ config, unlisted }) => config.enabled && names.some((name) => lookUp(unlisted, name) !== undefined),
    )
  }

  /** What config's `models` has for a name: its own entry, else the first pattern that fits. `*` stands for any text. */
  #targetsOf(model: string): string[] | undefined {
    if (Object.hasOwn(this.#aliases, model)) return this.#aliases[model]
    return this.#patterns.find(([pattern]) => fits(pattern, model))?.[1]
  }

  /** {@link Registry.candidates} of a name that is no alias. */
  #offering(model: string): [Route, ...Route[]] {
    const slash = model.indexOf('/')
    const forced = slash > 0 ? this.#providers.get(model.slice(0, slash)) : undefined
    if (forced) {
      if (!forced.config.enabled) throw disabled(model, forced)
      const id = model.slice(slash + 1)
      if (id === '') throw this.#notFound(model)
      return [{ provider: forced, model: lookUp(forced.models, id) ?? lookUp(forced.unlisted, id) ?? id }]
    }
    const listing = this.providers.flatMap((provider) => {
      const id = lookUp(provider.models, model)
      return id === undefined ? [] : [{ provider, model: id }]
    })
    const enabled = listing.filter(({ provider }) => provider.config.enabled)
    const routes = [...(enabled.length > 1 ? configuredFirst(enabled) : enabled), ...this.#shutDown(model)]
    const [first, ...others] = routes.length > 0 ? routes : this.#inNoList(model)
    if (first) return [first, ...others]
    throw listing[0] ? disabled(model, listing[0].provider) : this.#notFound(model)
  }

  /**
   * Who had a model before shutting it down. They are asked all the same, behind those that have it, which may have no account: Google
   * answers by the model after it, and what others answer says what happened. A list is one account's, too, and another may have more.
   */
  #shutDown(model: string): Route[] {
    return this.providers.flatMap((provider) => {
      const id = provider.config.enabled ? lookUp(provider.unlisted, model) : undefined
      if (id === undefined || provider.unlisted.get(id)?.shutdownDate === undefined) return []
      return [{ provider, model: id }]
    })
  }

  /** Who has models of such a name that do not chat. */
  #inNoList(model: string): Route[] {
    return this.providers
      .filter(({ config, plugin }) => config.enabled && plugin.otherModels?.some((pattern) => fits(pattern, model)))
      .map((provider) => ({ provider, model }))
  }

  #notFound(model: string): UnknownModel {
    const names = new Set<string>(this.aliases)
    for (const provider of this.providers) {
      if (!provider.config.enabled) continue
      for (const { id, aliases = [] } of provider.models.values()) for (const name of [id, ...aliases]) names.add(name)
    }
    return new UnknownModel(model, names)
  }
}

/** A plugin as it is, where its ways to sign in are a list, as those of most are; else one with its halves. */
function knownPlugin(plugin: Plugin): KnownPlugin {
  if (isKnown(plugin)) return plugin
  const { auth, ...halves } = plugin
  return { ...halves, ...(auth && { auth: [auth].flat() }) }
}

function isKnown(plugin: Plugin): plugin is Plugin & KnownPlugin {
  return plugin.auth === undefined || Array.isArray(plugin.auth)
}

function configuredFirst(routes: Route[]): Route[] {
  const isConfigured = ({ provider, model }: Route) => offersByConfig(provider, model)
  return [...routes.filter(isConfigured), ...routes.filter((route) => !isConfigured(route))]
}

/** Whether config says that a provider is to offer a model, which who wrote it there then wants of that one. */
export function offersByConfig({ config }: Provider, model: string): boolean {
  return config.models.some(({ id }) => id === model)
}

function sameAs({ provider, model }: Route): (other: Route) => boolean {
  return (other) => other.provider === provider && other.model === model
}

function lookUp(models: Provider['models'], name: string): string | undefined {
  return models.has(name) ? name : aliasesOf(models).get(name)
}

/** By the models of a provider, which others replace: their ids by their aliases. */
const modelAliases = new WeakMap<Provider['models'], Map<string, string>>()

function aliasesOf(models: Provider['models']): Map<string, string> {
  let ids = modelAliases.get(models)
  if (ids) return ids
  modelAliases.set(models, (ids = new Map<string, string>()))
  for (const { id, aliases = [] } of models.values()) {
    for (const alias of aliases) if (!ids.has(alias)) ids.set(alias, id)
  }
  return ids
}

function disabled(model: string, provider: Provider): ChatError {
  return new ChatError(
    `The model ${JSON.stringify(model.slice(0, 200))} is offered by ${provider.title}, which is disabled. Set providers.${provider.name}.enabled to true.`,
    { status: 404, type: 'invalid_request_error', code: 'model_not_found', param: 'model' },
  )
}
