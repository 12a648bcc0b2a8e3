import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdir, realpath, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ChatError, invalidRequest } from '../chat/index.ts'
import type { ConfigFile, Drafts } from '../config/layers.ts'
import { ConfigError } from '../config/problem.ts'
import { readConfigFile } from '../config/read-file.ts'
import { schemaFor } from '../config/provider-schema.ts'
import { CONFIG_TEMPLATE } from '../config/template.ts'
import { codeOf, reasonOf } from '../log/fault.ts'
import { oneAtATime } from '../async/one-at-a-time.ts'
import type { Registry } from '../registry.ts'
import type { Reloaded } from '../start/reload.ts'
import { replaceFile } from '../replace-file.ts'
import { maskSecrets, UnknownMark } from './mask.ts'
import type { Masked } from './mask.ts'
import type { ConfigChecked, ConfigDraft, ConfigFileView } from './types.ts'

export interface ConfigFilesOptions {
  /** The last outranks the others. */
  files: readonly ConfigFile[]
  registry: Registry
  /** @throws {ConfigError} */
  check(drafts: Drafts): Promise<Pick<Reloaded, 'warnings' | 'restart'>>
  /** Takes over what the files say now. */
  reload(): Promise<Reloaded>
}

/** Larger than any config that a person writes. */
const MOST_CHARACTERS = 1_000_000

/** The files of the config, for a page to change. Secrets leave them as marks only. */
export class ConfigFiles {
  readonly #options: ConfigFilesOptions
  readonly #alone = oneAtATime()

  constructor(options: ConfigFilesOptions) {
    this.#options = options
  }

  async list(): Promise<ConfigFileView[]> {
    return await Promise.all(
      this.#options.files.map(async ({ path, shown }) => {
        const found = await read(path).catch((error: unknown) => ({ fault: reasonOf(error) }))
        if (found && typeof found === 'object') {
          const problem = `The file cannot be read: ${found.fault}.`
          return { path, shown, exists: true, version: '', problem }
        }
        const exists = found !== undefined
        const masked = this.#mask(found ?? CONFIG_TEMPLATE)
        const version = versionOf(found)
        const problem = 'This is no valid YAML, so that byok cannot tell what is secret in it. Mend it in an editor.'
        return { path, shown, exists, version, ...(masked ? { text: masked.text } : { problem }) }
      }),
    )
  }

  /** Whether a setting's source, such as `byok.config.yaml:3`, is one of the files. */
  isFile(source: string): boolean {
    return this.#fileOf(source) !== undefined
  }

  /** Whether the config would be valid with this text. */
  async check(draft: ConfigDraft): Promise<ConfigChecked> {
    const { file, text, problem } = await this.#restored(draft)
    return problem ?? (await this.#tried(file.path, text))
  }

  /** Writes a text that is valid, and takes it over. What was there is kept beside it, as `FILE.bak`. */
  async save(draft: ConfigDraft): Promise<ConfigChecked> {
    return await this.#alone(async () => {
      const { file, text, problem } = await this.#restored(draft)
      return problem ?? (await this.#write(file.path, text))
    })
  }

  /**
   * Changes one file, by the source of the setting to change, or else the one that outranks the others among those there are.
   * @throws {ChatError} 409 where that is not to be.
   */
  async change(source: string | undefined, edit: (text: string) => string): Promise<void> {
    await this.#alone(async () => {
      const file = source === undefined ? await this.#usualFile() : this.#fileOf(source)
      if (!file) {
        throw conflict(
          'byok was started without config files, so there is none to change. Set this where you start it.',
        )
      }
      const now = (await read(file.path)) ?? ''
      if (this.#mask(now) === undefined) throw conflict(`${file.shown} is no valid YAML. Mend it in an editor first.`)
      const { problems } = await this.#write(file.path, edit(now))
      const [first] = problems
      if (first) throw conflict(`The config would not be valid: ${first.key}: ${first.message}`)
    })
  }

  async #usualFile(): Promise<ConfigFile | undefined> {
    for (const file of this.#options.files.toReversed()) {
      if ((await read(file.path)) !== undefined) return file
    }
    return this.#options.files[0]
  }

  #fileOf(source: string): ConfigFile | undefined {
    return this.#options.files.find(({ shown }) => source === shown || source.replace(/:\d+$/, '') === shown)
  }

  #mask(text: string): Masked | undefined {
    return maskSecrets(text, (names) => schemaFor(this.#options.registry.plugins, names))
  }

  /** @throws {ChatError} 404 for another file, 409 for one that has changed. */
  async #restored({ path, version, text }: ConfigDraft) {
    const file = this.#options.files.find((one) => one.path === path)
    if (!file) throw invalidRequest('That is no file of this config.', 'path')
    if (text.length > MOST_CHARACTERS) throw invalidRequest('The text is too long for a config.', 'text')
    const now = await read(path)
    if (versionOf(now) !== version) {
      throw conflict(`${file.shown} was changed by somebody else meanwhile. Load it again; copy what you wrote first.`)
    }
    const masked = this.#mask(now ?? '')
    if (!masked) throw conflict(`${file.shown} is no valid YAML. Mend it in an editor first.`)
    try {
      return { file, text: masked.restore(text) }
    } catch (error) {
      if (!(error instanceof UnknownMark)) throw error
      const found = { message: error.message, key: '', source: file.shown, line: error.line }
      return { file, text, problem: { valid: false, problems: [found], warnings: [], restart: [] } }
    }
  }

  async #tried(path: string, text: string): Promise<ConfigChecked> {
    try {
      return { valid: true, problems: [], ...(await this.#options.check(new Map([[path, text]]))) }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      const problems = error.problems.map(({ message, key, source, line }) => ({
        message,
        key,
        source,
        ...(line !== undefined && { line }),
      }))
      return { valid: false, problems, warnings: [], restart: [] }
    }
  }

  async #write(path: string, text: string): Promise<ConfigChecked> {
    const checked = await this.#tried(path, text)
    if (!checked.valid) return checked
    const before = await read(path)
    try {
      await replace(path, text)
    } catch (error) {
      throw conflict(`${path} cannot be written: ${reasonOf(error)}.`)
    }
    try {
      const { warnings, restart } = await this.#options.reload()
      return { ...checked, warnings, restart }
    } catch (error) {
      // A plugin refused it, which only a reload tells.
      if (before === undefined) await rm(path, { force: true })
      else await replace(path, before)
      const message = `It was put back as it was, for a plugin refuses it: ${reasonOf(error)}`
      return { valid: false, problems: [{ message, key: '', source: path }], warnings: [], restart: [] }
    }
  }
}

/** `undefined` where there is no file. */
async function read(path: string): Promise<string | undefined> {
  try {
    return await readConfigFile(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined
    throw error
  }
}

function versionOf(text: string | undefined): string {
  return text === undefined ? 'none' : createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** It may hold keys, so it is its owner's alone, and so is the copy. */
async function replace(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  // What a link leads to, not the link.
  const real = await realpath(path).catch(() => path)
  await replaceFile(real, text, { before: () => keepCopy(real) })
}

async function keepCopy(path: string): Promise<void> {
  const backup = `${path}.bak`
  try {
    await copyFile(path, backup)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  await chmod(backup, 0o600)
}

function conflict(message: string): ChatError {
  return new ChatError(message, { status: 409, type: 'invalid_request_error', code: 'conflict' })
}
