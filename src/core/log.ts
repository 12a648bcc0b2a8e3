import { createConsola } from 'consola'
import type { Config } from './config/schema.ts'

export type LogFields = Record<string, string | number | boolean | undefined>

/** What byok logs to. Fields never hold a token, a key or a prompt. */
export interface Logger {
  error(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
}

const LEVELS = { silent: -999, error: 0, warn: 1, info: 3, debug: 4 } as const

/**
 * A logger to standard error: one JSON object a line, or consola's own form with `key=value` after the message on a
 * terminal.
 */
export function createLogger(config: Config['log']): Logger {
  const json = config.format === 'json' || (config.format === 'auto' && !process.stderr.isTTY)
  const sink = createConsola({ level: LEVELS[config.level], stdout: process.stderr, stderr: process.stderr })
  if (json) {
    sink.setReporters([
      {
        log: ({ type, date, args }) => {
          const [message, fields] = args as [string, LogFields?]
          process.stderr.write(
            `${JSON.stringify({ time: date.toISOString(), level: type, msg: message, ...fields })}\n`,
          )
        },
      },
    ])
  }
  const write = (level: keyof Logger) => (message: string, fields?: LogFields) => {
    if (json) sink[level](message, fields)
    else sink[level](fields ? `${message} ${formatFields(fields)}` : message)
  }
  return { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') }
}

/** A logger that keeps quiet, for byok inside another program. */
export const silentLogger: Logger = { error() {}, warn() {}, info() {}, debug() {} }

function formatFields(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        `${key}=${typeof value === 'string' && !/^[\w./:@+-]+$/.test(value) ? JSON.stringify(value) : value}`,
    )
    .join(' ')
}
