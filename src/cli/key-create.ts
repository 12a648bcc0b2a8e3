import { defineCommand } from 'citty'
import { createKey } from '../core/clients/manage.ts'
import type { KeyScope } from '../core/clients/manage.ts'
import { parseDate } from '../core/config/fields.ts'
import { runCommandBody, UsageError } from './command.ts'
import { parseSpan } from './human-time.ts'
import { jsonArg, printJson } from './json.ts'
import { onKeyFile } from './key-file.ts'
import { CREATED, jsonOf } from './listed-key.ts'
import { configArgs, withByok } from './with-byok.ts'

export default defineCommand({
  meta: { name: 'create', description: 'Make a key. It is shown once; byok keeps only its hash' },
  args: {
    label: { type: 'positional', required: true, description: 'Its name in usage and logs, such as `laptop`' },
    ...configArgs,
    models: { type: 'string', valueHint: 'LIST', description: 'The models it is for, such as gpt-5,claude-*' },
    expires: { type: 'string', valueHint: 'TIME', description: 'When it ceases to work: 30d, or 2027-01-31' },
    'tokens-per-day': { type: 'string', valueHint: 'NUMBER', description: 'Tokens in and out together, a day' },
    'requests-per-day': { type: 'string', valueHint: 'NUMBER', description: 'Requests a day' },
    admin: { type: 'boolean', default: false, description: 'It may administer byok: /ui, /metrics, /health?verbose' },
    json: jsonArg,
  },
  run: (context) =>
    runCommandBody(context, async (args) => {
      const label = args.label.trim()
      if (label === '' || label.length > 100) throw new UsageError('name the key, with up to 100 characters.')
      const scope = scopeOf(args)
      const { key, created } = await withByok(args, (byok) =>
        onKeyFile(byok, (path) =>
          createKey(
            path,
            label,
            scope,
            byok.config.server.keys.map((one) => one.label),
          ),
        ),
      )
      if (args.json) {
        printJson({ key: key.reveal(), ...jsonOf({ ...created, source: CREATED }) })
      } else {
        // The key alone is on standard output, for a script to take.
        const say = args.quiet ? () => {} : (text: string) => void process.stderr.write(text)
        say(`The key ${JSON.stringify(label)}. It is shown this once; byok keeps only its hash.\n`)
        process.stdout.write(`${key.reveal()}\n`)
        say('From now on every request to this byok needs a key.\n')
      }
    }),
})

interface ScopeArgs {
  models?: string | undefined
  expires?: string | undefined
  'tokens-per-day'?: string | undefined
  'requests-per-day'?: string | undefined
  admin: boolean
}

function scopeOf(args: ScopeArgs): KeyScope {
  const tokens = numberOf(args, 'tokens-per-day')
  const requests = numberOf(args, 'requests-per-day')
  const models = args.models?.split(',').map((name) => name.trim())
  if (models?.includes('')) throw new UsageError('--models takes names with commas between them.')
  return {
    ...(args.admin && { admin: true }),
    ...(models && { models }),
    ...(args.expires !== undefined && { expires_at: momentOf(args.expires) }),
    ...((tokens ?? requests) !== undefined && {
      budget: {
        ...(tokens !== undefined && { tokens_per_day: tokens }),
        ...(requests !== undefined && { requests_per_day: requests }),
      },
    }),
  }
}

function numberOf(args: ScopeArgs, name: 'tokens-per-day' | 'requests-per-day'): number | undefined {
  const text = args[name]
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--${name} takes a whole number, not ${JSON.stringify(text)}.`)
  return Number(text)
}

function momentOf(text: string): number {
  const span = parseSpan(text)
  const moment = span === undefined ? parseDate(text) : Date.now() + span
  if (moment === undefined || !(moment > Date.now())) {
    throw new UsageError(`--expires takes a time to come, such as 30d or 2027-01-31, not ${JSON.stringify(text)}.`)
  }
  return Math.round(moment)
}
