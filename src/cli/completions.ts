import { defineCommand } from 'citty'
import { runCommandBody, UsageError } from './command.ts'
import { SHELLS } from './completion-scripts.ts'

export default defineCommand({
  meta: { name: 'completions', description: "Print a script for your shell's completion" },
  args: {
    shell: { type: 'positional', required: true, description: SHELLS.join(', ') },
  },
  run: (context) =>
    runCommandBody(context, async () => {
      const shell = SHELLS.find((name) => name === context.args.shell)
      if (!shell) throw new UsageError(`completions are for ${SHELLS.join(', ')}.`)
      const [{ main }, { withPluginCommands }, { commandTree }, { completionScript }] = await Promise.all([
        import('./commands.ts'),
        import('./plugin-commands.ts'),
        import('./command-tree.ts'),
        import('./completion-scripts.ts'),
      ])
      process.stdout.write(completionScript(shell, await commandTree(await withPluginCommands(main, []))))
    }),
})
