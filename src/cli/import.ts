import { defineCommand } from 'citty'
import type { Existing } from '../core/auth/context.ts'
import { AuthError } from '../core/auth/error.ts'
import { oauthOf } from '../core/auth/method.ts'
import type { Byok } from '../core/byok.ts'
import type { Provider } from '../core/registry.ts'
import { abortOnSignal } from './abort-on-signal.ts'
import { runCommandBody, UsageError } from './command.ts'
import { findProvider } from './find-provider.ts'
import { configArgs, withByok } from './with-byok.ts'

export default defineCommand({
  meta: {
    name: 'import',
    description: "Take over logins of the vendors' own tools on this machine; their files are only read",
  },
  args: {
    provider: { type: 'positional', required: false, description: 'Such as claude; without it, all of them' },
    ...configArgs,
    force: { type: 'boolean', default: false, description: 'Replace logins of the same name that still work' },
  },
  run: (context) =>
    runCommandBody(context, async () => {
      const { args } = context
      const abort = abortOnSignal()
      try {
        await withByok(args, async (byok) => {
          const providers = sourcesOf(byok, args.provider)
          const counts = { found: 0, failed: 0 }
          for (const provider of providers) await importFrom(byok, provider, args.force, counts, abort.signal)
          if (counts.found === 0 && counts.failed === 0) {
            process.stdout.write(`No login was found of ${providers.map(({ title }) => title).join(', ')}.\n`)
          }
          if (counts.failed > 0) process.exitCode = 1
        })
      } finally {
        abort.stop()
      }
    }),
})

function sourcesOf(byok: Byok, name: string | undefined): Provider[] {
  const all = byok.registry.providers.filter(({ plugin }) => oauthOf(plugin.auth)?.existing)
  if (name === undefined) return all
  const provider = findProvider(byok, name)
  if (all.includes(provider)) return [provider]
  const names = all.map((one) => one.name).join(', ')
  throw new UsageError(`byok knows no tool to take a login of ${provider.title} from. It knows those of ${names}.`)
}

async function importFrom(
  byok: Byok,
  provider: Provider,
  force: boolean,
  counts: { found: number; failed: number },
  signal: AbortSignal,
): Promise<void> {
  const say = (text: string) => void process.stdout.write(`${provider.name.padEnd(12)} ${text}\n`)
  let logins: Existing[]
  try {
    logins = await byok.auth.existing(provider, signal)
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    counts.failed += 1
    return say(error.message)
  }
  for (const { source, ...login } of logins) {
    counts.found += 1
    const old = await byok.store.get(provider.name, login.account)
    if (old?.state === 'ok' && !force) {
      say(`${login.account} is signed in already; left as it is (--force replaces it)`)
      continue
    }
    await byok.auth.keep(provider, login)
    say(`${login.account} taken over from ${source}`)
    if (login.tokens.refreshToken && login.tokens.accessToken !== login.tokens.refreshToken) {
      say('  Where it uses that login too, one of the two may have to sign in again: some providers take a')
      say("  refresh token only once. `byok login` makes a login of byok's own.")
    }
  }
}
