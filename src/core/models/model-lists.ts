import { baseUrlOf } from '../auth/credential.ts'
import type { Credential } from '../auth/credential.ts'
import type { Logger } from '../log/log.ts'
import type { ModelInfo } from '../plugin/plugin.ts'
import type { Provider } from '../registry.ts'
import type { UpstreamFetch } from '../upstream/fetch.ts'
import type { ListedModels } from './merge.ts'
import { faultOfModels } from './model-cache.ts'
import type { CachedModels, ModelCache } from './model-cache.ts'
import { ownerOf, PluginFault } from '../plugin/fault.ts'
import { reasonOf } from '../log/fault.ts'
import { isOver, orAborted } from '../async/waiting.ts'

const HOUR = 3_600_000
/** How long a list counts as today's. */
const TTL = 6 * HOUR
/** How long a provider that failed is left alone. */
const RETRY_AFTER = 60_000
/** A list is asked for beside people's work: it must not hang. */
const TIMEOUT = 15_000

export interface ModelListsOptions {
  cache: ModelCache
  /** The credential a provider is asked with, fresh; `undefined` where there is none. */
  credential(provider: Provider): Promise<Credential | undefined>
  fetchFor(provider: Provider, credential: Credential, signal: AbortSignal): UpstreamFetch
  /** Whether a provider has one credential only: a list says nothing of what another account may use. */
  alone(provider: Provider): Promise<boolean>
  /** Where a list goes, such as {@link Registry.setListed}. */
  apply(provider: string, listed: ListedModels): void
  logger: Logger
  /** Milliseconds. Default: 6 hours. */
  ttl?: number
  /** The present in Unix milliseconds. Default: the system's clock. */
  now?(): number
}

/**
 * The lists of models that providers give themselves: kept in a cache, brought up to date in the background, and left as
 * they are where a provider cannot be asked.
 */
export class ModelLists {
  readonly #options: ModelListsOptions
  readonly #closing = new AbortController()
  /** Lists in use, by provider, and whether each counts as a whole one. */
  readonly #current = new Map<string, { entry: CachedModels; whole: boolean }>()
  readonly #running = new Map<string, { provider: Provider; done: Promise<void> }>()
  readonly #failedAt = new Map<string, number>()
  /** Why, of those that failed last. */
  readonly #reasons = new Map<string, string>()
  #touched = false

  constructor(options: ModelListsOptions) {
    this.#options = options
  }

  /**
   * Brings what is out of date up to date in the background. Resolves once every provider that offers nothing yet was
   * asked, so that a first list is not empty; never rejects.
   */
  async touch(providers: readonly Provider[]): Promise<void> {
    this.#touched = true
    const waiting = providers.flatMap((provider) => {
      const refreshed = this.refresh(provider)
      return provider.models.size === 0 ? [refreshed] : []
    })
    await Promise.all(waiting)
  }

  /**
   * After a new config, by which providers may be new, elsewhere or mended: brings their lists up to date in the background where
   * {@link ModelLists.touch} does so; never rejects.
   */
  async reloaded(providers: readonly Provider[]): Promise<void> {
    this.#failedAt.clear()
    if (this.#touched) await this.touch(providers)
  }

  /**
   * Brings one provider's list up to date, unless it is: younger than `maxAge`, in milliseconds. One request at a time; never
   * rejects.
   */
  async refresh(provider: Provider, maxAge = this.#options.ttl ?? TTL): Promise<void> {
    const { name, plugin, config } = provider
    if (!plugin.listModels || !config.enabled) return
    let running = this.#running.get(name)
    // What is asked by the config of before, and how that ends, says nothing of this one.
    while (running && running.provider !== provider) {
      await running.done
      this.#failedAt.delete(name)
      running = this.#running.get(name)
    }
    if (!running) {
      const done = this.#refresh(provider, maxAge)
        .catch((error: unknown) => this.#failed(provider, error))
        .finally(() => this.#running.delete(name))
      running = { provider, done }
      this.#running.set(name, running)
    }
    await running.done
  }

  /** {@link ModelLists.refresh} where a list lacks what a client asks for: an account may have been added, or its plan changed. */
  async renew(provider: Provider): Promise<void> {
    await this.refresh(provider, RETRY_AFTER)
  }

  /** Why a provider could not be asked for its list the last time; `undefined` where it could, or was not. */
  reasonOf({ name }: Pick<Provider, 'name'>): string | undefined {
    return this.#failedAt.has(name) ? this.#reasons.get(name) : undefined
  }

  /** Gives up what is being asked. */
  close(): void {
    this.#closing.abort()
  }

  async #refresh(provider: Provider, maxAge: number): Promise<void> {
    const { cache, credential: credentialOf, alone, fetchFor } = this.#options
    const { name, plugin, config } = provider
    if (this.#closing.signal.aborted || !plugin.listModels) return
    const credential = await credentialOf(provider)
    if (!credential) return
    const source = sourceOf(provider, credential)
    const whole = plugin.listsAll === true && (await alone(provider))
    const current = this.#current.get(name)?.entry
    const known = current ?? (await cache.get(name))
    const own = known?.source === source
    // Another account's list stays in use until there is this one's, but hides nothing.
    if (known && (own || current)) this.#use(name, known, whole && own && !this.#failedAt.has(name))
    if (own && !isOver(known.fetchedAt, maxAge, this.#now())) return
    if (!isOver(this.#failedAt.get(name) ?? -Infinity, RETRY_AFTER, this.#now())) return

    // An `AbortSignal.timeout` would not keep a command from ending meanwhile.
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new Error(`no answer after ${TIMEOUT / 1000} s`)), TIMEOUT)
    const signal = AbortSignal.any([this.#closing.signal, late.signal])
    const fetch = fetchFor(provider, credential, signal)
    let models: ModelInfo[]
    try {
      // One that minds no signal is not waited for either.
      models = await orAborted(plugin.listModels({ provider: name, credential, config, signal, fetch }), [signal])
      refuseOtherThanModels(models, name)
    } catch (error) {
      this.#forget(name, source)
      throw error
    } finally {
      clearTimeout(timer)
    }
    const entry = { source, fetchedAt: this.#now(), models }
    this.#failedAt.delete(name)
    this.#use(name, entry, whole)
    await cache.set(name, entry)
  }

  #use(name: string, entry: CachedModels, whole: boolean): void {
    const current = this.#current.get(name)
    if (current?.entry === entry && current.whole === whole) return
    this.#current.set(name, { entry, whole })
    this.#options.apply(name, { models: entry.models, whole })
  }

  /** A list of another endpoint is worse than none. */
  #forget(name: string, source: string): void {
    const current = this.#current.get(name)
    if (!current || endpointOf(current.entry.source) === endpointOf(source)) return
    this.#current.delete(name)
    this.#options.apply(name, { models: [], whole: false })
  }

  #failed({ name, title }: Provider, error: unknown): void {
    if (this.#closing.signal.aborted) return
    this.#failedAt.set(name, this.#now())
    const current = this.#current.get(name)
    if (current) this.#use(name, current.entry, false)
    const reason = reasonOf(error)
    this.#reasons.set(name, reason)
    if (error instanceof PluginFault) {
      const { part, owner } = error
      this.#options.logger.error('a plugin failed', { part, owner, fault: reason })
    }
    this.#options.logger.debug(`The models of ${title} could not be listed: ${reason}`)
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now()
  }
}

/** @throws {PluginFault} unless it is a list of models: one in JavaScript may give anything. */
function refuseOtherThanModels(list: unknown, provider: string): void {
  const fault = faultOfModels(list)
  if (fault === undefined) return
  throw new PluginFault('`listModels`', ownerOf(provider), undefined, `gave no list of models (${fault})`)
}

/** Accounts of one provider may be offered different models. */
function sourceOf({ config }: Provider, credential: Credential): string {
  return `${credential.account}@${baseUrlOf(credential, config) ?? ''}`
}

/** Of a source; an account's name may hold an `@` too, an address none. */
function endpointOf(source: string): string {
  return source.slice(source.lastIndexOf('@'))
}
