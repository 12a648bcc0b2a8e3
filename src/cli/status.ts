import { defineCommand } from 'citty'
import type { AccountStatus } from '../core/auth/auth.ts'
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
      const accounts = await withByok(args, (byok) => byok.auth.status())
      if (args.json) process.stdout.write(`${JSON.stringify(accounts.map(jsonOf), undefined, 2)}\n`)
      else if (accounts.length === 0) process.stdout.write('No provider is signed in to. Run `byok login`.\n')
      else process.stdout.write(`${await tableOf(accounts)}\n`)
    }),
})

function jsonOf({ provider, account, kind, state, expiresAt }: AccountStatus) {
  const expires_at = expiresAt === undefined ? null : new Date(expiresAt).toISOString()
  return { provider, account, kind, state, expires_at }
}

async function tableOf(accounts: AccountStatus[]): Promise<string> {
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

function healthOf({ provider, account, state, reason }: AccountStatus): string {
  if (state === 'ok') return 'ok'
  const why = reason === undefined ? '' : ` (${reason})`
  return `needs login${why}:\nbyok login ${provider} --account ${/^[\w.@+-]+$/.test(account) ? account : JSON.stringify(account)}`
}
