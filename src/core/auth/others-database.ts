import { stat } from 'node:fs/promises'
import { codeOf } from '../fault.ts'
import { loadSqlite } from '../store/sqlite.ts'
import { AuthError } from './error.ts'

/**
 * What a query finds in another tool's SQLite database, which is only read; `undefined` where there is none.
 * @throws {AuthError} naming it; never a part of what it holds.
 */
export async function readOthersDatabase(path: string, sql: string): Promise<unknown[] | undefined> {
  try {
    await stat(path)
    const db = (await loadSqlite()).openReadOnly(path)
    try {
      return db.prepare(sql).all()
    } finally {
      db.close()
    }
  } catch (error) {
    const code = codeOf(error) ?? 'unknown fault'
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new AuthError(`${path} cannot be read (${code}).`, { code: 'unreadable' })
  }
}
