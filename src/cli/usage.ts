import { defineCommand } from 'citty'
import { GROUPS } from '../core/usage/database.ts'
import type { UsageGroup, UsageSum } from '../core/usage/database.ts'
import { plainLine } from '../core/text/plain-text.ts'
import { runCommandBody, UsageError } from './command.ts'
import { parseSpan } from './human-time.ts'
import { jsonArg, printJson } from './json.ts'
import { tableOf } from './table.ts'
import { configArgs, withByok } from './with-byok.ts'

export default defineCommand({
  meta: { name: 'usage', description: 'Show what was used: requests and tokens' },
  args: {
    ...configArgs,
    since: { type: 'string', default: '7d', valueHint: 'TIME', description: 'Such as 12h, 7d, 30d' },
    by: {
      type: 'string',
      default: 'model',
      valueHint: 'GROUP',
      description: `What to add up by: ${GROUPS.join(', ')}`,
    },
    json: jsonArg,
  },
  run: (context) =>
    runCommandBody(context, async (args) => {
      const by = groupOf(args.by)
      const since = Date.now() - spanOf(args.since)
      const { groups, total } = await withByok(args, async ({ usage }) => ({
        groups: (await usage?.sums(since, by)) ?? [],
        total: await usage?.total(since),
      }))
      if (args.json) {
        const text = {
          since: new Date(since).toISOString(),
          by,
          groups: groups.map(jsonOf),
          total: total && jsonOf(total),
        }
        printJson(text)
      } else if (groups.length === 0) {
        process.stdout.write(`Nothing was used in the last ${args.since}.\n`)
      } else {
        process.stdout.write(`${await sumsTable(by, groups, total)}\n`)
      }
    }),
})

function groupOf(text: string): UsageGroup {
  const group = GROUPS.find((name) => name === text)
  if (!group) throw new UsageError(`--by takes ${GROUPS.join(', ')}, not ${JSON.stringify(text)}.`)
  return group
}

function spanOf(text: string): number {
  const span = parseSpan(text)
  if (span === undefined || !(span > 0))
    throw new UsageError(`--since takes a time such as 12h or 7d, not ${JSON.stringify(text)}.`)
  return span
}

function jsonOf(sum: UsageSum) {
  return {
    key: sum.key,
    requests: sum.requests,
    errors: sum.errors,
    input_tokens: sum.input,
    output_tokens: sum.output,
    cached_tokens: sum.cachedInput,
    cache_write_tokens: sum.cacheWrite,
    reasoning_tokens: sum.reasoning,
    estimated_requests: sum.estimated,
    first_token_ms: sum.firstByteMs,
    duration_ms: sum.durationMs,
  }
}

async function sumsTable(by: UsageGroup, groups: UsageSum[], total: UsageSum | undefined): Promise<string> {
  const head = [by, 'Requests', 'Errors', 'Input', 'Cached', 'Output', 'Reasoning', 'First token', 'Duration']
  const rows = groups.map((sum) => rowOf(plainLine(sum.key ?? '-'), sum))
  if (total) rows.push(rowOf('Total', total))
  const table = await tableOf(
    head.map((word) => word.charAt(0).toUpperCase() + word.slice(1)),
    rows,
    (column) => column > 0,
  )
  const estimated = total?.estimated ?? 0
  if (estimated === 0) return table
  return `${table}\nOf ${estimated} of the requests the provider did not tell the tokens, which are estimates.`
}

function rowOf(name: string, sum: UsageSum): string[] {
  const counts = [sum.requests, sum.errors, sum.input, sum.cachedInput, sum.output, sum.reasoning]
  const times = [sum.firstByteMs, sum.requests > 0 ? sum.durationMs : null]
  return [
    name,
    ...counts.map((count) => count.toLocaleString('en')),
    ...times.map((time) => (time === null ? '-' : `${(time / 1000).toFixed(1)} s`)),
  ]
}
