import Sqlite from 'better-sqlite3'
import { startFakeServer } from '../../src/testing/fake-server.ts'
import type { RealServer } from './servers.ts'

/** As on the wire: tursodatabase/libsql docs/HRANA_2_SPEC.md, "Values". */
type Value =
  | { type: 'null' }
  | { type: 'integer'; value: string }
  | { type: 'float'; value: number }
  | { type: 'text'; value: string }
  | { type: 'blob'; base64: string }

/** The requests of a stream that byok's client makes: one statement, and its end. */
type StreamRequest = { type: 'execute'; stmt: { sql: string; args?: Value[] } } | { type: 'close' }

/**
 * A server of libSQL's, of which Debian has none: its HTTP API (docs/HTTP_V2_SPEC.md there) in front of an SQLite in memory. Each request is a
 * stream of its own, so that there are no transactions over several.
 */
export async function startLibsql(token: string): Promise<RealServer> {
  const database = new Sqlite(':memory:')
  database.defaultSafeIntegers(true)
  const server = await startFakeServer(({ path, headers, json }, reply) => {
    if (headers.authorization !== `Bearer ${token}`) return reply.json(401, { error: 'Unauthorized' })
    if (path !== '/v2/pipeline') return reply.json(404, { error: 'Not found' })
    const { requests } = json as { requests: StreamRequest[] }
    return reply.json(200, {
      baton: null,
      base_url: null,
      results: requests.map((request) => answer(database, request)),
    })
  })
  return {
    url: server.url,
    async stop() {
      await server.close()
      database.close()
    },
  }
}

function answer(database: Sqlite.Database, request: StreamRequest): object {
  if (request.type === 'close') return { type: 'ok', response: { type: 'close' } }
  try {
    return { type: 'ok', response: { type: 'execute', result: execute(database, request.stmt) } }
  } catch (error) {
    const { message, code } = error as { message: string; code?: string }
    return { type: 'error', error: { message, code } }
  }
}

function execute(database: Sqlite.Database, { sql, args = [] }: { sql: string; args?: Value[] }): object {
  const statement = database.prepare<unknown[], unknown[]>(sql)
  const values = args.map(read)
  if (!statement.reader) {
    const { changes, lastInsertRowid } = statement.run(...values)
    return { cols: [], rows: [], affected_row_count: changes, last_insert_rowid: String(lastInsertRowid) }
  }
  const rows = statement.raw().all(...values)
  return {
    cols: statement.columns().map(({ name, type }) => ({ name, decltype: type })),
    rows: rows.map((row) => row.map(written)),
    affected_row_count: 0,
    last_insert_rowid: null,
  }
}

function read(value: Value): unknown {
  if (value.type === 'null') return null
  if (value.type === 'blob') return Buffer.from(value.base64, 'base64')
  return value.type === 'integer' ? BigInt(value.value) : value.value
}

function written(value: unknown): Value {
  if (typeof value === 'bigint') return { type: 'integer', value: String(value) }
  if (typeof value === 'number') return { type: 'float', value }
  if (typeof value === 'string') return { type: 'text', value }
  return value instanceof Uint8Array
    ? { type: 'blob', base64: Buffer.from(value).toString('base64') }
    : { type: 'null' }
}
