import type { ArgsDef } from 'citty'
import { isServerUrl } from '../core/address.ts'
import { UsageError } from './command.ts'

/** Where tools find byok, for the commands that tell them. */
export const urlArg = {
  url: { type: 'string', valueHint: 'URL', description: 'Where byok is (default: as config says it listens)' },
} as const satisfies ArgsDef

/**
 * Paths are put behind it and it goes into files of tools, none of which says what is wrong with it.
 * @throws {UsageError} for what is no address of a server
 */
export function checkUrl(url: string | undefined): void {
  if (url === undefined || isServerUrl(url)) return
  throw new UsageError(`--url takes an address such as http://localhost:8018, not ${JSON.stringify(url)}.`)
}

/**
 * A port that is another at each start is none that tools can be told.
 * @throws {UsageError} where config has none, and `--url` is not given
 */
export function checkKnownPort(url: string | undefined, { port }: { port: number }): void {
  if (url !== undefined || port !== 0) return
  throw new UsageError('config has byok take any free port (port: 0): give --url, or set `port`.')
}
