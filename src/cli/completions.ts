import { defineCommand } from 'citty'
import type { Provider } from '../core/registry.ts'
import { createStandInStore } from '../core/store/index.ts'
import { runCommandBody, UsageError } from './command.ts'
import { SHELLS } from './completion-shells.ts'
import { jsonArg, printJson } from './json.ts'

export default defineCommand({
  meta: { name: 'completions', description: "Print a script for your shell's completion" },
  args: {
    shell: { type: 'positional', required: true, description: SHELLS.join(', ') },
    json: jsonArg,
  },
  run: (context) =>
    runCommandBody(context, async () => {
      const shell = SHELLS.find((name) => name === context.args.shell)
      if (!shell) throw new UsageError(`completions are for ${SHELLS.join(', ')}.`)
      const [{ main }, { withPluginCommands }, { commandTree }, { completionScript }, { completionValues }] =
        await Promise.all([
          import('./commands.ts'),
          import('./plugin-commands.ts'),
          import('./command-tree.ts'),
          import('./completion-scripts.ts'),
          import('./completion-values.ts'),
        ])
      const tree = await commandTree(await withPluginCommands(main, []))
      const script = completionScript(shell, tree, completionValues(await builtinProviders()))
      if (context.args.json) printJson({ shell, script })
      else process.stdout.write(script)
    }),
})

/** Whatever the config says: a shell has to start with a broken one too. */
async function builtinProviders(): Promise<readonly Provider[]> {
  const { createByok } = await import('../index.ts')
  const byok = await createByok({ configFiles: false, env: {}, store: createStandInStore() })
  await byok.close()
  return byok.registry.providers
}
