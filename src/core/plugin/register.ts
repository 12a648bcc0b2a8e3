import type { LoadedConfig } from '../config/index.ts'
import type { HookWatch } from './hook-watch.ts'
import { HookError, runHook } from '../hooks.ts'
import type { ByokHooks, Hooks } from '../hooks.ts'
import { reasonOf } from '../log/fault.ts'
import { loadPlugin } from './load.ts'
import type { Plugin } from './plugin.ts'
import { nameOf, PluginError } from './check.ts'
import { Registry } from '../registry.ts'

export interface PluginSources {
  builtins: readonly Plugin[]
  /** The config that names others. */
  loaded: LoadedConfig
  /** What the program gives. */
  given: readonly (string | Plugin)[]
  /** The folder that names are looked for in. */
  cwd: string
}

/**
 * Makes the registry of all plugins, and has their hooks called.
 *
 * @throws {PluginError} naming the plugin.
 */
export async function registerPlugins(
  { builtins, loaded, given, cwd }: PluginSources,
  hooks: Hooks,
  watch: HookWatch,
): Promise<Registry> {
  const registry = new Registry()
  for (const plugin of builtins) await register(plugin, 'built-in plugin')
  for (const id of loaded.plugins) await load(id)
  for (const [index, plugin] of given.entries()) {
    if (typeof plugin === 'string') await load(plugin)
    else await register(plugin, nameOf(plugin) === '' ? `plugins[${index}] of createByok` : 'plugin')
  }
  return registry

  async function load(id: string): Promise<void> {
    const folders = new Set([loaded.pluginFolders.get(id) ?? cwd, cwd])
    await register(await loadPlugin(id, [...folders]), `plugin ${JSON.stringify(id)}`)
  }

  async function register(plugin: Plugin, source: string): Promise<void> {
    await runAtStart(hooks, 'plugin', plugin)
    registry.register(plugin, source)
    if (plugin.hooks) watch.add(hooks, plugin.hooks, `plugin "${plugin.name}"`)
  }
}

/** A hook without which there is no byok. Here a person reads what went wrong, and no client. */
export async function runAtStart<Name extends 'plugin' | 'config'>(
  hooks: Hooks,
  name: Name,
  ...args: Parameters<ByokHooks[Name]>
): Promise<void> {
  try {
    await runHook(hooks, name, ...args)
  } catch (error) {
    if (!(error instanceof HookError)) throw error
    const { owner, cause } = error
    const words = reasonOf(cause)
    throw new PluginError(`the \`${name}\` hook of ${owner} failed: ${words}`, { cause })
  }
}
