import { closest, distance } from 'fastest-levenshtein'
import type { ArgsDef, CommandContext } from 'citty'
import { ListenError } from '../adapters/internal/listen-error.ts'
import { AuthError } from '../core/auth/error.ts'
import { ConfigError } from '../core/config/index.ts'
import { redact } from '../core/redact.ts'
import { PluginError } from '../core/registry.ts'
import { StoreError } from '../core/store/index.ts'

/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What a user can mend: shown as a sentence, without a stack. */
const EXPECTED = [UsageError, ConfigError, PluginError, ListenError, StoreError, AuthError]

/** Exit codes: 0 done, 1 failed, 2 the command line or config is wrong. */
function exitCodeOf(error: unknown): number {
  return error instanceof UsageError || error instanceof ConfigError ? 2 : 1
}

/**
 * Runs a command's body: refuses options it does not know, and ends the process with a clear word and a non-zero code when
 * it fails.
 */
export async function runCommandBody<T extends ArgsDef>(
  { args, cmd }: CommandContext<T>,
  body: () => Promise<void>,
): Promise<void> {
  try {
    const defined = typeof cmd.args === 'function' ? await cmd.args() : await cmd.args
    refuseUnknown(args, defined ?? {})
    await body()
  } catch (error) {
    if (EXPECTED.some((kind) => error instanceof kind) && error instanceof Error) {
      process.stderr.write(`byok: ${redact(error.message)}\n`)
    } else {
      process.stderr.write(
        `byok failed: ${redact(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`,
      )
    }
    process.exit(exitCodeOf(error))
  }
}

/** citty takes any option; a misspelt one would silently mean the default. */
function refuseUnknown(args: { _: string[] } & Record<string, unknown>, defined: ArgsDef): void {
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
  for (const name of Object.keys(args)) {
    if (name === '_' || known.has(name)) continue
    const near = closest(
      name,
      [...known.values()].filter((word) => word.length > 1),
    )
    const hint = near && distance(name, near) <= 2 ? ` Did you mean --${near}?` : ' See --help.'
    throw new UsageError(`unknown option ${name.length > 1 ? '--' : '-'}${name}.${hint}`)
  }
  const positionals = Object.values(defined).filter(({ type }) => type === 'positional').length
  const [extra] = args._.slice(positionals)
  if (extra !== undefined) throw new UsageError(`unexpected argument ${JSON.stringify(extra)}. See --help.`)
}
