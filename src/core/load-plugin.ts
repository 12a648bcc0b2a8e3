import { resolveModuleURL } from 'exsolve'
import type { Plugin } from './plugin.ts'
import { assertPlugin, PluginError } from './registry.ts'
import { reasonOf } from './fault.ts'

/**
 * Imports a plugin by package name or path. Its default export is the plugin, or a function that makes it.
 *
 * @param folders Those that paths are relative to and packages are looked for from, the first before the others.
 * @throws {PluginError} naming the plugin and the fault.
 */
export async function loadPlugin(id: string, folders: string[]): Promise<Plugin> {
  const source = `plugin ${JSON.stringify(id)}`
  const url = resolveModuleURL(id, { from: [...folders.map((folder) => `${folder}/`), import.meta.url], try: true })
  if (!url) {
    const what = /^[./~\\]/.test(id) ? 'There is no such file' : `Install it there: npm install ${id}`
    throw new PluginError(`${source} was not found from ${folders.join(' or ')}. ${what}.`)
  }
  let module: { default?: unknown }
  try {
    module = (await import(url)) as { default?: unknown }
  } catch (error) {
    throw new PluginError(`${source} failed to load: ${reasonOf(error)}`, { cause: error })
  }
  if (!('default' in module)) throw new PluginError(`${source} has no default export. It must export a plugin.`)
  let plugin: unknown
  try {
    plugin = typeof module.default === 'function' ? await (module.default as () => unknown)() : module.default
  } catch (error) {
    throw new PluginError(`${source} failed to start: ${reasonOf(error)}`, { cause: error })
  }
  assertPlugin(plugin, source)
  return plugin
}
