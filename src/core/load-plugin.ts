import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from './plugin.ts'
import { assertPlugin, PluginError } from './plugin-check.ts'
import { codeOf, reasonOf } from './fault.ts'
import { LATE, within } from './waiting.ts'

/** Milliseconds that a plugin may take to load: as long as a hook may. */
const LONGEST = 30_000

/**
 * Imports a plugin by package name or path. Its default export is the plugin, or a function that makes it.
 *
 * @param folders Those that paths are relative to and packages are looked for from, the first before the others.
 * @throws {PluginError} naming the plugin and the fault.
 */
export async function loadPlugin(id: string, folders: string[]): Promise<Plugin> {
  // Most people have no plugin, and this takes as long to load as ten plugins.
  const { resolveModuleURL } = await import('exsolve')
  const source = `plugin ${JSON.stringify(id)}`
  const url = resolveModuleURL(id, { from: [...folders.map((folder) => `${folder}/`), import.meta.url], try: true })
  if (!url) {
    throw new PluginError(`${source} was not found from ${folders.join(' or ')}. ${whatToDo(id, folders)}.`)
  }
  let module: { default?: unknown }
  try {
    module = (await inTime(import(url))) as { default?: unknown }
  } catch (error) {
    throw new PluginError(`${source} failed to load: ${reasonOf(error)}${whatItLacks(error)}`, { cause: error })
  }
  if (!('default' in module)) throw new PluginError(`${source} has no default export. It must export a plugin.`)
  let plugin: unknown
  try {
    plugin = typeof module.default === 'function' ? await inTime((module.default as () => unknown)()) : module.default
  } catch (error) {
    throw new PluginError(`${source} failed to start: ${reasonOf(error)}`, { cause: error })
  }
  assertPlugin(plugin, source)
  return plugin
}

/** @throws where it takes too long: Node would end without a word once there is nothing else to wait for. */
async function inTime(work: unknown): Promise<unknown> {
  const result = await within(Promise.resolve(work), LONGEST)
  if (result === LATE) throw new Error(`it was not done after ${LONGEST / 1000} seconds`)
  return result
}

function whatToDo(id: string, folders: readonly string[]): string {
  if (/^[./~\\]/.test(id)) return 'There is no such file'
  // Without a dot it is the name of a package.
  const isFile = folders.some((folder) => existsSync(join(folder, id)))
  return isFile ? `There is a file of that name: write ./${id}` : `Install it there: npm install ${id}`
}

/** A byok that is installed for all of a machine is not found from a plugin's file. */
function whatItLacks(error: unknown): string {
  const [, name] = /^Cannot find package '([^']+)'/.exec(reasonOf(error)) ?? []
  return codeOf(error) === 'ERR_MODULE_NOT_FOUND' && name !== undefined
    ? `. Install it beside the plugin: npm install ${name}`
    : ''
}
