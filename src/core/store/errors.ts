import { ofAnyCopy } from '../plugin/any-copy.ts'

/** What went wrong with the token store. */
export type StoreErrorCode =
  /** Neither better-sqlite3 nor `node:sqlite` can be loaded. */
  | 'no_sqlite'
  /** The file is no SQLite database, or is damaged. */
  | 'corrupt'
  /** A newer byok wrote it. */
  | 'newer_version'
  /** A sound database, but some other program's. */
  | 'not_a_token_store'
  /** The given database speaks a dialect byok does not. */
  | 'unsupported_database'
  /** Where the database is said to be makes no sense, or holds a password. */
  | 'bad_location'
  /** The key that the logins were encrypted with is missing, or another one is in its place. */
  | 'wrong_key'
  /** The key file cannot be read, or does not hold a key. */
  | 'bad_key_file'
  /** Another process held the database for too long. */
  | 'busy'
  /** The file or database cannot be opened, read or written: permissions, a full disk, a lost connection. */
  | 'unavailable'
  /** What the caller asked to store is not storable. */
  | 'bad_record'
  /** The store was closed. */
  | 'closed'

/** An error of the token store. Its message says what to do next and never holds a secret. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  /** The file at fault, where there is one. */
  readonly path: string | undefined

  static {
    ofAnyCopy(this, 'StoreError')
  }

  constructor(code: StoreErrorCode, message: string, options: { path?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.path = options.path
  }
}

/** Whether the store itself failed, and not who asked it to store something. */
export function isStoreFault(error: unknown): error is StoreError {
  return error instanceof StoreError && error.code !== 'bad_record'
}
