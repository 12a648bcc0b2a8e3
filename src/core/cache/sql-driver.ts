import type { Database } from 'db0'
import type { Driver } from 'unstorage'

const TABLE = `CREATE TABLE IF NOT EXISTS byok_cache (
  key TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
)`

/**
 * A small table in the database of the logins. unstorage's own driver for db0 prints a warning of its own at each start, and never
 * gets over a table that could not be made at the first try.
 */
export function sqlDriver(database: Database): Driver {
  let made: Promise<void> | undefined
  const ready = () =>
    (made ??= makeTable(database).catch((error: unknown) => {
      made = undefined
      throw error
    }))
  const rows = async (sql: string, ...values: string[]): Promise<Record<string, unknown>[]> => {
    await ready()
    const all = await database.prepare(sql).all(...values)
    return all.filter((row): row is Record<string, unknown> => typeof row === 'object' && row !== null)
  }
  const run = async (sql: string, ...values: string[]): Promise<void> => {
    await ready()
    await database.prepare(sql).run(...values)
  }
  const getItem = async (key: string) => {
    const [row] = await rows('SELECT value FROM byok_cache WHERE key = ?', key)
    return typeof row?.['value'] === 'string' ? row['value'] : null
  }
  return {
    name: 'byok-sql',
    getItem,
    hasItem: async (key) => (await getItem(key)) !== null,
    setItem: (key, value) =>
      run(
        'INSERT INTO byok_cache (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
        key,
        value,
      ),
    removeItem: (key) => run('DELETE FROM byok_cache WHERE key = ?', key),
    // Few rows: unstorage picks out those that are asked for.
    getKeys: async () => (await rows('SELECT key FROM byok_cache')).map(({ key }) => String(key)),
    dispose: () => database.dispose(),
  }
}

/** PostgreSQL fails one of two that make the same table at the same moment; the table is there then. */
async function makeTable(database: Database): Promise<void> {
  try {
    await database.exec(TABLE)
  } catch {
    await database.exec(TABLE)
  }
}
