import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from './plugin.ts'
import { assertPlugin, PluginError } from './check.ts'
import { codeOf, reasonOf } from '../log/fault.ts'
import { expandHome } from '../home.ts'
import { isObject } from '../json/json.ts'
import { LATE, within } from '../async/waiting.ts'

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
  const url = resolveModuleURL(expandHome(id, undefined), {
    from: [...folders.map((folder) => `${folder}/`), import.meta.url],
    try: true,
  })
  if (!url) {
    throw new PluginError(`${source} was not found from ${folders.join(' or ')}. ${whatToDo(id, folders)}.`)
  }
  let module: Record<string, unknown>
  try {
    module = (await inTime(import(url))) as Record<string, unknown>
  } catch (error) {
    throw new PluginError(`${source} failed to load: ${reasonOf(error)}${placeIn(error, url)}${whatItLacks(error)}`, {
      cause: error,
    })
  }
  if (!('default' in module)) {
    const [other] = Object.keys(module)
    const instead = other === undefined ? '' : `, but \`${other}\``
    throw new PluginError(`${source} has no default export${instead}. It must export a plugin as its default.`)
  }
  const given = defaultOf(module['default'])
  let plugin: unknown
  try {
    plugin = typeof given === 'function' ? await inTime((given as () => unknown)()) : given
  } catch (error) {
    throw new PluginError(`${source} failed to start: ${reasonOf(error)}${placeIn(error, url)}`, { cause: error })
  }
  assertPlugin(plugin, source)
  return plugin
}

/** TypeScript compiled to CommonJS has its default export as one of its fields, which Node takes all together for the default. */
function defaultOf(given: unknown): unknown {
  return isObject(given) && given['__esModule'] === true && 'default' in given ? given['default'] : given
}

/** Where in the plugin's file it failed, or in the one that cannot be read; nothing where the stack names neither. */
function placeIn(error: unknown, url: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const own = url.startsWith('file:') ? stack.split(fileURLToPath(url))[1] : undefined
  const [place] = /^(?::\d+)+/.exec(own ?? '') ?? []
  if (place !== undefined) return `, at ${fileURLToPath(url)}${place}`
  // A file that is no JavaScript stands before the error itself.
  const [, other] = /^file:\/\/(\S+:\d+)\n/.exec(stack) ?? []
  if (other !== undefined) return `, at ${other}`
  // Node keeps to itself where it could not go on.
  return error instanceof SyntaxError && url.startsWith('file:')
    ? `. See where: node --check ${fileURLToPath(url)}`
    : ''
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

/** A byok that is installed for all of a machine is not found from a plugin's file, and an older Node reads no types. */
function whatItLacks(error: unknown): string {
  if (codeOf(error) === 'ERR_UNKNOWN_FILE_EXTENSION' && /"\.[cm]?ts"/.test(reasonOf(error))) {
    return '. Compile it to JavaScript, or run byok on Node 22.18 or newer, which reads TypeScript'
  }
  const [, name] = /^Cannot find package '([^']+)'/.exec(reasonOf(error)) ?? []
  return codeOf(error) === 'ERR_MODULE_NOT_FOUND' && name !== undefined
    ? `. Install it beside the plugin: npm install ${name}`
    : ''
}
