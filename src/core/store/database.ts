import { mkdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { createDatabase, type Database } from 'db0'
import { oneAtATime } from '../async/one-at-a-time.ts'
import { LOCK_TIMEOUT_MS, whileBusy } from './busy.ts'
import { StoreError } from './errors.ts'
import { inspectFile } from './inspect-file.ts'
import { migrate } from './migrations.ts'
import type { Migration } from './migrations.ts'
import { createPrivateFile, type OnWarning, tightenDirectory, tightenFiles } from './permissions.ts'
import { loadSqlite, type SqliteLoaders } from './sqlite.ts'
import { databaseError } from './sqlite-error.ts'

export interface DatabaseFileOptions {
  path: string
  /** The key file's name, where it lies beside the database. */
  keyFile: string
  onWarning: OnWarning
  loaders?: SqliteLoaders
  /** The steps of its schema. Default: those of the logins. */
  migrations?: Migration[]
}

/**
 * Opens byok's SQLite file for reading and writing, made if need be: directory 0700, files 0600, schema up to date.
 *
 * @throws StoreError with the file as it was, if it is damaged, a newer byok's or another program's
 */
export function openDatabaseFile(options: DatabaseFileOptions): Promise<Database> {
  return alone(async () => {
    try {
      return await whileBusy(() => openFile(options))
    } catch (error) {
      throw databaseError(error, options.path, options.path)
    }
  })
}

async function openFile({ path, keyFile, onWarning, loaders, migrations }: DatabaseFileOptions): Promise<Database> {
  const driver = await loadSqlite(loaders)
  const directory = dirname(path)
  const files = [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await inspectFile(driver, path, migrations)
  // SQLite gives the files beside it the mode of the database, so this one is made by byok, before anything is in it.
  await createPrivateFile(path)
  await tightenDirectory(
    directory,
    [...files, keyFile].map((file) => basename(file)),
    onWarning,
  )
  await tightenFiles(files, onWarning)

  const db = createDatabase(driver.connector(path))
  try {
    await db.exec(`PRAGMA busy_timeout = ${LOCK_TIMEOUT_MS}`)
    // SQLite does not wait, whatever its time-out, when two processes turn on WAL at once.
    await whileBusy(() => db.exec('PRAGMA journal_mode = WAL'))
    // FULL: in WAL mode anything less may lose the last writes when the machine loses power.
    await db.exec('PRAGMA synchronous = FULL')
    await db.exec('PRAGMA foreign_keys = ON')
    await migrate(db, path, path, migrations)
    return db
  } catch (error) {
    await db.dispose()
    throw error
  }
}

/** Readies a database that the embedding program opened. */
export async function prepareGivenDatabase(db: Database, where: string): Promise<void> {
  if (db.dialect === 'mysql') {
    throw new StoreError('unsupported_database', 'byok keeps logins in SQLite, libSQL or PostgreSQL, not in MySQL.')
  }
  await alone(async () => {
    try {
      await whileBusy(() => migrate(db, where))
    } catch (error) {
      throw databaseError(error, where)
    }
  })
}

/** Two stores of one process that migrate at once would only be in each other's way. */
const alone = oneAtATime()
