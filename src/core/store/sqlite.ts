import type { Connector } from 'db0'
import nodeSqliteConnector from 'db0/connectors/node-sqlite'
import betterSqliteConnector from 'db0/connectors/better-sqlite3'
import { codeOf, reasonOf } from '../log/fault.ts'
import { StoreError } from './errors.ts'

/** A library that reads and writes SQLite files. */
export interface SqliteDriver {
  /** db0's connector: reads and writes; the file is opened by its first statement. */
  connector(path: string): Connector
  /** Opens the file so that nothing in it can change, not even by SQLite's own housekeeping. */
  openReadOnly(path: string): ReadOnlyDatabase
}

/** What better-sqlite3 and `node:sqlite` have in common. */
export interface ReadOnlyDatabase {
  prepare(sql: string): { all(): unknown[] }
  close(): void
}

interface NodeSqlite {
  DatabaseSync: new (path: string, options: { readOnly: boolean }) => ReadOnlyDatabase
}

/**
 * How the two libraries are loaded; tests give their own. Each throws, or has `undefined`, where there is none. Their own types are
 * not named here: byok's types hold this, and whoever has byok need not have theirs.
 */
export interface SqliteLoaders {
  betterSqlite: () => Promise<{ default: unknown }>
  nodeSqlite: () => object | undefined
}

const defaultLoaders: SqliteLoaders = {
  betterSqlite: () => import('better-sqlite3'),
  nodeSqlite: () => withoutSqliteWarning(() => process.getBuiltinModule('node:sqlite')),
}

/**
 * better-sqlite3, or `node:sqlite` where that was not installed, did not compile, or was compiled for another Node.
 *
 * @throws StoreError `no_sqlite` where there is neither
 */
export async function loadSqlite(loaders: SqliteLoaders = defaultLoaders): Promise<SqliteDriver> {
  let fault: unknown
  try {
    return await betterSqliteDriver(loaders)
  } catch (error) {
    fault = error
  }
  const nodeSqlite = loaders.nodeSqlite()
  if (isNodeSqlite(nodeSqlite)) {
    return {
      connector: (path) => nodeSqliteConnector({ path }),
      openReadOnly: (path) => new nodeSqlite.DatabaseSync(path, { readOnly: true }),
    }
  }
  throw new StoreError(
    'no_sqlite',
    `Logins and usage are kept in SQLite databases, and nothing here can open one: better-sqlite3 cannot be loaded ` +
      `(${reasonOf(fault).split('\n', 1)[0]}), and Node ${process.versions.node} has no node:sqlite. Two ways out: run byok ` +
      `with Node 22.13 or newer; or install a C++ compiler, make and python3 (Debian and Ubuntu: "apt install ` +
      `build-essential python3"; macOS: "xcode-select --install"; Windows: Visual Studio Build Tools with "Desktop ` +
      `development with C++"), then ${installAgain(fault)}.`,
    { cause: fault },
  )
}

/** npm takes out again what it could not compile, since byok can do without; to rebuild it then does nothing, and says that it was done. */
function installAgain(fault: unknown): string {
  return codeOf(fault) === 'ERR_MODULE_NOT_FOUND'
    ? 'install byok again ("npm install" where it is installed; "npm install -g byok")'
    : 'run "npm rebuild better-sqlite3" where byok is installed'
}

async function betterSqliteDriver(loaders: SqliteLoaders): Promise<SqliteDriver> {
  const { default: Database } = await loaders.betterSqlite()
  if (!isBetterSqlite(Database)) throw new TypeError('better-sqlite3 is no class of databases')
  // Only the first database loads the compiled half, which is what may be missing or of another ABI.
  new Database(':memory:').close()
  return {
    connector: (path) => betterSqliteConnector({ path, lib: () => Database }),
    openReadOnly: (path) => new Database(path, { readonly: true, fileMustExist: true }),
  }
}

function isBetterSqlite(library: unknown): library is typeof import('better-sqlite3') {
  return typeof library === 'function'
}

function isNodeSqlite(module: object | undefined): module is NodeSqlite {
  return module !== undefined && 'DatabaseSync' in module && typeof module.DatabaseSync === 'function'
}

/**
 * Node 22 and 24 print an ExperimentalWarning when `node:sqlite` is loaded, which says nothing to who runs byok. Loading is
 * synchronous, so no other code runs while warnings are filtered.
 */
function withoutSqliteWarning<T>(load: () => T): T {
  const original = process.emitWarning
  const filtered: (...args: unknown[]) => void = (...args) => {
    const [warning, kind] = args
    if (kind === 'ExperimentalWarning' && String(warning).startsWith('SQLite')) return
    Reflect.apply(original, process, args)
  }
  process.emitWarning = filtered
  try {
    return load()
  } finally {
    process.emitWarning = original
  }
}
