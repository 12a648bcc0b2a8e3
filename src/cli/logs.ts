import { defineCommand } from 'citty'
import { parseObject } from '../core/json/json.ts'
import { formatFields, logFileOf } from '../core/log/log.ts'
import type { LogFields } from '../core/log/log.ts'
import { plainLine } from '../core/text/plain-text.ts'
import { createStandInStore } from '../core/store/index.ts'
import { abortOnSignal } from './abort-on-signal.ts'
import { runCommandBody, UsageError } from './command.ts'
import { LogReader } from './log-reader.ts'
import { configArgs, withByok } from './with-byok.ts'

export default defineCommand({
  meta: { name: 'logs', description: "Show what byok logged to config's `log.file`" },
  args: {
    ...configArgs,
    follow: { type: 'boolean', alias: 'f', default: false, description: 'Go on showing what is added' },
    lines: {
      type: 'string',
      alias: 'n',
      default: '20',
      valueHint: 'NUMBER',
      description: 'How many of the last lines',
    },
    json: { type: 'boolean', default: false, description: 'The lines as they are' },
  },
  run: (context) =>
    runCommandBody(context, async (args) => {
      if (!/^\d{1,6}$/.test(args.lines))
        throw new UsageError(`-n, --lines takes a number, not ${JSON.stringify(args.lines)}.`)
      const store = createStandInStore()
      const { file } = await withByok(args, async ({ config }) => config.log, { store })
      if (file === undefined) {
        throw new UsageError('byok logs to no file: set `log.file` in the config, such as `file: ~/.byok/byok.log`.')
      }
      const log = new LogReader(logFileOf(file, process.env), (line) =>
        process.stdout.write(`${args.json ? line : shown(line)}\n`),
      )
      await log.last(Number(args.lines))
      if (!args.follow) return
      const stopped = abortOnSignal()
      await log.follow(stopped.signal)
      process.exitCode = stopped.exitCode()
    }),
})

/** A line for people: its time, its words, and the fields after them. */
function shown(line: string): string {
  const entry = parseObject(line)
  if (!entry) return plainLine(line)
  const { time, level, msg, ...rest } = entry
  const fields: LogFields = {}
  for (const [name, value] of Object.entries(rest)) {
    fields[name] = typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value)
  }
  return plainLine([time, String(level).toUpperCase().padEnd(5), msg, formatFields(fields)].join(' ').trimEnd())
}
