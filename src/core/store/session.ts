import type { Database } from 'db0'
import { oncePerTurn } from '../async/turn.ts'
import { whileBusy } from './busy.ts'
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
  /**
   * Which file of this machine's it is, `undefined` where that is gone: another may take its place. Such a file also tells who read
   * it before that it was changed since. Absent for a database elsewhere.
   */
  identity?(): string | undefined
  /** Opens it, made if need be. */
  open(): Promise<Database>
  /** Lets go of it, unless it is another's. */
  dispose(db: Database): Promise<void>
}

/** A database that is open. */
interface Opened {
  db: Database
  /** Of its source, when it was opened. */
  identity: string | undefined
  key?: MasterKey
  makingKey?: Promise<MasterKey>
  /** What is under way in it. */
  uses: Set<Promise<unknown>>
  leaving?: Promise<void>
}

/** For how long a change that another machine made may go unnoticed: to ask each time would cost each request a journey. */
const ELSEWHERE_MS = 1000

/** On some network file systems a file has another identity each time. */
const MOST_OPENINGS = 3

/**
 * Opens the database and finds its key when they are first needed, once, and again where another file took its place: a backup that
 * was restored, say. Counts what is under way, so that closing cuts nothing off.
 */
export class StoreSession {
  readonly #source: DatabaseSource
  readonly #places: KeyPlaces
  readonly #pending = new Set<Promise<unknown>>()
  /** The file's version, as SQLite counts the changes that others made. */
  readonly #version = oncePerTurn(async () => {
    const version = await this.read((db) => db.prepare('PRAGMA data_version').get())
    return `${this.#openings} ${JSON.stringify(version ?? null)}`
  })
  #opened: Promise<Opened> | undefined
  #openings = 0
  #closed: Promise<void> | undefined

  constructor(source: DatabaseSource, places: KeyPlaces) {
    this.#source = source
    this.#places = places
  }

  get where(): string {
    return this.#source.where
  }

  /** Runs `work` on the database as it is: `undefined`, and nothing is made, where there is none. */
  read<T>(work: (db: Database, key: () => Promise<MasterKey>) => Promise<T>): Promise<T | undefined> {
    return this.#use(
      () => this.#present(),
      async (opened) => opened && (await work(opened.db, () => this.#existingKey(opened))),
    )
  }

  /** As {@link StoreSession.read}, but a file that was there and is gone is an error: another may be about to take its place. */
  change<T>(work: (db: Database, key: () => Promise<MasterKey>) => Promise<T>): Promise<T | undefined> {
    return this.#use(
      async () => (await this.#present()) ?? this.#absent(),
      async (opened) => opened && (await work(opened.db, () => this.#existingKey(opened))),
    )
  }

  /** Runs `work` on the database, which is made first where there is none; its key likewise. */
  write<T>(work: (db: Database, key: MasterKey) => Promise<T>): Promise<T> {
    return this.#use(
      async () => {
        await this.#leaveReplaced()
        return await this.#open()
      },
      async (opened) => await work(opened.db, opened.key ?? (await this.#newKey(opened))),
    )
  }

  /** Differs once somebody else may have changed something. */
  async stamp(): Promise<string> {
    return this.#source.identity ? await this.#version() : String(Math.floor(Date.now() / ELSEWHERE_MS))
  }

  /** Opens a database that exists, and its key if it has one, so that what is wrong with them shows at once. */
  async verify(): Promise<void> {
    await this.#use(
      () => this.#present(),
      async (opened) => {
        if (opened) opened.key ??= await findStoreKey(opened.db, this.where, this.#places)
      },
    )
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#pending)
    const opened = await this.#opened?.catch(() => undefined)
    if (opened) await this.#source.dispose(opened.db)
  }

  async #present(): Promise<Opened | undefined> {
    await this.#leaveReplaced()
    return this.#opened || (await this.#source.exists()) ? await this.#open() : undefined
  }

  /** @throws {StoreError} where there was a file before. */
  #absent(): undefined {
    if (!this.#source.identity || this.#openings === 0) return undefined
    const { where, path } = this.#source
    throw new StoreError('unavailable', `${where} was removed while byok ran. Bring it back, or log in again.`, {
      path,
    })
  }

  #open(): Promise<Opened> {
    this.#opened ??= this.#openAnew().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  async #openAnew(): Promise<Opened> {
    // Where another takes its place meanwhile, the first use shows that.
    const before = this.#source.identity?.()
    const db = await this.#source.open()
    this.#openings++
    return { db, identity: before ?? this.#source.identity?.(), uses: new Set() }
  }

  #isReplaced({ identity }: Opened): boolean {
    return this.#source.identity !== undefined && this.#source.identity() !== identity
  }

  async #leaveReplaced(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined)
    if (opened && this.#isReplaced(opened)) await (opened.leaving ??= this.#leave(opened))
  }

  /** Closed before another is opened: of two that share the files beside them, one would undo the other's locks. */
  async #leave({ db, uses }: Opened): Promise<void> {
    await Promise.allSettled(uses)
    try {
      await this.#source.dispose(db)
    } finally {
      this.#opened = undefined
    }
  }

  /** Once at a time: a keychain may ask the person for permission. */
  async #newKey(opened: Opened): Promise<MasterKey> {
    opened.makingKey ??= findOrCreateStoreKey(opened.db, this.where, this.#places)
    try {
      opened.key = await opened.makingKey
      return opened.key
    } finally {
      delete opened.makingKey
    }
  }

  async #existingKey(opened: Opened): Promise<MasterKey> {
    opened.key ??= await findStoreKey(opened.db, this.where, this.#places)
    if (opened.key) return opened.key
    throw new StoreError(
      'corrupt',
      `${this.where} is damaged: it holds logins but names no key. Restore a backup of it.`,
      {
        path: this.#source.path,
      },
    )
  }

  /** Runs `work` on what `find` gives; once more where another file took its place meanwhile, for what was written is gone then. */
  async #use<T, Found extends Opened | undefined>(
    find: () => Promise<Found>,
    work: (found: Found) => Promise<T>,
  ): Promise<T> {
    return await this.#track(async () => {
      for (let tries = 1; ; tries++) {
        const found = await find()
        const isLast = () => !found || tries === MOST_OPENINGS || !this.#isReplaced(found)
        const running = whileBusy(() => work(found))
        found?.uses.add(running)
        try {
          const result = await running
          if (isLast()) return result
        } catch (error) {
          if (isLast()) throw error
        } finally {
          found?.uses.delete(running)
        }
      }
    })
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
