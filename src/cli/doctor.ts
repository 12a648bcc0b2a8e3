import { defineCommand } from 'citty'
import { AuthError } from '../core/auth/error.ts'
import type { Byok } from '../core/byok.ts'
import { ConfigError } from '../core/config/index.ts'
import type { ConfigInput } from '../core/config/index.ts'
import { silentLogger } from '../core/log/log.ts'
import { plainText } from '../core/text/plain-text.ts'
import { PluginError } from '../core/plugin/check.ts'
import { createStandInStore, StoreError } from '../core/store/index.ts'
import { version } from '../core/version.ts'
import { runCommandBody } from './command.ts'
import { jsonArg, printJson } from './json.ts'
import { checkLogins, OneAccount, tryAccounts } from './doctor-accounts.ts'
import {
  checkCertificate,
  checkClock,
  checkDatabase,
  checkNode,
  checkOpenness,
  checkPermissions,
  checkPort,
  checkProxies,
  checkRecords,
} from './doctor-checks.ts'
import type { Finding } from './doctor-checks.ts'
import { configArgs, filesOf, flagsOf, withByok } from './with-byok.ts'
import type { ConfigFlags } from './with-byok.ts'

export default defineCommand({
  meta: { name: 'doctor', description: 'Look for what could keep byok from working, and say how to mend it' },
  args: {
    ...configArgs,
    accounts: { type: 'boolean', default: false, description: 'Ask each account for a word, which uses a few tokens' },
    json: jsonArg,
  },
  run: (context) =>
    runCommandBody(context, async (args) => {
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
  return plainText(`  ${MARKS[state]} ${check.padEnd(12)} ${message}${hint}\n`)
}

/** Everything that takes a config; what stops one check stops only those that need it. */
async function examine(args: ConfigFlags, asksAccounts: boolean): Promise<Finding[]> {
  let flags = flagsOf(filesOf(args))
  let examined: Examined
  const findings: Finding[] = []
  try {
    examined = await examineConfig(args, flags)
    findings.push({ check: 'config', state: 'ok', message: 'The config is valid.' }, ...examined.findings)
  } catch (error) {
    findings.push({ ...failureOf('config', error), fix: 'Mend what it names; `byok config validate` checks it.' })
    if (!(error instanceof PluginError)) return findings
    flags = { ...flags, plugins: [] }
    try {
      examined = await examineConfig(args, flags)
      findings.push(...examined.findings)
    } catch (again) {
      // It has settings for the plugin, or its logins there, and is of no use without it.
      if (again instanceof ConfigError || again instanceof StoreError) return findings
      throw again
    }
  }
  try {
    const { configTexts } = examined
    findings.push(...(await examineStore({ args, flags, configTexts, asksAccounts }, findings)))
  } catch (error) {
    findings.push({ ...failureOf('database', error), fix: 'Do what it says, or name another file with `db`.' })
  }
  return findings
}

interface Examined {
  /** What the config files said: one that is a pipe can be read once. */
  configTexts: Byok['configTexts']
  findings: Finding[]
}

/** What can be told without the logins. Warnings are findings here, not lines of the log. */
async function examineConfig(args: ConfigFlags, flags: ConfigInput): Promise<Examined> {
  return await withByok(
    args,
    async (byok) => {
      const { config, configTexts, warnings } = byok
      const findings = [
        ...warnings.map((message): Finding => ({ check: 'config', state: 'warn', message })),
        await checkPort(config.host, config.port),
        await checkPermissions(byok, process.env),
        ...(await checkProxies(byok, process.env)),
      ]
      return { configTexts, findings }
    },
    { flags, store: createStandInStore(), logger: silentLogger },
  )
}

/** The logins, and what is kept beside them. */
async function examineStore(
  {
    args,
    flags,
    configTexts,
    asksAccounts,
  }: Pick<Examined, 'configTexts'> & { args: ConfigFlags; flags: ConfigInput; asksAccounts: boolean },
  before: readonly Finding[],
): Promise<Finding[]> {
  const dates: number[] = []
  const one = new OneAccount()
  const asking = asksAccounts ? { plugins: [one.plugin], routing: { strategy: 'byok-doctor', max_attempts: 1 } } : {}
  return await withByok(
    args,
    async (byok) => {
      byok.hooks.hook('upstreamResponse', ({ headers }) => {
        const date = Date.parse(headers.get('date') ?? '')
        if (!Number.isNaN(date)) dates.push(date)
      })
      // Those about logins, which only this one has.
      const known = before.map(({ message }) => message)
      const warnings = byok.warnings.filter((message) => !known.includes(message))
      return [
        ...warnings.map((message): Finding => ({ check: 'config', state: 'warn', message })),
        checkOpenness(byok),
        ...(await checkCertificate(byok)),
        await checkDatabase(byok, process.env),
        ...(await checkRecords(byok)),
        ...(await accountsOf(byok, one, asksAccounts)),
        checkClock(dates, Date.now()),
      ]
    },
    { ...asking, flags, configTexts, logger: silentLogger },
  )
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
