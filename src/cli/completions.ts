import { defineCommand } from 'citty'
import type { Provider } from '../core/registry.ts'
import { createStandInStore } from '../core/store/index.ts'
import { runCommandBody } from './command.ts'
import { SHELLS } from './completion-shells.ts'
import { jsonArg, printJson, printJsonWarning } from './json.ts'
import { noSuch } from './no-such.ts'
import { logArgs } from './with-byok.ts'

export default defineCommand({
  meta: { name: 'completions', description: "Print a script for your shell's completion" },
  args: {
    shell: { type: 'positional', required: true, description: SHELLS.join(', ') },
    ...logArgs,
    json: jsonArg,
  },
  run: (context) =>
    runCommandBody(context, async (args) => {
      const shell = SHELLS.find((name) => name === args.shell)
      if (!shell) throw noSuch('completion for', args.shell, SHELLS)
      const [{ main }, { withPluginCommands }, { commandTree }, { completionScript }, { completionValues }] =
        await Promise.all([
          import('./commands.ts'),
          import('./plugin-commands.ts'),
          import('./command-tree.ts'),
          import('./completion-scripts.ts'),
          import('./completion-values.ts'),
        ])
      const tree = await commandTree(await withPluginCommands(main, [], args.json ? printJsonWarning : printWarning))
      const script = completionScript(shell, tree, completionValues(await builtinProviders()))
      if (args.json) printJson({ shell, script })
      else process.stdout.write(script)
    }),
})

function printWarning(text: string): void {
  process.stderr.write(`byok: ${text}\n`)
}

/** Whatever the config says: a shell has to start with a broken one too. */
async function builtinProviders(): Promise<readonly Provider[]> {
  const { createByok } = await import('../index.ts')
  const byok = await createByok({ configFiles: false, env: {}, store: createStandInStore() })
  await byok.close()
  return byok.registry.providers
}
