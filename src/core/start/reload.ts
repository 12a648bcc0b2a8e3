import { ChatError } from '../chat/index.ts'
import { changedFixed, keepFixed } from '../config/fixed.ts'
import type { Config, LoadedConfig } from '../config/index.ts'
import type { Drafts } from '../config/layers.ts'
import type { Logger } from '../log/log.ts'
import { isError, reasonOf } from '../log/fault.ts'
import { oneAtATime } from '../async/one-at-a-time.ts'

/** What a reload brought. */
export interface Reloaded {
  config: Config
  sources: ReadonlyMap<string, string>
  warnings: string[]
  /** Keys that changed but count only after a restart: those of `config/fixed.ts`. */
  restart: string[]
}

export interface ReloadOptions {
  /** Whether warnings are not logged, since another process of the same config has done so. Default: no. */
  quiet?: boolean
  /**
   * What the config files are taken to say, as another process of the same config has read them.
   * @internal
   */
  configTexts?: Drafts | undefined
}

export interface ReloaderOptions {
  loaded: LoadedConfig
  /** The config byok started with. */
  started: Config
  plugins(): Parameters<LoadedConfig['finish']>[0]
  /**
   * Takes a new config over, or throws and leaves all as it was.
   * @returns what is to be warned of besides
   */
  apply(next: Omit<Reloaded, 'restart'>): Promise<string[]>
  logger: Logger
}

/** Reads the config again and takes it over, one time after the other. */
export class Reloader {
  readonly #options: ReloaderOptions
  #loaded: LoadedConfig
  #coming: LoadedConfig | undefined
  readonly #alone = oneAtATime()

  constructor(options: ReloaderOptions) {
    this.#options = options
    this.#loaded = options.loaded
  }

  /** What the files said at the start, and at the last reload if there was one. */
  get texts(): [started: Drafts, now?: Drafts] {
    const { loaded } = this.#options
    return loaded === this.#loaded ? [loaded.texts] : [loaded.texts, this.#loaded.texts]
  }

  /** What the files say as they are being taken over, for who hears of that by the hook `config`; else as they were the last time. */
  get comingTexts(): Drafts {
    return (this.#coming ?? this.#loaded).texts
  }

  /** @throws what is wrong with the new config, which is logged too; the last good one stays. */
  async reload(options: ReloadOptions = {}): Promise<Reloaded> {
    return await this.#alone(() =>
      this.#logged(async () => await this.#takeOver(await this.#loaded.reload(options.configTexts), options)),
    )
  }

  /**
   * Takes over what a file says that was seen to change. One that says nothing any more, or only the beginning of what it said, may be in
   * the making, for programs empty or remove a file before they write it; without the client keys in it, byok would be open meanwhile.
   *
   * @param settled whether such a file is believed
   * @returns whether the files were believed. What is wrong with them is logged.
   */
  async changed(settled: boolean): Promise<boolean> {
    const read = async () => {
      const loaded = await this.#loaded.reload()
      if (!settled && isCutOff(this.#loaded.texts, loaded.texts)) return false
      await this.#takeOver(loaded, {})
      return true
    }
    return await this.#alone(() => this.#logged(read)).catch(() => true)
  }

  /**
   * Whether a config would be taken over, if files said what the drafts say. Nothing changes.
   * @throws {ConfigError}
   */
  async check(drafts: Drafts): Promise<Pick<Reloaded, 'warnings' | 'restart'>> {
    const loaded = await this.#loaded.reload(drafts)
    const { config } = loaded.finish(this.#options.plugins())
    return { warnings: loaded.warnings, restart: changedFixed(config, this.#options.started) }
  }

  async #takeOver(loaded: LoadedConfig, { quiet = false }: ReloadOptions): Promise<Reloaded> {
    const { started, plugins, apply, logger } = this.#options
    const { config, sources } = loaded.finish(plugins())
    const restart = changedFixed(config, started)
    const kept = keepFixed(config, started)
    const { warnings } = loaded
    this.#coming = loaded
    const more = await apply({ config: kept, sources, warnings }).finally(() => (this.#coming = undefined))
    this.#loaded = loaded
    const late = restart.map((key) => `${key} has changed in the config: restart byok for that to take effect`)
    if (!quiet) for (const warning of [...more, ...warnings, ...late]) logger.warn(warning)
    logger.info('config reloaded')
    return { config: kept, sources, warnings, restart }
  }

  async #logged<T>(reload: () => Promise<T>): Promise<T> {
    try {
      return await reload()
    } catch (error) {
      this.#options.logger.error(`the config was not reloaded, the last good one stays: ${wordsOf(error)}`)
      throw error
    }
  }
}

/** Whether a file says only the beginning of what it said before, if anything. */
function isCutOff(before: Drafts, now: Drafts): boolean {
  return [...before].some(([path, text]) => {
    const [whole, left] = [text.trimEnd(), now.get(path)?.trimEnd()]
    return left !== undefined && left.length < whole.length && whole.startsWith(left)
  })
}

/** What a hook threw says more than that a hook failed. */
function wordsOf(error: unknown): string {
  const shown = error instanceof ChatError && isError(error.cause) ? error.cause : error
  return reasonOf(shown)
}
