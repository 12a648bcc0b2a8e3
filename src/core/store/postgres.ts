import { isObject } from '../json/json.ts'
import type { Database } from 'db0'
import { oneAtATime } from '../async/one-at-a-time.ts'
import { LATE, within } from '../async/waiting.ts'
import { needPackage } from './need-package.ts'
import { ANSWER_MS, CONNECT_MS, noAnswer } from './no-answer.ts'

/** The part of `pg` that is used. */
interface Pg {
  Client: new (config: PgConfig) => PgClient
}

interface PgConfig {
  connectionString: string
  connectionTimeoutMillis: number
  keepAlive: boolean
  keepAliveInitialDelayMillis: number
}

export interface PgLimits {
  connectMs: number
  answerMs: number
}

const LIMITS: PgLimits = { connectMs: CONNECT_MS, answerMs: ANSWER_MS }
/** Idle for so long, the connection is tried: a firewall between may have forgotten it. */
const KEEP_ALIVE_MS = 30_000

interface PgClient {
  connect(): Promise<unknown>
  query(sql: string, parameters?: unknown[]): Promise<unknown>
  end(): Promise<void>
  on(event: 'error' | 'end', listener: () => void): unknown
}

/** PostgreSQL through the optional package `pg`. Its own environment variables (`PGPASSWORD`, `PGSSLMODE` and others) count. */
export async function openPostgres(url: string, limits = LIMITS): Promise<Database> {
  const pg = await needPackage('pg', 'A database in PostgreSQL')
  const library = isPg(pg) ? pg : isObject(pg) && isPg(pg['default']) ? pg['default'] : undefined
  if (!library) throw new Error('the package pg is of another version than byok knows')
  const [{ createDatabase }, { default: connector }] = await Promise.all([
    import('db0'),
    import('db0/connectors/postgresql'),
  ])
  return createDatabase(connector({ url, lib: () => ({ Client: lastingClient(library, limits) }) as never }))
}

/**
 * A client that connects anew after its connection was lost, or its server stayed silent. `pg`'s own is dead then, and ends the
 * process where nobody listens to its `error` event.
 */
export function lastingClient({ Client }: Pg, { connectMs, answerMs } = LIMITS) {
  return class LastingClient {
    readonly #url: string
    #live: Promise<PgClient> | undefined
    readonly #inTurn = oneAtATime()
    readonly #silent = new WeakSet<PgClient>()

    constructor(url: string) {
      this.#url = url
    }

    async connect(): Promise<void> {
      await this.#client()
    }

    /** One after another: `pg` warns of a query while another is under way, and its version 9 will refuse it. */
    async query(sql: string, parameters?: unknown[]): Promise<unknown> {
      const client = await this.#client()
      return await this.#inTurn(async () => {
        // Whoever stood in line at a server that is silent would wait for it each in turn.
        if (this.#silent.has(client)) throw noAnswer(answerMs)
        return await this.#ask(await this.#client(), sql, parameters)
      })
    }

    async end(): Promise<void> {
      const live = this.#live
      this.#live = undefined
      await (await live)?.end()
    }

    async #ask(client: PgClient, sql: string, parameters: unknown[] | undefined): Promise<unknown> {
      const answer = await within(client.query(sql, parameters), answerMs)
      if (answer !== LATE) return answer
      this.#silent.add(client)
      this.#live = undefined
      void client.end().catch(() => {})
      throw noAnswer(answerMs)
    }

    #client(): Promise<PgClient> {
      this.#live ??= this.#open()
      return this.#live
    }

    #open(): Promise<PgClient> {
      const client = new Client({
        connectionString: this.#url,
        connectionTimeoutMillis: connectMs,
        keepAlive: true,
        keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      })
      const forget = () => {
        if (this.#live === opened) this.#live = undefined
      }
      client.on('error', forget)
      client.on('end', forget)
      const opened = client.connect().then(
        () => client,
        (error: unknown) => {
          forget()
          throw error
        },
      )
      return opened
    }
  }
}

function isPg(value: unknown): value is Pg {
  return isObject(value) && typeof value['Client'] === 'function'
}
