import { defineCommand } from 'citty'
import type { Byok } from '../core/byok.ts'
import type { Provider } from '../core/registry.ts'
import { runCommandBody, UsageError } from './command.ts'
import { findProvider } from './find-provider.ts'
import { jsonArg, printJson } from './json.ts'
import { sayer } from './say.ts'
import { configArgs, withByok } from './with-byok.ts'

export default defineCommand({
  meta: { name: 'logout', description: "Forget a provider's login" },
  args: {
    provider: { type: 'positional', required: true, description: 'Such as claude' },
    ...configArgs,
    json: jsonArg,
    account: { type: 'string', valueHint: 'NAME', description: 'Which login, where there are several' },
  },
  run: (context) =>
    runCommandBody(context, async (args) => {
      await withByok(args, async (byok) => {
        const provider = findProvider(byok, args.provider)
        const account = await forget(byok, provider, args.account)
        const keyRemains = Boolean(provider.config.api_key || provider.config.api_keys)
        if (args.json) printJson({ provider: provider.name, account, api_key_remains: keyRemains })
        const say = sayer(args)
        say(`Logged out of ${provider.title} (${account}).\n`)
        if (keyRemains) say(`An API key for ${provider.title} is still in use; \`byok status\` shows it.\n`)
      })
    }),
})

/** @returns which it was. @throws {UsageError} where it is not clear which, naming them. */
async function forget({ store }: Byok, { name, title }: Provider, wanted: string | undefined): Promise<string> {
  if (wanted !== undefined && (await store.delete(name, wanted))) return wanted
  const accounts = (await store.list(name)).map(({ account }) => account)
  const [only, ...more] = accounts
  if (only === undefined) throw new UsageError(`there is no login of ${title}.`)
  const list = accounts.join(', ')
  if (wanted !== undefined) {
    throw new UsageError(`there is no login ${JSON.stringify(wanted)} of ${title}. There is ${list}.`)
  }
  if (more.length > 0) throw new UsageError(`${title} has several logins: ${list}. Name one with --account.`)
  await store.delete(name, only)
  return only
}
