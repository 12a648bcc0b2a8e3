import { defineCommand } from 'citty'
import type { AccountStatus } from '../core/auth/auth.ts'
import type { Circuit } from '../core/routing/circuits.ts'
import { reportAccounts } from '../core/routing/report.ts'
import type { AccountReport } from '../core/routing/report.ts'
import { runCommandBody } from './command.ts'
import { relativeTime } from './human-time.ts'
import { configArgs, withByok } from './with-byok.ts'

export default defineCommand({
  meta: { name: 'status', description: 'Show which providers are signed in to, and how well they are' },
  args: {
    ...configArgs,
    json: { type: 'boolean', default: false, description: 'As JSON, for programs' },
  },
  run: (context) =>
    runCommandBody(context, async () => {
      const { args } = context
      const accounts = await withByok(args, async (byok) => {
        const reports = await reportAccounts({ ...byok, router: byok.routing })
        return (await byok.auth.status()).map((account): Shown => ({ ...account, resting: restsOf(account, reports) }))
      })
      if (args.json) process.stdout.write(`${JSON.stringify(accounts.map(jsonOf), undefined, 2)}\n`)
      else if (accounts.length === 0) process.stdout.write('No provider is signed in to. Run `byok login`.\n')
      else process.stdout.write(`${await tableOf(accounts)}\n`)
    }),
})

/** An account, and the models it rests for. */
type Shown = AccountStatus & { resting: Circuit[] }

function restsOf({ provider, kind, account }: AccountStatus, reports: AccountReport[]): Circuit[] {
  const report = reports.find((one) => one.provider === provider && one.kind === kind && one.account === account)
  return report?.circuits.filter(({ until }) => until > Date.now()) ?? []
}

function jsonOf({ provider, account, kind, state, expiresAt, resting }: Shown) {
  const expires_at = expiresAt === undefined ? null : new Date(expiresAt).toISOString()
  // Only where there is something to tell: what programs count on are the keys before it.
  const rests = resting.length > 0 && { resting: resting.map(restJson) }
  return { provider, account, kind, state, expires_at, ...rests }
}

function restJson({ model, cause, status, code, failures, until }: Circuit) {
  return { model, cause, status, code, failures, until: new Date(until).toISOString() }
}

async function tableOf(accounts: Shown[]): Promise<string> {
  const { default: Table } = await import('cli-table3')
  const table = new Table({
    head: ['Provider', 'Account', 'Signed in by', 'Token ends', 'Health'],
    style: { head: [], border: [] },
  })
  for (const status of accounts) {
    table.push([
      status.provider,
      status.account,
      status.kind === 'oauth' ? 'login' : 'API key',
      expiryOf(status),
      healthOf(status),
    ])
  }
  return table.toString()
}

function expiryOf({ kind, expiresAt, renews, state }: AccountStatus): string {
  if (expiresAt === undefined) return kind === 'api_key' ? 'never' : 'not known'
  if (!renews || state !== 'ok') return relativeTime(expiresAt)
  return expiresAt > Date.now() ? `${relativeTime(expiresAt)}, then renewed` : 'renewed when next used'
}

function healthOf({ provider, account, state, reason, resting }: Shown): string {
  if (state === 'ok') return resting.length === 0 ? 'ok' : resting.map(restOf).join('\n')
  const why = reason === undefined ? '' : ` (${reason})`
  return `needs login${why}:\nbyok login ${provider} --account ${/^[\w.@+-]+$/.test(account) ? account : JSON.stringify(account)}`
}

function restOf({ model, status, code, until }: Circuit): string {
  return `${model} rests (${status} ${code}): back ${relativeTime(until)}`
}
