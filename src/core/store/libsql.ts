import type { Database } from 'db0'
import { isObject } from '../json/json.ts'
import { LATE, within } from '../async/waiting.ts'
import { needPackage } from './need-package.ts'
import { ANSWER_MS, noAnswer } from './no-answer.ts'

/** The part of `@libsql/client` that is used. */
interface Libsql {
  createClient(config: object): LibsqlClient
}

interface LibsqlClient {
  execute(statement: unknown): Promise<unknown>
  close(): void
}

/** libSQL, such as Turso, through the optional package `@libsql/client`. */
export async function openLibsql(
  url: string,
  authToken: string | undefined,
  answerMs: number = ANSWER_MS,
): Promise<Database> {
  const library = await needPackage('@libsql/client', 'A database in libSQL')
  if (!isLibsql(library)) throw new Error('the package @libsql/client is of another version than byok knows')
  const [{ createDatabase }, { default: connector }] = await Promise.all([
    import('db0'),
    import('db0/connectors/libsql/core'),
  ])
  const client = timelyClient(library, { url, ...(authToken !== undefined && { authToken }) }, answerMs)
  return createDatabase(connector({ getClient: () => Promise.resolve(client as never), dispose: () => client.close() }))
}

/** A client that does not wait for a server that stays silent, and connects anew after it. */
function timelyClient({ createClient }: Libsql, config: object, answerMs: number): LibsqlClient {
  let live: { client: LibsqlClient; abort: AbortController } | undefined
  const open = () => {
    const abort = new AbortController()
    const fetchUntil = (request: Request) => fetch(request, { signal: abort.signal })
    return { client: createClient({ ...config, fetch: fetchUntil }), abort }
  }
  return {
    async execute(statement) {
      const { client, abort } = (live ??= open())
      const answer = await within(client.execute(statement), answerMs)
      if (answer !== LATE) return answer
      if (live?.client === client) live = undefined
      const error = noAnswer(answerMs)
      abort.abort(error)
      client.close()
      throw error
    },
    close() {
      live?.client.close()
      live = undefined
    },
  }
}

function isLibsql(value: unknown): value is Libsql {
  return isObject(value) && typeof value['createClient'] === 'function'
}
