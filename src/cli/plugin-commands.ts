import { defineCommand } from 'citty'
import type { ArgsDef, CommandDef } from 'citty'
import type { PluginCommand } from '../core/plugin/parts.ts'
import type { Plugin } from '../core/plugin/plugin.ts'
import { takenName } from '../core/plugin/names.ts'
import { PluginError } from '../core/plugin/check.ts'
import { resolved } from './find-command.ts'
import { jsonArg } from './json.ts'
import { isExpected, PluginCommandFailure, runCommandBody } from './command.ts'
import { configArgs, withByok } from './with-byok.ts'
import type { ConfigFlags } from './with-byok.ts'
import { reasonOf } from '../core/log/fault.ts'

/**
 * byok's commands, and after them those of the plugins that config names: for a name that is none of byok's, and for a list of all.
 *
 * @param note told why they are missing, where they cannot be had
 */
export async function withPluginCommands(
  main: CommandDef,
  argv: readonly string[],
  note: (text: string) => void,
): Promise<CommandDef> {
  const commands = await pluginCommands(argv, note)
  const own = await resolved(main.subCommands)
  const added = Object.entries(commands).map(([key, command]) => [key, commandOf(key, command)] as const)
  return { ...main, subCommands: { ...own, ...Object.fromEntries(added) } }
}

async function pluginCommands(
  argv: readonly string[],
  note: (text: string) => void,
): Promise<Record<string, PluginCommand>> {
  const [{ loadConfig }, { loadPlugin }] = await Promise.all([
    import('../core/config/index.ts'),
    import('../core/plugin/load.ts'),
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
    note(`Plugins were not looked at: ${reasonOf(error)}`)
    return {}
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
  // One that has its own `--json` knows best what that says.
  const all: ArgsDef = { json: jsonArg, ...args, ...configArgs }
  return defineCommand({
    meta: { name, description },
    args: all,
    run: (context) =>
      runCommandBody(context, (given) => withByok(flagsIn(given), async (byok) => await run({ byok, args: given }))),
  })
}

/** byok's own among a command's arguments. */
function flagsIn(args: Record<string, unknown>): ConfigFlags {
  const { config, db } = args
  return {
    ...(typeof config === 'string' && { config }),
    ...(typeof db === 'string' && { db }),
    quiet: args['quiet'] === true,
    verbose: args['verbose'] === true,
    json: args['json'] === true,
  }
}
