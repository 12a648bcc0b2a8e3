import type { ArgsDef } from 'citty'
import type { Byok, ByokOptions } from '../core/byok.ts'

/** How much is said besides the answer. */
export const logArgs = {
  quiet: { type: 'boolean', description: 'Say only what went wrong' },
  verbose: { type: 'boolean', description: 'Say more than is usual, on standard error' },
} as const satisfies ArgsDef

/** What every command that reads the config takes. */
export const configArgs = {
  config: {
    type: 'string',
    alias: 'c',
    valueHint: 'FILE',
    description: "Config file, over the user's and the folder's",
  },
  db: {
    type: 'string',
    valueHint: 'PATH',
    description: 'File that holds logins, or the URL of a shared database (default: ~/.byok/tokens.db)',
  },
  ...logArgs,
} as const satisfies ArgsDef

export interface ConfigFlags {
  config?: string | undefined
  db?: string | undefined
  quiet?: boolean | undefined
  verbose?: boolean | undefined
  json?: boolean | undefined
}

/** Flags as a layer of the config. */
export function flagsOf({ db, quiet, verbose, json }: Omit<ConfigFlags, 'config'>): Record<string, unknown> {
  const level = quiet ? 'error' : verbose ? 'debug' : undefined
  const log = { ...(level !== undefined && { level }), ...(json && { format: 'json' }) }
  return { ...(db !== undefined && { db }), ...(Object.keys(log).length > 0 && { log }) }
}

/** Without what a command does with its own lines: for commands whose answer is what the files say. */
export function filesOf({ config, db }: ConfigFlags): ConfigFlags {
  return { config, db }
}

/** Runs a command's work on a byok that listens nowhere, and closes it however that ends. */
export async function withByok<T>(
  args: ConfigFlags,
  work: (byok: Byok) => Promise<T>,
  options: Pick<ByokOptions, 'flags' | 'configTexts' | 'store' | 'plugins' | 'routing' | 'hooks' | 'logger'> = {},
): Promise<T> {
  const { createByok } = await import('../index.ts')
  const byok = await createByok({ configFile: args.config, flags: flagsOf(args), ...options })
  try {
    for (const warning of byok.warnings) byok.logger.warn(warning)
    return await work(byok)
  } finally {
    await byok.close()
  }
}
