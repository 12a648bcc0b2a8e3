import { stat } from 'node:fs/promises'
import { loadSqlite } from '../store/sqlite.ts'
import { readOthers } from './facts.ts'

/** {@link readOthers}, for what a query finds in an SQLite database, which is only read. */
export async function readOthersDatabase(path: string, sql: string): Promise<unknown[] | undefined> {
  return await readOthers(path, async () => {
    await stat(path)
    const db = (await loadSqlite()).openReadOnly(path)
    try {
      return db.prepare(sql).all()
    } finally {
      db.close()
    }
  })
}
