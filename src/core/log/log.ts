import { resolve } from 'node:path'
import { coloured } from './color.ts'
import type { Config } from '../config/schema.ts'
import { expandHome } from '../home.ts'
import { flushErrorLines, writeErrorLine } from './error-lines.ts'
import { LogFile } from './log-file.ts'
import { plainText } from '../text/plain-text.ts'
import { mayHoldSecret, redact } from '../secrets/redact.ts'

export type LogFields = Record<string, string | number | boolean | undefined>

/** What byok logs to. Fields never hold a token, a key or a prompt. */
export interface Logger {
  error(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
}

/** A logger that may hold a file open. */
export type OwnLogger = Logger & {
  /** Resolves once every line is in the file. */
  close(): Promise<void>
}

const LEVELS = { silent: -999, error: 0, warn: 1, info: 3, debug: 4 } as const

/**
 * A logger to standard error: one JSON object a line, or consola's own form with `key=value` after the message on a
 * terminal; and to config's `log.file`, as JSON.
 */
export async function createLogger(config: Config['log'], env: Record<string, string | undefined>): Promise<OwnLogger> {
  const json = config.format === 'json' || (config.format === 'auto' && !process.stderr.isTTY)
  const terminal = json ? undefined : await terminalLogger(config.level, env)
  const file =
    config.file === undefined
      ? undefined
      : new LogFile(logFileOf(config.file, env), (fault) =>
          writeErrorLine(lineOf('error', 'the log file cannot be written', { fault }), true),
        )
  const write = (level: keyof Logger) => (message: string, fields?: LogFields) => {
    if (LEVELS[level] > LEVELS[config.level]) return
    const line = json || file ? lineOf(level, message, fields) : ''
    file?.write(line)
    if (!terminal) writeErrorLine(line, LEVELS[level] <= LEVELS.warn)
    else terminal[level](redact(plainText(fields ? `${message} ${formatFields(fields)}` : message)))
  }
  return {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    async close() {
      flushErrorLines()
      await file?.close()
    },
  }
}

/** consola takes a twentieth of a start to load, and lines of JSON have no use for it. */
async function terminalLogger(level: Config['log']['level'], env: Record<string, string | undefined>): Promise<Logger> {
  const { createConsola } = await import('consola')
  return createConsola({
    level: LEVELS[level],
    stdout: process.stderr,
    stderr: process.stderr,
    // Its own rule looks at standard output.
    fancy: coloured(process.stderr, env),
  })
}

/** A logger that keeps quiet, for byok inside another program. */
export const silentLogger: Logger = { error() {}, warn() {}, info() {}, debug() {} }

/** Where config's `log.file` is. */
export function logFileOf(file: string, env: Record<string, string | undefined>): string {
  return resolve(expandHome(file, env['HOME']))
}

function lineOf(level: keyof Logger, message: string, fields: LogFields = {}): string {
  const line = jsonLine(level, message, fields)
  // Hardly any line holds a secret: it is looked over at once, and each of its texts for itself only where one may.
  if (!line.includes('\\') && !mayHoldSecret(line)) return line
  const clean: LogFields = {}
  for (const [name, value] of Object.entries(fields)) clean[name] = typeof value === 'string' ? redact(value) : value
  return jsonLine(level, redact(message), clean)
}

function jsonLine(level: keyof Logger, message: string, fields: LogFields): string {
  // Joined from two: to put the fields into an object after others costs more than all else a line takes.
  const rest = JSON.stringify(fields)
  const first = JSON.stringify({ time: new Date().toISOString(), level, msg: message })
  return rest === '{}' ? first : `${first.slice(0, -1)},${rest.slice(1)}`
}

/** `key=value` for people, with quotes where it could be read otherwise. */
export function formatFields(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        `${key}=${typeof value === 'string' && !/^[\w./:@+-]+$/.test(value) ? JSON.stringify(value) : value}`,
    )
    .join(' ')
}
