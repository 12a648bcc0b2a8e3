import { dirname, join } from 'node:path'
import type { Database } from 'db0'
import { expandHome } from '../home.ts'
import type { OpenStore } from '../plugin/parts.ts'
import { StoreError } from './errors.ts'
import { openLibsql } from './libsql.ts'
import { openTokenStore } from './open.ts'
import type { OnWarning } from './permissions.ts'
import { openPostgres } from './postgres.ts'
import type { TokenStore } from './types.ts'

/** Where logins are kept, as config's `db` says. */
export interface StoreLocation {
  /** byok's own folder on this machine: of the database's file, or `~/.byok` where it is elsewhere. */
  folder: string
  /** The database's file, where it is one. */
  file?: string
  /** @throws {StoreError} `bad_location` where {@link StoreLocation.open} would */
  check(): void
  open(onWarning: OnWarning): Promise<TokenStore>
  /** A further connection to the database, where it is one that several machines share. */
  openDatabase?(): Promise<Database>
}

export interface LocateOptions {
  env: Record<string, string | undefined>
  /** Places that plugins offer, by the scheme of the URL. */
  stores?: Record<string, OpenStore>
  /** How the libraries of shared databases are loaded; for tests. */
  loaders?: DatabaseLoaders
}

/** How a shared database is opened. */
export interface DatabaseLoaders {
  postgres: (url: string) => Promise<Database>
  libsql: (url: string, authToken: string | undefined) => Promise<Database>
}

const defaultLoaders: DatabaseLoaders = { postgres: openPostgres, libsql: openLibsql }

/** What byok opens by itself, by the scheme of the URL. */
const SCHEMES = new Map<string, 'postgres' | 'libsql'>([
  ['postgres', 'postgres'],
  ['postgresql', 'postgres'],
  ['libsql', 'libsql'],
  ['ws', 'libsql'],
  ['wss', 'libsql'],
  ['http', 'libsql'],
  ['https', 'libsql'],
])
export const OWN_SCHEMES = [...SCHEMES.keys()]

/**
 * Reads config's `db`: a file's path (`~` is the home directory), `postgres://…`, or `libsql://…` for Turso and its kin, or a place
 * that a plugin offers. Several machines that name one database share its logins; each needs a copy of the same key file,
 * `~/.byok/key`.
 *
 * @throws {StoreError} `bad_location` for a URL that nobody can open.
 */
export function locateStore(db: string, { env, stores = {}, loaders = defaultLoaders }: LocateOptions): StoreLocation {
  const own = expandHome('~/.byok', env['HOME'])
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(db)?.[1]?.toLowerCase()
  const offered = scheme === undefined || !Object.hasOwn(stores, scheme) ? undefined : stores[scheme]
  // What a plugin makes of it, it says when it is opened.
  const check = () => {}
  if (offered) return { folder: own, check, open: () => offered(db, { env, folder: own }) }
  const shared = scheme === undefined ? undefined : SCHEMES.get(scheme)
  if (!shared && scheme !== undefined) {
    const offers = Object.keys(stores).map((name) => `, ${name}://`)
    throw new StoreError(
      'bad_location',
      `\`db\` names a place of the kind ${scheme}://, which neither byok nor a plugin has. byok has files, postgres:// and libsql://${offers.join('')}.`,
    )
  }
  if (!shared) {
    const path = expandHome(db, env['HOME'])
    return { folder: dirname(path), file: path, check, open: (onWarning) => openTokenStore({ path, onWarning }) }
  }
  const openDatabase = async () => {
    const url = withoutPassword(db, shared)
    return shared === 'postgres' ? await loaders.postgres(url) : await loaders.libsql(url, env['LIBSQL_AUTH_TOKEN'])
  }
  return {
    folder: own,
    check: () => void withoutPassword(db, shared),
    openDatabase,
    async open(onWarning) {
      const database = await openDatabase()
      return await openTokenStore({ database, disposes: true, keyFile: join(own, 'key'), onWarning })
    },
  }
}

/** A password in `db` would stand in the config, in the clear, and in every print of it. */
function withoutPassword(db: string, kind: 'postgres' | 'libsql'): string {
  const url = URL.canParse(db) ? new URL(db) : undefined
  // Of `user:12/34@host`, `URL` takes `user` for the host.
  if (!url || `${url.pathname}${url.hash}`.includes('@')) {
    throw new StoreError(
      'bad_location',
      '`db` is not a URL that byok can read. / ? # % and @ in its names must be %-encoded, such as %2F for /; a password is not to stand in it.',
    )
  }
  if (url.password === '' && !url.searchParams.has('authToken') && !url.searchParams.has('password')) return db
  const variable = kind === 'postgres' ? 'PGPASSWORD' : 'LIBSQL_AUTH_TOKEN'
  throw new StoreError(
    'bad_location',
    `Take the password out of \`db\` and set ${variable} in the environment instead.`,
  )
}
