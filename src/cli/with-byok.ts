import type { ArgsDef } from 'citty'
import type { Byok } from '../core/byok.ts'

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
} as const satisfies ArgsDef

export interface ConfigFlags {
  config?: string | undefined
  db?: string | undefined
}

/** Runs a command's work on a byok that listens nowhere, and closes it however that ends. */
export async function withByok<T>({ config, db }: ConfigFlags, work: (byok: Byok) => Promise<T>): Promise<T> {
  const { createByok } = await import('../index.ts')
  const byok = await createByok({ configFile: config, flags: db === undefined ? {} : { db } })
  try {
    for (const warning of byok.warnings) byok.logger.warn(warning)
    return await work(byok)
  } finally {
    await byok.close()
  }
}
