import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Database } from 'db0'
import { openDatabaseFile, prepareGivenDatabase } from './database.ts'
import { hasContent, inspectPlace } from './inspect-file.ts'
import { type Keychain, systemKeychain } from './keychain.ts'
import type { OnWarning } from './permissions.ts'
import { type DatabaseSource, StoreSession } from './session.ts'
import { SqlTokenStore } from './sql-store.ts'
import type { SqliteLoaders } from './sqlite.ts'
import type { KeyPlaces } from './store-key.ts'
import type { TokenStore } from './types.ts'

export type TokenStoreOptions = FileStoreOptions | GivenDatabaseOptions

/** A store in an SQLite file. */
export interface FileStoreOptions {
  /** The database's file; `~` is not expanded here. Its directory is made when the first login is stored. */
  path: string
  database?: undefined
  /**
   * The file that holds the encryption key; made with the first login. Where given, it is the only place: the keychain is
   * neither asked nor changed. Default: `key` beside the database, and that only where the keychain does not serve.
   */
  keyFile?: string
  /** Whether a new store's key goes to the system's keychain where there is one, or a keychain to use. Default `true`. */
  keychain?: boolean | Keychain
  /** Told, for one, of files that were open to other users, after that was mended. Default: nobody is told. */
  onWarning?: OnWarning
  /** How SQLite libraries are loaded; for tests. */
  loaders?: SqliteLoaders
}

/** A store in a database that the embedding program opened, and closes. */
export interface GivenDatabaseOptions {
  /** From db0's `createDatabase`: PostgreSQL, libSQL or SQLite. Tables are named `byok_…`. */
  database: Database
  path?: undefined
  /** Whether closing the store closes the database too. Default no. */
  disposes?: boolean
  /** The file that holds the encryption key; made with the first login. Machines that share accounts need copies of one. */
  keyFile: string
  onWarning?: OnWarning
}

/**
 * Opens a token store. A file that exists is checked at once, and its key found, so that what is wrong with either shows
 * here. One that does not exist is not made before the first {@link TokenStore.put}: until then the store reads as empty and
 * leaves nothing behind.
 *
 * @throws StoreError
 */
export async function openTokenStore(options: TokenStoreOptions): Promise<TokenStore> {
  const onWarning = options.onWarning ?? (() => {})
  const session =
    options.database === undefined
      ? fileSession(options, onWarning)
      : givenSession(options, options.database, onWarning)
  try {
    if (options.path !== undefined) await inspectPlace(resolve(options.path))
    await session.verify()
  } catch (error) {
    await session.close()
    throw error
  }
  return new SqlTokenStore(session)
}

function fileSession(options: FileStoreOptions, onWarning: OnWarning): StoreSession {
  const path = resolve(options.path)
  const keyFile = options.keyFile === undefined ? join(dirname(path), 'key') : resolve(options.keyFile)
  const source: DatabaseSource = {
    where: path,
    path,
    // Asked with each request while nobody has signed in.
    exists: async () => existsSync(path) && (await hasContent(path)),
    identity: () => identityOf(path),
    open: () => openDatabaseFile({ path, keyFile, onWarning, loaders: options.loaders }),
    dispose: (db) => db.dispose(),
  }
  return new StoreSession(source, { file: keyFile, onWarning, ...keychainOf(options) })
}

/** Which file is at a path; `undefined` where there is none. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev} ${found.ino}`
}

function keychainOf({ keyFile, keychain = true }: FileStoreOptions): Pick<KeyPlaces, 'keychain' | 'noKeychain'> {
  if (keyFile !== undefined) return { keychain: undefined, noKeychain: 'not asked, because a key file is named' }
  if (keychain === false) return { keychain: undefined, noKeychain: 'not asked, because the keychain is switched off' }
  return { keychain: keychain === true ? systemKeychain() : keychain, noKeychain: '' }
}

function givenSession(options: GivenDatabaseOptions, database: Database, onWarning: OnWarning): StoreSession {
  const where = `the ${database.dialect} database`
  const source: DatabaseSource = {
    where,
    exists: async () => true,
    open: async () => {
      await prepareGivenDatabase(database, where)
      return database
    },
    dispose: async (db) => {
      if (options.disposes) await db.dispose()
    },
  }
  const noKeychain = 'not asked for a database that is shared'
  return new StoreSession(source, { file: resolve(options.keyFile), keychain: undefined, noKeychain, onWarning })
}
