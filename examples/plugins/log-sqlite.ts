import { definePlugin } from 'byok'
import type { Database } from 'db0'

/**
 * Keeps a row of each request in a database of yours: who was asked, how it ended, what it took. No content. Several may share an id:
 * that of a client's own `x-request-id`, such as one for all of a trace.
 *
 * ```ts
 * import { createDatabase } from 'db0'
 * import sqlite from 'db0/connectors/better-sqlite3'
 * const byok = await createByok({ plugins: [await logToSqlite(createDatabase(sqlite({ path: 'requests.db' })))] })
 * ```
 */
export async function logToSqlite(database: Database) {
  await database.exec(`CREATE TABLE IF NOT EXISTS requests (
    id TEXT NOT NULL, started_at INTEGER NOT NULL, duration_ms INTEGER NOT NULL, protocol TEXT, model TEXT,
    provider TEXT, account TEXT, outcome TEXT, error TEXT, input_tokens INTEGER, output_tokens INTEGER)`)
  const insert = database.prepare('INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  return definePlugin({
    name: 'log-sqlite',
    hooks: {
      async response({ info }) {
        // Only what was asked of a model; health checks and lists are no requests in this sense.
        if (info.protocol === undefined) return
        await insert.run(
          info.id,
          info.startedAt,
          Date.now() - info.startedAt,
          info.protocol,
          info.model ?? null,
          info.provider ?? null,
          info.account ?? null,
          info.outcome ?? null,
          info.error ?? null,
          info.usage?.input ?? null,
          info.usage?.output ?? null,
        )
      },
    },
  })
}
