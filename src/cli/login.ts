import { defineCommand } from 'citty'
import { plainLine } from '../core/text/plain-text.ts'
import { orAborted } from '../core/async/waiting.ts'
import type { Provider } from '../core/registry.ts'
import { abortOnSignal } from './abort-on-signal.ts'
import { runCommandBody, tellCancelled } from './command.ts'
import { loginProvider } from './find-provider.ts'
import { isoTime, jsonArg, printJson } from './json.ts'
import { terminalUi } from './login-ui.ts'
import { sayer } from './say.ts'
import { configArgs, withByok } from './with-byok.ts'

export default defineCommand({
  meta: { name: 'login', description: 'Sign in to a provider' },
  args: {
    provider: { type: 'positional', required: false, description: 'Such as claude; without it you choose from a list' },
    ...configArgs,
    json: jsonArg,
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
    runCommandBody(context, async (args) => {
      const abort = abortOnSignal()
      try {
        await withByok(args, async (byok) => {
          // Ctrl-C while byok starts is not for a list that comes up after it; `kill` is no key that the list would see.
          abort.signal.throwIfAborted()
          const provider = await orAborted(loginProvider(byok, args.provider), [abort.signal])
          if (!provider) {
            tellCancelled(args.json)
            // As after Ctrl-C later on, for a script that goes on only when signed in.
            process.exitCode = 130
            return
          }
          const ui = terminalUi({
            title: provider.title,
            opens: args.browser,
            // Standard output is the result's alone then.
            ...(args.json && { output: process.stderr }),
          })
          try {
            const account = args.account?.trim() || undefined
            const record = await byok.auth.login(provider, { ui, signal: abort.signal, account })
            if (args.json) {
              const { provider: name, account: signedIn, expiresAt } = record
              printJson({ provider: name, account: signedIn, kind: 'oauth', expires_at: isoTime(expiresAt) })
            }
            sayer(args)(`\nSigned in to ${plainLine(`${provider.title} as ${record.account}`)}.${unused(provider)}\n`)
          } finally {
            ui.close()
          }
        })
      } catch (error) {
        if (!abort.signal.aborted) throw error
        if (!args.json) process.stderr.write('\n')
        tellCancelled(args.json)
        process.exit(abort.exitCode())
      } finally {
        abort.stop()
      }
    }),
})

/** That nothing is asked of a provider all the same. */
function unused({ name, config }: Provider): string {
  return config.enabled ? '' : ` It serves no request until providers.${name}.enabled is true.`
}
