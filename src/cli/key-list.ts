import { defineCommand } from 'citty'
import { readCreatedKeys } from '../core/clients/created-keys.ts'
import { runCommandBody } from './command.ts'
import { jsonArg, printJson } from './json.ts'
import { relativeTime } from './human-time.ts'
import { onKeyFile } from './key-file.ts'
import { CREATED, jsonOf, stateOf } from './listed-key.ts'
import type { ListedKey } from './listed-key.ts'
import { tableOf } from './table.ts'
import { configArgs, withByok } from './with-byok.ts'

const HEAD = ['Key', 'From', 'State', 'For', 'A day', 'Ends']

export default defineCommand({
  meta: { name: 'list', description: 'Show the keys that clients may send, those of config too' },
  args: { ...configArgs, json: jsonArg },
  run: (context) =>
    runCommandBody(context, async (args) => {
      const keys = await withByok(args, async (byok) => {
        const configured = byok.config.server.keys.map((key): ListedKey => ({ ...key, source: 'config' }))
        const created = await onKeyFile(byok, readCreatedKeys)
        return [...configured, ...created.map((key): ListedKey => ({ ...key, source: CREATED }))]
      })
      if (args.json) printJson(keys.map(jsonOf))
      else if (keys.length === 0)
        process.stdout.write('There are no keys: byok answers every program on this machine.\n')
      else process.stdout.write(`${await tableOf(HEAD, keys.map(rowOf))}\n`)
    }),
})

function rowOf(key: ListedKey): string[] {
  const { tokens_per_day: tokens, requests_per_day: requests } = key.budget ?? {}
  const limits = [tokens !== undefined && `${tokens} tokens`, requests !== undefined && `${requests} requests`]
  return [
    key.label,
    key.source,
    stateOf(key),
    `${key.models?.join(', ') ?? 'all models'}${key.admin ? ', admin' : ''}`,
    limits.filter((limit) => limit !== false).join(', ') || 'no limit',
    key.expires_at === undefined ? 'never' : relativeTime(key.expires_at),
  ]
}
