import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createStorage } from 'unstorage'
import type { Driver, Storage } from 'unstorage'
import fsLiteDriver from 'unstorage/drivers/fs-lite'
import type { Config } from '../config/schema.ts'
import type { Logger } from '../log/log.ts'
import type { StoreLocation } from '../store/locate.ts'
import { memoryDriver } from './memory-driver.ts'
import { redisDriver } from './redis-driver.ts'
import { sqlDriver } from './sql-driver.ts'

/** What byok remembers besides logins and usage. All of it may be lost at any time. */
export interface Cache {
  /** Outlasts a restart: rests, lists of models, what clients used today. No secrets, no prompts. */
  kept: Storage
  /** Whether other processes read and write {@link Cache.kept}. */
  keptShared: boolean
  /** Prompts and answers: in memory, byok's own or Redis's, and never on this machine's disk. */
  memory: Storage
  /** Whether other processes read and write {@link Cache.memory}. */
  memoryShared: boolean
  close(): Promise<void>
}

export interface CacheParts {
  config: Pick<Config, 'cache' | 'responses'>
  /** Where logins are; `undefined` where the store was given, so that there is no folder to keep files in. */
  location: StoreLocation | undefined
  env: Record<string, string | undefined>
  /** The memory of all processes that serve as one. */
  shared: Driver | undefined
  logger: Logger
}

/**
 * Opens what config says: Redis for all of it; else the database of the logins where that is shared, else files beside it, and
 * memory.
 *
 * @throws {StoreError} where the location cannot be read or its package is missing; never because a server does not answer.
 */
export async function openCache({ config, location, env, shared, logger }: CacheParts): Promise<Cache> {
  if (config.cache !== undefined) {
    const storage = createStorage({ driver: await redisDriver(config.cache, { env, logger }) })
    return { kept: storage, keptShared: true, memory: storage, memoryShared: true, close: () => storage.dispose() }
  }
  const kept = createStorage({ driver: await keptDriver(location) })
  const memory = createStorage({ driver: shared ?? memoryDriver(config.responses) })
  return {
    kept,
    // A folder is its users': every byok of theirs has the same.
    keptShared: location !== undefined,
    memory,
    memoryShared: shared !== undefined,
    async close() {
      // One that was given is the giver's to close.
      if (!shared) await memory.dispose()
      await kept.dispose()
    },
  }
}

async function keptDriver(location: StoreLocation | undefined): Promise<Driver | undefined> {
  if (!location) return undefined
  if (location.openDatabase) return sqlDriver(await location.openDatabase())
  return fileDriver(join(location.folder, 'cache'))
}

/**
 * Files below a folder, such as `~/.byok/cache`, which may be the first thing in byok's: they name accounts, so that they are their
 * owner's alone. unstorage leaves that to the umask.
 */
export function fileDriver(base: string): Driver {
  // unstorage's types of single drivers do not resolve under NodeNext.
  const driver = fsLiteDriver({ base }) as Driver
  return {
    ...driver,
    async setItem(key, value) {
      const names = key.split(':')
      if (names.includes('..')) throw new Error(`${JSON.stringify(key)} is no place in the cache`)
      // Where unstorage looks for it.
      const path = join(base, ...names)
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await writeFile(path, value, { mode: 0o600 })
    },
  }
}
