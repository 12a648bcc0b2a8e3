import { existsSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { createDatabase } from 'db0'
import { z } from 'zod'
import { codeOf } from '../log/fault.ts'
import { LOCK_TIMEOUT_MS } from './busy.ts'
import { StoreError } from './errors.ts'
import { checkVersion } from './migrations.ts'
import type { Migration } from './migrations.ts'
import type { ReadOnlyDatabase, SqliteDriver } from './sqlite.ts'
import { corrupt, databaseError } from './sqlite-error.ts'

/** How every SQLite file begins; see https://www.sqlite.org/fileformat.html. */
const MAGIC = 'SQLite format 3\0'

/** Whether there is a database to read: neither a missing file nor one of no bytes is one. */
export async function hasContent(path: string): Promise<boolean> {
  return (await readStart(path)) !== ''
}

/** Refuses a path below a file: no database can ever be made there. */
export async function inspectPlace(path: string): Promise<void> {
  try {
    await stat(path)
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') throw databaseError(error, path, path)
  }
}

/**
 * Refuses a file that is not byok's to open (no SQLite, damaged, a newer byok's, another program's) without changing a
 * byte of it. A missing or empty file is fine.
 */
export async function inspectFile(driver: SqliteDriver, path: string, steps?: Migration[]): Promise<void> {
  const start = await readStart(path)
  if (start === '') return
  if (start !== MAGIC) throw corrupt(path, 'file is not a database', { path })
  const inUse = existsSync(`${path}-wal`)
  let db: ReadOnlyDatabase | undefined
  try {
    db = driver.openReadOnly(path)
    db.prepare(`PRAGMA busy_timeout = ${LOCK_TIMEOUT_MS}`).all()
    inspect(db, path, steps)
  } catch (error) {
    db?.close()
    db = undefined
    const refusal = databaseError(error, path, path)
    if (!inUse && (refusal.code === 'newer_version' || refusal.code === 'not_a_token_store')) await tidy(driver, path)
    throw refusal
  } finally {
    db?.close()
  }
}

/**
 * Takes away the empty `-wal` and the `-shm` that reading leaves beside a database: who may only read is not allowed to, so one who may
 * write opens and closes it. SQLite does so itself, and thus not where another program has it open by now.
 */
async function tidy(driver: SqliteDriver, path: string): Promise<void> {
  const db = createDatabase(driver.connector(path))
  try {
    await db.prepare('SELECT COUNT(*) FROM sqlite_master').get()
  } catch {
    // A file that nobody may write: what stays beside it is harmless.
  } finally {
    await db.dispose()
  }
}

const checkRow = z.object({ quick_check: z.string() })
const nameRow = z.object({ name: z.string() })

function inspect(db: ReadOnlyDatabase, path: string, steps?: Migration[]): void {
  const fault = checkRow.parse(db.prepare('PRAGMA quick_check(1)').all()[0]).quick_check
  if (fault !== 'ok') throw corrupt(path, fault.replaceAll(/\s+/g, ' '), { path })
  const tables = db.prepare(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite^_%' ESCAPE '^'`,
  )
  const names = tables.all().map((row) => nameRow.parse(row).name)
  if (names.includes('byok_migrations')) {
    checkVersion(db.prepare('SELECT MAX(version) AS version FROM byok_migrations').all()[0], path, path, steps)
  } else if (names.length > 0) {
    throw new StoreError(
      'not_a_token_store',
      `${path} is another program's database: it holds the table ${names[0]}. It was left as it is. Name another file for byok's logins.`,
      { path },
    )
  }
}

/** The first bytes as text; empty where there is no file. */
async function readStart(path: string): Promise<string> {
  try {
    const file = await open(path, 'r')
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0)
      return buffer.toString('latin1', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''
    throw databaseError(error, path, path)
  }
}
