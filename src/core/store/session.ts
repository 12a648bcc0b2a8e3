import type { Database } from 'db0'
import { oncePerTurn } from '../turn.ts'
import { StoreError } from './errors.ts'
import type { MasterKey } from './secret-box.ts'
import { databaseError } from './sqlite-error.ts'
import { findOrCreateStoreKey, findStoreKey, type KeyPlaces } from './store-key.ts'

/** A database that a session may or may not have open yet. */
export interface DatabaseSource {
  /** What people know it by: its path, for a file. */
  where: string
  path?: string
  /** Whether there is anything to read. */
  exists(): Promise<boolean>
  /** Whether it is a file of this machine's, which tells who read it before that it was changed since. */
  isFile: boolean
  /** Opens it, made if need be. */
  open(): Promise<Database>
  /** Lets go of it, unless it is another's. */
  dispose(db: Database): Promise<void>
}

/** For how long a change that another machine made may go unnoticed: to ask each time would cost each request a journey. */
const ELSEWHERE_MS = 1000

/**
 * Opens the database and finds its key when they are first needed, once; and counts what is under way, so that closing
 * cuts nothing off.
 */
export class StoreSession {
  readonly #source: DatabaseSource
  readonly #places: KeyPlaces
  readonly #pending = new Set<Promise<unknown>>()
  /** The file's version, as SQLite counts the changes that others made. */
  readonly #version = oncePerTurn(async () => {
    const version = await this.read((db) => db.prepare('PRAGMA data_version').get())
    return JSON.stringify(version ?? null)
  })
  #database: Promise<Database> | undefined
  #key: MasterKey | undefined
  #makingKey: Promise<MasterKey> | undefined
  #closed: Promise<void> | undefined

  constructor(source: DatabaseSource, places: KeyPlaces) {
    this.#source = source
    this.#places = places
  }

  get where(): string {
    return this.#source.where
  }

  /** Runs `work` on the database as it is: `undefined`, and nothing is made, where there is none yet. */
  read<T>(work: (db: Database, key: () => Promise<MasterKey>) => Promise<T>): Promise<T | undefined> {
    return this.#track(async () => {
      if (!this.#database && !(await this.#source.exists())) return undefined
      const db = await this.#open()
      return work(db, () => this.#existingKey(db))
    })
  }

  /** Runs `work` on the database, which is made first where there is none; its key likewise. */
  write<T>(work: (db: Database, key: MasterKey) => Promise<T>): Promise<T> {
    return this.#track(async () => {
      const db = await this.#open()
      return work(db, this.#key ?? (await this.#newKey(db)))
    })
  }

  /** Differs once somebody else may have changed something. */
  async stamp(): Promise<string> {
    return this.#source.isFile ? await this.#version() : String(Math.floor(Date.now() / ELSEWHERE_MS))
  }

  /** Opens a database that exists, and its key if it has one, so that what is wrong with them shows at once. */
  async verify(): Promise<void> {
    await this.read(async (db) => {
      this.#key ??= await findStoreKey(db, this.where, this.#places)
    })
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#pending)
    const db = await this.#database?.catch(() => undefined)
    if (db) await this.#source.dispose(db)
  }

  #open(): Promise<Database> {
    this.#database ??= this.#source.open().catch((error: unknown) => {
      this.#database = undefined
      throw error
    })
    return this.#database
  }

  /** Once at a time: a keychain may ask the person for permission. */
  async #newKey(db: Database): Promise<MasterKey> {
    this.#makingKey ??= findOrCreateStoreKey(db, this.where, this.#places)
    try {
      this.#key = await this.#makingKey
      return this.#key
    } finally {
      this.#makingKey = undefined
    }
  }

  async #existingKey(db: Database): Promise<MasterKey> {
    this.#key ??= await findStoreKey(db, this.where, this.#places)
    if (this.#key) return this.#key
    throw new StoreError(
      'corrupt',
      `${this.where} is damaged: it holds logins but names no key. Restore a backup of it.`,
      {
        path: this.#source.path,
      },
    )
  }

  async #track<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreError('closed', 'The token store is closed.')
    const running = work()
    this.#pending.add(running)
    try {
      return await running
    } catch (error) {
      throw databaseError(error, this.where, this.#source.path)
    } finally {
      this.#pending.delete(running)
    }
  }
}
