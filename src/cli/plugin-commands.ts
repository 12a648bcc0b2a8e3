import { defineCommand } from 'citty'
import type { ArgsDef, CommandDef } from 'citty'
import type { PluginCommand } from '../core/plugin-parts.ts'
import type { Plugin } from '../core/plugin.ts'
import { takenName } from '../core/plugin-names.ts'
import { PluginError } from '../core/registry.ts'
import { isExpected, PluginCommandFailure, runCommandBody } from './command.ts'
import { configArgs, withByok } from './with-byok.ts'
import type { ConfigFlags } from './with-byok.ts'
import { reasonOf } from '../core/fault.ts'

/**
 * byok's commands, and those of the plugins that config names: for a name that is none of byok's, and for a list of all. One of
 * byok's own is never replaced.
 */
export async function withPluginCommands(main: CommandDef, argv: readonly string[]): Promise<CommandDef> {
  const commands = await pluginCommands(argv)
  const own = typeof main.subCommands === 'function' ? await main.subCommands() : await main.subCommands
  const added = Object.entries(commands).map(([key, command]) => [key, commandOf(key, command)] as const)
  return { ...main, subCommands: { ...Object.fromEntries(added), ...own } }
}

async function pluginCommands(argv: readonly string[]): Promise<Record<string, PluginCommand>> {
  const [{ loadConfig }, { loadPlugin }] = await Promise.all([
    import('../core/config/index.ts'),
    import('../core/load-plugin.ts'),
  ])
  const cwd = process.cwd()
  const plugins: Plugin[] = []
  try {
    const configFile = configOf(argv)
    const loaded = await loadConfig({ cwd, env: process.env, ...(configFile !== undefined && { configFile }) })
    for (const id of loaded.plugins) {
      const plugin = await loadPlugin(id, [...new Set([loaded.pluginFolders.get(id) ?? cwd, cwd])])
      const taken = takenName(plugin, plugins)
      if (taken !== undefined) throw new PluginError(taken)
      plugins.push(plugin)
    }
  } catch (error) {
    // Help has to work with a broken config too; whoever starts byok is told what is wrong with it.
    process.stderr.write(`byok: plugins were not looked at: ${reasonOf(error)}\n`)
  }
  return Object.assign({}, ...plugins.map(commandsOf)) as Record<string, PluginCommand>
}

/** A plugin's commands, whose failures say that they are its. */
function commandsOf({ name: plugin, commands = {} }: Plugin): Record<string, PluginCommand> {
  const named = Object.entries(commands).map(([name, command]): [string, PluginCommand] => [
    name,
    {
      ...command,
      run: async (context) => {
        try {
          await command.run(context)
        } catch (error) {
          if (isExpected(error)) throw error
          const words = context.args['verbose'] === true && error instanceof Error ? error.stack : undefined
          const message = `the command \`${name}\` of plugin "${plugin}" failed: ${words ?? reasonOf(error)}`
          throw new PluginCommandFailure(message, { cause: error })
        }
      },
    },
  ])
  return Object.fromEntries(named)
}

/** The file of `-c FILE`, before the command that would parse it is known. */
function configOf(argv: readonly string[]): string | undefined {
  const at = argv.findIndex((word) => word === '-c' || word === '--config')
  if (at !== -1) return argv[at + 1]
  return argv.find((word) => word.startsWith('--config='))?.slice('--config='.length)
}

function commandOf(name: string, { description, args = {}, run }: PluginCommand): CommandDef {
  const all: ArgsDef = { ...args, ...configArgs }
  return defineCommand({
    meta: { name, description },
    args: all,
    run: (context) =>
      runCommandBody(context, () =>
        withByok(flagsIn(context.args), async (byok) => await run({ byok, args: context.args })),
      ),
  })
}

/** byok's own among a command's arguments. */
function flagsIn({ config, db, quiet, verbose }: Record<string, unknown>): ConfigFlags {
  return {
    ...(typeof config === 'string' && { config }),
    ...(typeof db === 'string' && { db }),
    quiet: quiet === true,
    verbose: verbose === true,
  }
}
