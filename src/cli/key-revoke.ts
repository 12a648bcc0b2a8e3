import { defineCommand } from 'citty'
import { revokeKey } from '../core/clients/manage.ts'
import { runCommandBody, UsageError } from './command.ts'
import { onKeyFile } from './key-file.ts'
import { jsonArg, printJson } from './json.ts'
import { sayer } from './say.ts'
import { configArgs, withByok } from './with-byok.ts'

export default defineCommand({
  meta: { name: 'revoke', description: 'Take a key back: it is refused from the next request on' },
  args: { label: { type: 'positional', required: true, description: 'Its name' }, ...configArgs, json: jsonArg },
  run: (context) =>
    runCommandBody(context, async (args) => {
      const shutOut = await withByok(args, async (byok) => {
        const configured = byok.config.server.keys
        const isConfigs = configured.some(({ label }) => label === args.label)
        await onKeyFile(byok, (path) => revokeKey(path, args.label)).catch((error: unknown) => {
          // A created one may have its label too; then it is that one's end.
          if (!isConfigs || !(error instanceof UsageError)) throw error
          throw new UsageError(
            `${JSON.stringify(args.label)} is a key of the config: take it out of server.keys there.`,
          )
        })
        return configured.length === 0 && !byok.clients.anyCreated ? byok.clients.path : undefined
      })
      if (args.json) printJson({ label: args.label, state: 'revoked' })
      const say = sayer(args)
      say(`The key ${JSON.stringify(args.label)} is revoked.\n`)
      if (shutOut === undefined) return
      say('No key is left, and byok refuses every request without one: `byok key create` makes another.\n')
      say(`To do without keys again, remove ${shutOut} and start byok anew.\n`)
    }),
})
