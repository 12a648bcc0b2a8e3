import { basename } from 'node:path'
import { codeOf, isError, reasonOf } from '../log/fault.ts'
import { StoreError } from './errors.ts'

/** The file of usage records, beside the logins. */
export const USAGE_FILE = 'usage.db'

/** The low byte of SQLite's result codes; see https://www.sqlite.org/rescode.html. */
const names = new Map([
  [5, 'SQLITE_BUSY'],
  [6, 'SQLITE_LOCKED'],
  [11, 'SQLITE_CORRUPT'],
  [26, 'SQLITE_NOTADB'],
])

/** SQLite's primary result code: better-sqlite3 has its (extended) name in `code`, `node:sqlite` its number in `errcode`. */
export function sqliteCode(error: unknown): string | undefined {
  if (isError(error) && 'errcode' in error && typeof error.errcode === 'number') {
    return names.get(error.errcode & 0xff)
  }
  return codeOf(error)?.match(/^SQLITE_[A-Z]+/)?.[0]
}

/**
 * What a database failed with, as a {@link StoreError}; one that is that already stays as it is.
 *
 * @param where the database's path, or what else people know it by
 */
export function databaseError(error: unknown, where: string, path?: string): StoreError {
  if (error instanceof StoreError) return error
  const options = { path, cause: error }
  switch (sqliteCode(error)) {
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
      return corrupt(where, reasonOf(error), options)
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return new StoreError(
        'busy',
        `${where} is held by another process. Try again; if that goes on, stop the other byok.`,
        options,
      )
    default:
      return new StoreError(
        'unavailable',
        `${where} cannot be used: ${reasonOf(error)}. Check that it can be reached and written, and that there is room for it.`,
        options,
      )
  }
}

/** A file that is no database, or a broken one. */
export function corrupt(where: string, fault: string, options: { path?: string; cause?: unknown }): StoreError {
  // Who has lost records of usage alone has lost no login.
  const [what, then] = basename(options.path ?? where) === USAGE_FILE ? ['usage', ''] : ['token', ' and log in again']
  return new StoreError(
    'corrupt',
    `${where} is no usable ${what} database (${fault}). It was left as it is. Restore a backup of it, or move it away${then}.`,
    options,
  )
}
