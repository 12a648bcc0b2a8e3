import { defineCommand } from 'citty'
import { oauthOf } from '../core/auth/method.ts'
import type { Byok } from '../core/byok.ts'
import { plainText } from '../core/text/plain-text.ts'
import type { Provider } from '../core/registry.ts'
import { StoreError } from '../core/store/index.ts'
import { abortOnSignal } from './abort-on-signal.ts'
import { runCommandBody, UsageError } from './command.ts'
import { findProvider } from './find-provider.ts'
import { jsonArg, printJson } from './json.ts'
import { sayer } from './say.ts'
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
    json: jsonArg,
  },
  run: (context) =>
    runCommandBody(context, async (args) => {
      const abort = abortOnSignal()
      try {
        await withByok(args, async (byok) => {
          const providers = sourcesOf(byok, args.provider)
          const found: Found[] = []
          const failures: Failure[] = []
          for (const provider of providers) {
            const outcome = await importFrom(byok, provider, args.force, abort.signal)
            found.push(...outcome.found)
            failures.push(...outcome.failures)
          }
          if (args.json) printJson({ logins: found.map(({ renews: _, ...login }) => login), failures })
          const say = sayer(args)
          for (const login of found) say(linesOf(login))
          // What went wrong is said under --quiet too.
          if (!args.json) for (const { provider, message } of failures) process.stderr.write(lineOf(provider, message))
          if (found.length === 0 && failures.length === 0) {
            say(`No login was found of ${providers.map(({ title }) => title).join(', ')}.\n`)
          }
          if (failures.length > 0) process.exitCode = 1
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

/** A login that was found, and what became of it. */
interface Found {
  provider: string
  account: string
  /** The tool, or its file. */
  source: string
  /** `kept`: byok has one of that name, which still works. */
  result: 'imported' | 'kept'
  /** Whether there is a refresh token, which some providers take only once. */
  renews: boolean
}

interface Failure {
  provider: string
  message: string
}

async function importFrom(
  byok: Byok,
  provider: Provider,
  force: boolean,
  signal: AbortSignal,
): Promise<{ found: Found[]; failures: Failure[] }> {
  const { name } = provider
  const { logins, failures: unreadable } = await byok.auth.existing(provider, signal)
  const failures = unreadable.map(({ message }): Failure => ({ provider: name, message }))
  const found: Found[] = []
  for (const { source, ...login } of logins) {
    const { tokens } = login
    const renews = tokens.refreshToken !== undefined && tokens.accessToken !== tokens.refreshToken
    try {
      const { account, result } = await byok.auth.takeOver(provider, login, { force })
      found.push({ provider: name, account, source, result, renews })
    } catch (error) {
      // Of one login; what is wrong with the store itself would be so with the next too.
      if (!(error instanceof StoreError) || error.code !== 'bad_record') throw error
      failures.push({ provider: name, message: `${source}: ${error.message}` })
    }
  }
  return { found, failures }
}

function linesOf({ provider, account, source, result, renews }: Found): string {
  const lines =
    result === 'kept'
      ? [`${account} is signed in already; left as it is (--force replaces it)`]
      : [
          `${account} taken over from ${source}`,
          ...(renews
            ? [
                '  Where it uses that login too, one of the two may have to sign in again: some providers take a',
                "  refresh token only once. `byok login` makes a login of byok's own.",
              ]
            : []),
        ]
  return lines.map((line) => lineOf(provider, line)).join('')
}

function lineOf(provider: string, text: string): string {
  return plainText(`${provider.padEnd(12)} ${text}\n`)
}
