import { defineCommand } from 'citty'
import { AuthError } from '../core/auth/error.ts'
import type { Byok } from '../core/byok.ts'
import { ConfigError } from '../core/config/index.ts'
import { silentLogger } from '../core/log.ts'
import { PluginError } from '../core/registry.ts'
import { createStandInStore, StoreError } from '../core/store/index.ts'
import { version } from '../core/version.ts'
import { runCommandBody } from './command.ts'
import { jsonArg, printJson } from './json.ts'
import { checkLogins, OneAccount, tryAccounts } from './doctor-accounts.ts'
import { checkClock, checkDatabase, checkNode, checkPermissions, checkPort, checkProxies } from './doctor-checks.ts'
import type { Finding } from './doctor-checks.ts'
import { configArgs, filesOf, withByok } from './with-byok.ts'
import type { ConfigFlags } from './with-byok.ts'

export default defineCommand({
  meta: { name: 'doctor', description: 'Look for what could keep byok from working, and say how to mend it' },
  args: {
    ...configArgs,
    accounts: { type: 'boolean', default: false, description: 'Ask each account for a word, which uses a few tokens' },
    json: jsonArg,
  },
  run: (context) =>
    runCommandBody(context, async () => {
      const { args } = context
      const findings = [{ check: 'versions', state: 'ok', message: `byok ${version}` } as const, checkNode()]
      const all: Finding[] = [...findings, ...(await examine(args, args.accounts))]
      const ok = all.every(({ state }) => state !== 'fail')
      if (args.json) printJson({ ok, findings: all })
      else {
        const shown = args.quiet ? all.filter(({ state }) => state !== 'ok') : all
        process.stdout.write(shown.map(lineOf).join(''))
        if (!args.quiet) process.stdout.write(ok ? '\nNothing is broken.\n' : '\nSomething is broken; see above.\n')
      }
      if (!ok) process.exitCode = 1
    }),
})

const MARKS = { ok: '+', warn: '!', fail: 'x' }

function lineOf({ check, state, message, fix }: Finding): string {
  const hint = fix === undefined ? '' : `\n${' '.repeat(17)}fix: ${fix}`
  return `  ${MARKS[state]} ${check.padEnd(12)} ${message}${hint}\n`
}

/** Everything that takes a config; what stops one check stops only those that need it. */
async function examine(args: ConfigFlags, asksAccounts: boolean): Promise<Finding[]> {
  const findings: Finding[] = []
  try {
    await withByok(
      filesOf(args),
      async (byok) => {
        const { config, warnings } = byok
        findings.push({ check: 'config', state: 'ok', message: 'The config is valid.' })
        for (const message of warnings) findings.push({ check: 'config', state: 'warn', message })
        findings.push(await checkPort(config.host, config.port))
        findings.push(await checkPermissions(config.db, process.env))
        findings.push(...(await checkProxies(byok, process.env)))
      },
      { store: createStandInStore(), logger: silentLogger },
    )
  } catch (error) {
    findings.push({ ...failureOf('config', error), fix: 'Mend what it names; `byok config validate` checks it.' })
    return findings
  }
  try {
    const dates: number[] = []
    const one = new OneAccount()
    const asking = asksAccounts ? { plugins: [one.plugin], routing: { strategy: 'byok-doctor', max_attempts: 1 } } : {}
    await withByok(
      filesOf(args),
      async (byok) => {
        byok.hooks.hook('upstreamResponse', ({ headers }) => {
          const date = Date.parse(headers.get('date') ?? '')
          if (!Number.isNaN(date)) dates.push(date)
        })
        // Those about logins, which only this one has.
        const known = findings.map(({ message }) => message)
        for (const message of byok.warnings) {
          if (!known.includes(message)) findings.push({ check: 'config', state: 'warn', message })
        }
        findings.push(await checkDatabase(byok), ...(await accountsOf(byok, one, asksAccounts)))
        findings.push(checkClock(dates, Date.now()))
      },
      // Warnings are findings here, not lines of the log.
      { ...asking, logger: silentLogger },
    )
  } catch (error) {
    findings.push({ ...failureOf('database', error), fix: 'Do what it says, or name another file with `db`.' })
  }
  return findings
}

async function accountsOf(byok: Byok, one: OneAccount, asks: boolean): Promise<Finding[]> {
  const known = await checkLogins(byok)
  if (!asks) return known
  return [...known.filter(({ state }) => state !== 'ok'), ...(await tryAccounts(byok, one))]
}

/** @throws what is no fault of the setup. */
function failureOf(check: string, error: unknown): Finding {
  const expected = [ConfigError, PluginError, StoreError, AuthError].some((kind) => error instanceof kind)
  if (!expected || !(error instanceof Error)) throw error
  return { check, state: 'fail', message: error.message }
}
