import type { Database } from 'db0'
import { z } from 'zod'
import { StoreError } from './errors.ts'

/** One step of the schema. Steps are never edited once released; a change is a new step. */
export interface Migration {
  /** 1, 2, 3 and so on. */
  version: number
  /** One statement each, for SQLite and PostgreSQL alike, and harmless when run twice: libSQL has no transaction here. */
  statements: string[]
}

/*
 * Times are Unix milliseconds. `secret` is sealed JSON (secret-box.ts), `metadata` JSON in the clear.
 */
const migrations: Migration[] = [
  {
    version: 1,
    statements: [
      `CREATE TABLE IF NOT EXISTS byok_meta (
        name TEXT PRIMARY KEY NOT NULL,
        value TEXT NOT NULL
      )`,
      `CREATE TABLE IF NOT EXISTS byok_accounts (
        provider TEXT NOT NULL,
        account TEXT NOT NULL,
        kind TEXT NOT NULL,
        secret TEXT NOT NULL,
        expires_at BIGINT,
        metadata TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        lease_owner TEXT,
        lease_until BIGINT,
        PRIMARY KEY (provider, account)
      )`,
    ],
  },
]

const RECORD_TABLE = `CREATE TABLE IF NOT EXISTS byok_migrations (
  version INTEGER PRIMARY KEY NOT NULL,
  applied_at BIGINT NOT NULL
)`

/** Any constant: it keeps migrations of byok apart from one another, not from other programs. */
const POSTGRES_LOCK = 8_018_426

/**
 * Brings a database to the newest schema. Of several processes that try at once, one does the work and the others find it
 * done; one that dies halfway leaves the database as it was.
 *
 * @param where the database's path, or what else people know it by
 * @throws StoreError `newer_version`, with nothing changed
 */
export async function migrate(db: Database, where: string, path?: string, steps = migrations): Promise<void> {
  const current = await schemaVersion(db, where, path, steps)
  if (current === newest(steps)) return
  if (db.dialect === 'libsql') return applyPending(db, steps, current)
  await db.exec(db.dialect === 'sqlite' ? 'BEGIN IMMEDIATE' : 'BEGIN')
  try {
    if (db.dialect === 'postgresql') await db.exec(`SELECT pg_advisory_xact_lock(${POSTGRES_LOCK})`)
    await applyPending(db, steps, await schemaVersion(db, where, path, steps))
    await db.exec('COMMIT')
  } catch (error) {
    // Fails where the database has rolled back by itself; what counts is the first error.
    await db.exec('ROLLBACK').catch(() => {})
    throw error
  }
}

async function applyPending(db: Database, steps: Migration[], current: number): Promise<void> {
  await db.exec(RECORD_TABLE)
  for (const { version, statements } of steps) {
    if (version <= current) continue
    for (const statement of statements) await db.exec(statement)
    await db
      .prepare('INSERT INTO byok_migrations (version, applied_at) VALUES (?, ?) ON CONFLICT (version) DO NOTHING')
      .run(version, Date.now())
  }
}

/** 0 for a database without a schema. */
async function schemaVersion(
  db: Database,
  where: string,
  path: string | undefined,
  steps: Migration[],
): Promise<number> {
  const tables =
    db.dialect === 'postgresql'
      ? `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = ?`
      : `SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?`
  if ((await db.prepare(tables).all('byok_migrations')).length === 0) return 0
  const row = await db.prepare('SELECT MAX(version) AS version FROM byok_migrations').get()
  return checkVersion(row, where, path, steps)
}

const versionRow = z.object({ version: z.coerce.number().int() })

/** The version in a row of `byok_migrations`, unless it is newer than this byok knows. */
export function checkVersion(row: unknown, where: string, path?: string, steps = migrations): number {
  const { version } = versionRow.parse(row)
  if (version <= newest(steps)) return version
  throw new StoreError(
    'newer_version',
    `${where} was written by a newer byok (schema ${version}; this one knows ${newest(steps)}). It was left as it is. ` +
      `Update byok, or name another database.`,
    { path },
  )
}

function newest(steps: Migration[]): number {
  return steps.at(-1)?.version ?? 0
}
