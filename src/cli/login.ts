import { defineCommand } from 'citty'
import { abortOnSignal } from './abort-on-signal.ts'
import { runCommandBody } from './command.ts'
import { loginProvider } from './find-provider.ts'
import { terminalUi } from './login-ui.ts'
import { configArgs, withByok } from './with-byok.ts'

export default defineCommand({
  meta: { name: 'login', description: 'Sign in to a provider' },
  args: {
    provider: { type: 'positional', required: false, description: 'Such as claude; without it you choose from a list' },
    ...configArgs,
    account: {
      type: 'string',
      valueHint: 'NAME',
      description: 'Name to keep the login under (default: its e-mail address or user name)',
    },
    browser: {
      type: 'boolean',
      default: true,
      negativeDescription: 'Do not open a browser: the address is printed, and may be opened on another machine',
    },
  },
  run: (context) =>
    runCommandBody(context, async () => {
      const { args } = context
      const abort = abortOnSignal()
      try {
        await withByok(args, async (byok) => {
          const provider = await loginProvider(byok, args.provider)
          if (!provider) {
            process.stderr.write('Cancelled. Nothing was stored.\n')
            // As after Ctrl-C later on, for a script that goes on only when signed in.
            process.exitCode = 130
            return
          }
          const ui = terminalUi({ title: provider.title, opens: args.browser })
          try {
            const account = args.account?.trim() || undefined
            const record = await byok.auth.login(provider, { ui, signal: abort.signal, account })
            process.stdout.write(`\nSigned in to ${provider.title} as ${record.account}.\n`)
          } finally {
            ui.close()
          }
        })
      } catch (error) {
        if (!abort.signal.aborted) throw error
        process.stderr.write('\nCancelled. Nothing was stored.\n')
        process.exit(abort.exitCode())
      } finally {
        abort.stop()
      }
    }),
})
