import type { Database } from 'db0'
import { openDatabaseFile } from '../store/database.ts'
import { hasContent } from '../store/inspect-file.ts'
import type { Migration } from '../store/migrations.ts'
import type { OnWarning } from '../store/permissions.ts'
import type { ClientUsage } from './budgets.ts'
import type { UsageRecord } from './record.ts'

/*
 * Usage has a file of its own beside that of the logins: it is written all the time, may be lost or deleted without harm, and
 * holds nothing that needs a key.
 */

/** Never edited once released, as those of the logins. */
const usageMigrations: Migration[] = [
  {
    version: 1,
    statements: [
      `CREATE TABLE IF NOT EXISTS byok_usage (
        id TEXT NOT NULL,
        time BIGINT NOT NULL,
        day TEXT NOT NULL,
        client TEXT,
        protocol TEXT,
        provider TEXT,
        account TEXT,
        model TEXT,
        requested_model TEXT,
        status INTEGER,
        outcome TEXT NOT NULL,
        error TEXT,
        attempts INTEGER NOT NULL,
        stream INTEGER NOT NULL,
        input_tokens BIGINT,
        output_tokens BIGINT,
        cached_tokens BIGINT,
        cache_write_tokens BIGINT,
        reasoning_tokens BIGINT,
        first_byte_ms INTEGER,
        duration_ms INTEGER NOT NULL
      )`,
      'CREATE INDEX IF NOT EXISTS byok_usage_time ON byok_usage (time)',
    ],
  },
  { version: 2, statements: ['ALTER TABLE byok_usage ADD COLUMN estimated INTEGER NOT NULL DEFAULT 0'] },
]

type Value = string | number | null

const COLUMNS = [
  'id',
  'time',
  'day',
  'client',
  'protocol',
  'provider',
  'account',
  'model',
  'requested_model',
  'status',
  'outcome',
  'error',
  'attempts',
  'stream',
  'input_tokens',
  'output_tokens',
  'cached_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'estimated',
  'first_byte_ms',
  'duration_ms',
] as const

/** Milliseconds; another process's batch takes less. */
const BUSY_TIMEOUT_MS = 20

/** What usage is grouped by. */
export const GROUPS = ['model', 'provider', 'account', 'day', 'client'] as const
export type UsageGroup = (typeof GROUPS)[number]

/** The sums of a group of requests. */
export interface UsageSum {
  /** Its name; `null` for requests that have none, such as those that no provider served. */
  key: string | null
  requests: number
  /** Of `requests`: those that ended with an error. */
  errors: number
  input: number
  output: number
  cachedInput: number
  cacheWrite: number
  reasoning: number
  /** Of `requests`: those whose tokens are estimates, since the provider did not tell, or not before their streams were left or cut. */
  estimated: number
  /** Mean milliseconds until the answer began; `null` where none did. */
  firstByteMs: number | null
  durationMs: number
}

/** The records of usage, in an SQLite file. */
export class UsageDatabase {
  readonly #path: string
  readonly #onWarning: OnWarning
  #database: Promise<Database> | undefined

  constructor(path: string, onWarning: OnWarning = () => {}) {
    this.#path = path
    this.#onWarning = onWarning
  }

  get path(): string {
    return this.#path
  }

  /** Adds records, all or none. Makes the file where there is none. */
  async add(records: readonly UsageRecord[]): Promise<void> {
    const db = await this.#open()
    const insert = await preparedInsert(db)
    await db.exec('BEGIN IMMEDIATE')
    try {
      for (const record of records) insert.run(...valuesOf(record))
      await db.exec('COMMIT')
    } catch (error) {
      await db.exec('ROLLBACK').catch(() => {})
      throw error
    }
  }

  /** Deletes what is older than `time`, in Unix milliseconds. */
  async prune(time: number): Promise<void> {
    const db = await this.#open()
    await db.prepare('DELETE FROM byok_usage WHERE time < ?').run(time)
  }

  /** The sums since `since`, by group, the largest first (days in order). Empty where there is no file. */
  async sums(since: number, by: UsageGroup): Promise<UsageSum[]> {
    const column = by === 'account' ? `provider || ' / ' || account` : by
    const order = by === 'day' ? 'key' : 'requests DESC, key'
    return (
      await this.#read(`SELECT ${column} AS key, ${SUMS} WHERE time >= ? GROUP BY 1 ORDER BY ${order}`, since)
    ).map(readSum)
  }

  async total(since: number): Promise<UsageSum> {
    const [row] = await this.#read(`SELECT NULL AS key, ${SUMS} WHERE time >= ?`, since)
    return readSum(row ?? {})
  }

  /** What each client used on a day. */
  async clientsOf(day: string): Promise<ClientUsage[]> {
    const sql = `SELECT client, COUNT(*) AS requests,
        SUM(COALESCE(input_tokens, 0) + COALESCE(output_tokens, 0)) AS tokens
      FROM byok_usage WHERE day = ? AND client IS NOT NULL AND attempts > 0 GROUP BY client`
    return (await this.#read(sql, day)).map((row) => ({
      client: String(row['client']),
      requests: Number(row['requests']),
      tokens: Number(row['tokens']),
    }))
  }

  async close(): Promise<void> {
    const db = await this.#database?.catch(() => undefined)
    this.#database = undefined
    await db?.dispose()
  }

  async #read(sql: string, value: string | number): Promise<Record<string, unknown>[]> {
    if (!this.#database && !(await hasContent(this.#path))) return []
    const rows = await (await this.#open()).prepare(sql).all(value)
    return rows.filter((row): row is Record<string, unknown> => typeof row === 'object' && row !== null)
  }

  #open(): Promise<Database> {
    this.#database ??= openUsageFile(this.#path, this.#onWarning).catch((error: unknown) => {
      this.#database = undefined
      throw error
    })
    return this.#database
  }
}

async function openUsageFile(path: string, onWarning: OnWarning): Promise<Database> {
  const db = await openDatabaseFile({ path, keyFile: 'key', onWarning, migrations: usageMigrations })
  // The last second of records may be lost with the power; waiting for the disk each time would hold up requests.
  await db.exec('PRAGMA synchronous = NORMAL')
  // SQLite waits for a lock by blocking the thread, and with it every stream there is. What cannot be written now is tried again.
  await db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
  return db
}

/** What better-sqlite3 and `node:sqlite` have in common. */
interface SqliteLibrary {
  prepare(sql: string): { run(...values: Value[]): unknown }
}

/** By the library itself: db0 prepares a statement anew each time it is run, which costs as much as to run it. */
async function preparedInsert(db: Database): Promise<ReturnType<SqliteLibrary['prepare']>> {
  const library = await db.getInstance()
  if (!isSqliteLibrary(library)) throw new TypeError('usage is kept in SQLite')
  const places = COLUMNS.map(() => '?').join(', ')
  return library.prepare(`INSERT INTO byok_usage (${COLUMNS.join(', ')}) VALUES (${places})`)
}

function isSqliteLibrary(library: unknown): library is SqliteLibrary {
  return typeof library === 'object' && library !== null && 'prepare' in library
}

const SUMS = `COUNT(*) AS requests,
  SUM(CASE WHEN outcome = 'error' THEN 1 ELSE 0 END) AS errors,
  SUM(input_tokens) AS input, SUM(output_tokens) AS output, SUM(cached_tokens) AS cached,
  SUM(cache_write_tokens) AS cache_write, SUM(reasoning_tokens) AS reasoning, SUM(estimated) AS estimated,
  AVG(first_byte_ms) AS first_byte, AVG(duration_ms) AS duration
  FROM byok_usage`

function readSum(row: Record<string, unknown>): UsageSum {
  const count = (name: string) => Number(row[name] ?? 0)
  return {
    key: typeof row['key'] === 'string' ? row['key'] : null,
    requests: count('requests'),
    errors: count('errors'),
    input: count('input'),
    output: count('output'),
    cachedInput: count('cached'),
    cacheWrite: count('cache_write'),
    reasoning: count('reasoning'),
    estimated: count('estimated'),
    firstByteMs: typeof row['first_byte'] === 'number' ? Math.round(row['first_byte']) : null,
    durationMs: Math.round(count('duration')),
  }
}

function valuesOf(record: UsageRecord): Value[] {
  return [
    record.id,
    record.time,
    record.day,
    record.client,
    record.protocol,
    record.provider,
    record.account,
    record.model,
    record.requestedModel,
    record.status,
    record.outcome,
    record.error,
    record.attempts,
    record.stream ? 1 : 0,
    record.input,
    record.output,
    record.cachedInput,
    record.cacheWrite,
    record.reasoning,
    record.estimated ? 1 : 0,
    record.firstByteMs,
    record.durationMs,
  ]
}
