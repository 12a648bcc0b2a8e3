import type { ArgsDef, CommandContext } from 'citty'
import { ListenError } from '../adapters/internal/listen-error.ts'
import { AuthError } from '../core/auth/error.ts'
import { ConfigError } from '../core/config/index.ts'
import { codeOf, reasonOf } from '../core/log/fault.ts'
import { didYouMean, nearestName } from '../core/text/nearest.ts'
import { plainText } from '../core/text/plain-text.ts'
import { redact } from '../core/secrets/redact.ts'
import { PluginError } from '../core/plugin/check.ts'
import { StoreError } from '../core/store/index.ts'
import { resolved } from './find-command.ts'
import { printJsonFault } from './json.ts'

/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What was asked for could not be had; the message says why. */
export class CommandFailure extends Error {
  override readonly name: string = 'CommandFailure'
}

/** A command that a plugin brought failed at its work: no setting is wrong for that. */
export class PluginCommandFailure extends PluginError {}

/** What a user can mend, with its `type` under `--json`: shown as a sentence, without a stack. */
const EXPECTED = [
  [UsageError, 'usage'],
  [ConfigError, 'config'],
  [PluginError, 'plugin'],
  [ListenError, 'listen'],
  [StoreError, 'store'],
  [AuthError, 'auth'],
  [CommandFailure, 'failed'],
] as const

/** Whether an error is for a person as it stands. */
export function isExpected(error: unknown): boolean {
  return EXPECTED.some(([kind]) => error instanceof kind)
}

/** Exit codes: 0 done, 1 failed, 2 the command line or config is wrong. */
function exitCodeOf(error: unknown): number {
  if (error instanceof PluginCommandFailure) return 1
  const isSetting = error instanceof ListenError && error.setting
  return isSetting || [UsageError, ConfigError, PluginError].some((kind) => error instanceof kind) ? 2 : 1
}

/**
 * Runs a command's body: refuses options it does not know, and ends the process with a clear word and a non-zero code when
 * it fails.
 */
export async function runCommandBody<T extends ArgsDef>(
  { args, cmd, data }: CommandContext<T>,
  body: (args: CommandContext<T>['args']) => Promise<void>,
): Promise<void> {
  try {
    const defined = await resolved(cmd.args)
    refuseUnknown(args, defined ?? {}, pathOf(data))
    await body(args)
  } catch (thrown) {
    const error = fileFault(thrown) ?? thrown
    tellFault(error, args['json'] === true)
    process.exit(exitCodeOf(error))
  }
}

/** What a disk, or who may use it, can be the reason of. A file that is not there is not among them: byok looks before it asks for one. */
const DISK = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'EEXIST',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
])

/** A file or folder that the machine does not let byok use: no fault of byok's own, and its user can mend it. */
function fileFault(error: unknown): CommandFailure | undefined {
  if (!(error instanceof Error) || !DISK.has(codeOf(error) ?? '')) return undefined
  const path = 'dest' in error ? error.dest : 'path' in error ? error.path : undefined
  if (typeof path !== 'string') return undefined
  const message = `${path} cannot be used: ${error.message}. Check that it can be read and written, and that there is room for it.`
  return new CommandFailure(message, { cause: error })
}

/** Says on standard error what went wrong; `crashed` where nobody was there to catch it. */
export function tellFault(error: unknown, json: boolean, crashed = false): void {
  const [, type] = EXPECTED.find(([kind]) => error instanceof kind) ?? []
  const message = redact(reasonOf(error))
  const stack = redact(error instanceof Error ? (error.stack ?? error.message) : reasonOf(error))
  if (json) {
    const problems = error instanceof ConfigError ? { problems: error.problems } : {}
    printJsonFault(type && !crashed ? { type, message, ...problems } : { type: 'internal', message, stack })
  } else if (type && !crashed) process.stderr.write(`byok: ${plainText(message)}\n`)
  else process.stderr.write(`byok ${crashed ? 'crashed' : 'failed'}: ${plainText(stack)}\n`)
}

/** Says that a person, or a signal, ended a login. */
export function tellCancelled(json: boolean): void {
  const message = 'Cancelled. Nothing was stored.'
  if (json) printJsonFault({ type: 'cancelled', message })
  else process.stderr.write(`${message}\n`)
}

/** The words that lead to a command, which it is handed besides what it parses. */
function pathOf(data: unknown): readonly string[] {
  return Array.isArray(data) ? data.map(String) : ['byok']
}

/** citty takes any option, and one option for the value of another: a misspelt one would silently mean the default. */
function refuseUnknown(
  args: { _: string[] } & Record<string, unknown>,
  defined: ArgsDef,
  path: readonly string[],
): void {
  const help = `See ${path.join(' ')} --help.`
  const known = wordsOf(defined)
  for (const name of Object.keys(args)) {
    if (name === '_' || known.has(name)) continue
    const words = [...known.values()].filter((word) => word.length > 1)
    const near = nearestName(name, words)
    const hint = near === undefined ? help : didYouMean(`--${near}`)
    throw new UsageError(`unknown option ${name.length > 1 ? '--' : '-'}${name}. ${hint}`)
  }
  const positionals = Object.values(defined).filter(({ type }) => type === 'positional').length
  const [extra] = args._.slice(positionals)
  if (extra !== undefined) throw new UsageError(`unexpected argument ${JSON.stringify(extra)}. ${help}`)
  for (const [name, { type, valueHint }] of Object.entries(defined)) {
    const value = args[name]
    if (type !== 'string' || typeof value !== 'string') continue
    const isOption = value.startsWith('-') && known.has(value.replace(/^--?/, ''))
    // What reads the config has a word of its own for a file without a name.
    const isEmpty = value === '' && name !== 'config'
    if (isOption || isEmpty) throw new UsageError(`--${name} needs a ${valueHint ?? 'value'}. ${help}`)
  }
}

/** Each way to write an option or argument, and its name. */
function wordsOf(defined: ArgsDef): Map<string, string> {
  const known = new Map<string, string>()
  for (const [name, definition] of Object.entries(defined)) {
    const alias = 'alias' in definition ? (definition.alias ?? []) : []
    for (const word of [name, ...(Array.isArray(alias) ? alias : [alias])]) {
      known.set(word, word)
      known.set(
        word.replace(/-(\w)/g, (_match, letter: string) => letter.toUpperCase()),
        word,
      )
    }
  }
  return known
}
