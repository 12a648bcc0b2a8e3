import { defineCommand } from 'citty'
import type { AccountStatus } from '../core/auth/auth.ts'
import { signedInBy } from '../core/auth/credentials.ts'
import type { Circuit } from '../core/routing/circuits.ts'
import { reportAccounts, shownCircuit } from '../core/routing/report.ts'
import type { AccountReport } from '../core/routing/report.ts'
import type { Config } from '../core/config/schema.ts'
import { plainLine } from '../core/text/plain-text.ts'
import { runCommandBody } from './command.ts'
import { isoTime, jsonArg, printJson } from './json.ts'
import { relativeTime } from './human-time.ts'
import { tableOf } from './table.ts'
import { configArgs, withByok } from './with-byok.ts'

export default defineCommand({
  meta: { name: 'status', description: 'Show which providers are signed in to, and how well they are' },
  args: {
    ...configArgs,
    json: jsonArg,
  },
  run: (context) =>
    runCommandBody(context, async (args) => {
      const { accounts, routing } = await withByok(args, async (byok) => {
        const reports = await reportAccounts({ ...byok, router: byok.routing })
        const shown = (await byok.auth.status()).map((account): Shown => ({
          ...account,
          ...routedAs(account, reports),
        }))
        return { accounts: shown, routing: byok.config.routing }
      })
      if (args.json) printJson(accounts.map(jsonOf))
      else if (accounts.length === 0) process.stdout.write('No provider is signed in to. Run `byok login`.\n')
      else process.stdout.write(`${await accountsTable(accounts)}\n${wordsOf(routing)}\n`)
    }),
})

/** An account, its part in routing, and the models it has not served since it failed for them. */
type Shown = AccountStatus & Pick<AccountReport, 'weight' | 'priority' | 'circuits'>

function routedAs({ provider, kind, account }: AccountStatus, reports: AccountReport[]) {
  const report = reports.find((one) => one.provider === provider && one.kind === kind && one.account === account)
  return { weight: report?.weight ?? 1, priority: report?.priority ?? 0, circuits: report?.circuits ?? [] }
}

function jsonOf({ provider, account, kind, state, expiresAt, weight, priority, circuits }: Shown) {
  // Only where there is something to tell: what programs count on are the keys before it.
  return {
    provider,
    account,
    kind,
    state,
    expires_at: isoTime(expiresAt),
    ...(weight !== 1 && { weight }),
    ...(priority !== 0 && { priority }),
    ...(circuits.length > 0 && { circuits: circuits.map(shownCircuit) }),
  }
}

function wordsOf({ strategy, sticky }: Config['routing']): string {
  return `Routing: ${strategy}${sticky ? '; a conversation stays with its account while that can serve' : ''}.`
}

async function accountsTable(accounts: Shown[]): Promise<string> {
  // Where all are alike there is nothing to tell.
  const weighed = accounts.some(({ weight, priority }) => weight !== 1 || priority !== 0)
  const head = [
    'Provider',
    'Account',
    'Signed in by',
    'Token ends',
    ...(weighed ? ['Priority', 'Weight'] : []),
    'Health',
  ]
  const rows = accounts.map((status) => [
    status.provider,
    status.account,
    signedInBy(status),
    expiryOf(status),
    ...(weighed ? [status.priority, status.weight] : []),
    healthOf(status),
  ])
  return await tableOf(head, rows)
}

function expiryOf({ kind, expiresAt, renews, state }: AccountStatus): string {
  if (expiresAt === undefined) return kind === 'api_key' ? 'never' : 'not known'
  if (!renews || state !== 'ok') return relativeTime(expiresAt)
  return expiresAt > Date.now() ? `${relativeTime(expiresAt)}, then renewed` : 'renewed when next used'
}

function healthOf({ provider, account, state, reason, circuits }: Shown): string {
  if (state === 'ok') return circuits.length === 0 ? 'ok' : circuits.map(restOf).join('\n')
  const why = reason === undefined ? '' : ` (${reason})`
  return `needs login${why}:\nbyok login ${provider} --account ${/^[\w.@+-]+$/.test(account) ? account : JSON.stringify(account)}`
}

function restOf({ model: named, status, code, until }: Circuit): string {
  const model = plainLine(named)
  const why = `(${status} ${plainLine(code)})`
  return until > Date.now() ? `${model} rests ${why}: back ${relativeTime(until)}` : `${model} is tried next ${why}`
}
