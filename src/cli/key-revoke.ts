import { defineCommand } from 'citty'
import { revokeKey } from '../core/clients/manage.ts'
import { runCommandBody, UsageError } from './command.ts'
import { onKeyFile } from './key-file.ts'
import { configArgs, withByok } from './with-byok.ts'

export default defineCommand({
  meta: { name: 'revoke', description: 'Take a key back: it is refused from the next request on' },
  args: { label: { type: 'positional', required: true, description: 'Its name' }, ...configArgs },
  run: (context) =>
    runCommandBody(context, async () => {
      const { args } = context
      await withByok(args, (byok) => {
        if (byok.config.server.keys.some(({ label }) => label === args.label)) {
          throw new UsageError(
            `${JSON.stringify(args.label)} is a key of the config: take it out of server.keys there.`,
          )
        }
        return onKeyFile(byok, (path) => revokeKey(path, args.label))
      })
      process.stdout.write(`The key ${JSON.stringify(args.label)} is revoked.\n`)
    }),
})
