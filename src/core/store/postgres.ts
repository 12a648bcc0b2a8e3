import { isObject } from '../json.ts'
import type { Database } from 'db0'
import { oneAtATime } from '../one-at-a-time.ts'
import { needPackage } from './need-package.ts'

/** The part of `pg` that is used. */
interface Pg {
  Client: new (url: string) => PgClient
}

interface PgClient {
  connect(): Promise<unknown>
  query(sql: string, parameters?: unknown[]): Promise<unknown>
  end(): Promise<void>
  on(event: 'error' | 'end', listener: () => void): unknown
}

/** PostgreSQL through the optional package `pg`. Its own environment variables (`PGPASSWORD`, `PGSSLMODE` and others) count. */
export async function openPostgres(url: string): Promise<Database> {
  const pg = await needPackage('pg', 'A database in PostgreSQL')
  const library = isPg(pg) ? pg : isObject(pg) && isPg(pg['default']) ? pg['default'] : undefined
  if (!library) throw new Error('the package pg is of another version than byok knows')
  const [{ createDatabase }, { default: connector }] = await Promise.all([
    import('db0'),
    import('db0/connectors/postgresql'),
  ])
  return createDatabase(connector({ url, lib: () => ({ Client: lastingClient(library) }) as never }))
}

/**
 * A client that connects anew after its connection was lost. `pg`'s own is dead then, and ends the process where nobody listens
 * to its `error` event.
 */
export function lastingClient({ Client }: Pg) {
  return class LastingClient {
    readonly #url: string
    #live: Promise<PgClient> | undefined
    readonly #inTurn = oneAtATime()

    constructor(url: string) {
      this.#url = url
    }

    async connect(): Promise<void> {
      await this.#client()
    }

    /** One after another: `pg` warns of a query while another is under way, and its version 9 will refuse it. */
    query(sql: string, parameters?: unknown[]): Promise<unknown> {
      return this.#inTurn(async () => (await this.#client()).query(sql, parameters))
    }

    async end(): Promise<void> {
      const live = this.#live
      this.#live = undefined
      await (await live)?.end()
    }

    #client(): Promise<PgClient> {
      this.#live ??= this.#open()
      return this.#live
    }

    async #open(): Promise<PgClient> {
      const client = new Client(this.#url)
      const opened = client.connect().then(() => client)
      const forget = () => {
        this.#live = undefined
      }
      client.on('error', forget)
      client.on('end', forget)
      try {
        return await opened
      } catch (error) {
        forget()
        throw error
      }
    }
  }
}

function isPg(value: unknown): value is Pg {
  return isObject(value) && typeof value['Client'] === 'function'
}
