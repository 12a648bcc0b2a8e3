import { ConfigError } from '../config/problem.ts'
import type { Plugin } from '../plugin/plugin.ts'
import { StoreError } from './errors.ts'
import { locateStore } from './locate.ts'
import type { StoreLocation } from './locate.ts'
import { storesOf } from './of-plugins.ts'

/** Where each setting is from, by its path: see {@link import('../byok.ts').Byok.sources}. */
type Sources = ReadonlyMap<string, string>

/** Where config's `db` leads, the places that plugins offer among them. @throws {StoreError} `bad_location` */
export function locationOf(
  { db }: { db: string },
  plugins: readonly Plugin[],
  env: Record<string, string | undefined>,
): StoreLocation {
  return locateStore(db, { env, stores: storesOf(plugins) })
}

/**
 * Opens what a setting names the place of.
 *
 * @throws {ConfigError} with file and line, where that is no place; whatever else `open` throws, as it is.
 */
export async function openAt<T>(key: 'db' | 'cache', sources: Sources, open: () => T | Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'bad_location') throw error
    const [, file, line] = /^(.*):(\d+)$/.exec(sources.get(key) ?? '') ?? []
    const origin = file === undefined ? { source: sources.get(key) ?? 'config' } : { source: file, line: Number(line) }
    throw new ConfigError([{ ...origin, key, message: error.message }])
  }
}
