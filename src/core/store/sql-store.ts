import type { Database, Primitive } from 'db0'
import { checkAccount, checkChanges, compareAccounts, firstVersion, longestLease } from './account.ts'
import { COLUMNS, readRow, sealTokens } from './account-row.ts'
import { OpenedTokens } from './opened-tokens.ts'
import type { MasterKey } from './secret-box.ts'
import type { StoreSession } from './session.ts'
import type { AccountChanges, AccountRecord, NewAccount, TokenStore } from './types.ts'

/** A {@link TokenStore} in the table `byok_accounts`. Each method is one statement, so each is atomic by itself. */
export class SqlTokenStore implements TokenStore {
  readonly #session: StoreSession
  readonly #opened = new OpenedTokens()
  /** Those that this store made. */
  #changes = 0

  constructor(session: StoreSession) {
    this.#session = session
  }

  async list(provider?: string): Promise<AccountRecord[]> {
    const some = provider === undefined ? '' : 'WHERE provider = ?'
    const params = provider === undefined ? [] : [provider]
    const records = await this.#records(`SELECT ${COLUMNS} FROM byok_accounts ${some}`, params)
    if (provider === undefined) this.#opened.keep(records)
    return records.sort(compareAccounts)
  }

  async stamp(): Promise<string> {
    return `${this.#changes} ${await this.#session.stamp()}`
  }

  async get(provider: string, account: string): Promise<AccountRecord | undefined> {
    const sql = `SELECT ${COLUMNS} FROM byok_accounts WHERE provider = ? AND account = ?`
    const [record] = await this.#records(sql, [provider, account])
    return record
  }

  async ready(): Promise<void> {
    // A file that can only be read opens well enough: a write alone tells.
    await this.#session.write((db) => db.prepare(`UPDATE byok_meta SET value = value WHERE name = 'key'`).run())
  }

  put(account: NewAccount): Promise<AccountRecord> {
    return this.#counted(() =>
      this.#session.write(async (db, key) => {
        const { provider, account: name, kind, tokens, expiresAt, metadata } = checkAccount(account)
        const secret = sealTokens(key, provider, name, tokens)
        const now = Date.now()
        const row = await db
          .prepare(
            `INSERT INTO byok_accounts
            (provider, account, kind, secret, expires_at, metadata, state, version, created_at, updated_at)
          VALUES (?, ?, ?, ?, ?, ?, 'ok', ?, ?, ?)
          ON CONFLICT (provider, account) DO UPDATE SET
            kind = excluded.kind, secret = excluded.secret, expires_at = excluded.expires_at,
            metadata = excluded.metadata, state = excluded.state, reason = NULL,
            version = byok_accounts.version + 1, updated_at = excluded.updated_at
          RETURNING ${COLUMNS}`,
          )
          .all(provider, name, kind, secret, expiresAt ?? null, JSON.stringify(metadata), firstVersion(), now, now)
        return this.#read(key, row[0])
      }),
    )
  }

  async update(
    provider: string,
    account: string,
    expectedVersion: number,
    changes: AccountChanges,
  ): Promise<AccountRecord | undefined> {
    const { tokens, expiresAt, metadata } = checkChanges(changes)
    return this.#change(provider, account, expectedVersion, (key) => ({
      ...(tokens && { secret: sealTokens(key, provider, account, tokens), state: 'ok', reason: null }),
      ...(expiresAt !== undefined && { expires_at: expiresAt }),
      ...(metadata && { metadata: JSON.stringify(metadata) }),
    }))
  }

  markNeedsLogin(
    provider: string,
    account: string,
    expectedVersion: number,
    reason: string,
  ): Promise<AccountRecord | undefined> {
    return this.#change(provider, account, expectedVersion, () => ({ state: 'needs_login', reason }))
  }

  delete(provider: string, account: string): Promise<boolean> {
    return this.#counted(() =>
      this.#touched('DELETE FROM byok_accounts WHERE provider = ? AND account = ?', [provider, account]),
    )
  }

  acquireLease(provider: string, account: string, owner: string, ttlMs: number): Promise<boolean> {
    return this.#touched(
      (now) =>
        `UPDATE byok_accounts SET lease_owner = ?, lease_until = ${now} + ?
        WHERE provider = ? AND account = ? AND
          (lease_owner IS NULL OR lease_owner = ? OR lease_until <= ${now} OR lease_until > ${now} + ?)`,
      [owner, Math.ceil(ttlMs), provider, account, owner, longestLease(ttlMs)],
    )
  }

  releaseLease(provider: string, account: string, owner: string): Promise<boolean> {
    return this.#touched(
      `UPDATE byok_accounts SET lease_owner = NULL, lease_until = NULL
      WHERE provider = ? AND account = ? AND lease_owner = ?`,
      [provider, account, owner],
    )
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  async #records(sql: string, params: Primitive[]): Promise<AccountRecord[]> {
    const records = await this.#session.read(async (db, key) => {
      const rows = await db.prepare(sql).all(...params)
      if (rows.length === 0) return []
      const opener = await key()
      return rows.map((row) => this.#read(opener, row))
    })
    return records ?? []
  }

  #read(key: MasterKey, row: unknown): AccountRecord {
    return readRow({ key, opened: this.#opened }, row)
  }

  async #change(
    provider: string,
    account: string,
    expectedVersion: number,
    columns: (key: MasterKey) => Record<string, Primitive>,
  ): Promise<AccountRecord | undefined> {
    return this.#counted(() =>
      this.#session.change(async (db, key) => {
        // Without the account there may be no key either.
        const known = await db
          .prepare('SELECT version FROM byok_accounts WHERE provider = ? AND account = ? AND version = ?')
          .all(provider, account, expectedVersion)
        if (known.length === 0) return undefined
        const opener = await key()
        const values = { ...columns(opener), updated_at: Date.now() }
        const assignments = Object.keys(values).map((column) => `${column} = ?`)
        const rows = await db
          .prepare(
            `UPDATE byok_accounts SET ${assignments.join(', ')}, version = version + 1
          WHERE provider = ? AND account = ? AND version = ? RETURNING ${COLUMNS}`,
          )
          .all(...Object.values(values), provider, account, expectedVersion)
        return rows.length === 0 ? undefined : this.#read(opener, rows[0])
      }),
    )
  }

  /** A change counts once it is made: what was listed meanwhile may be of before. */
  async #counted<T>(change: () => Promise<T>): Promise<T> {
    try {
      return await change()
    } finally {
      this.#changes++
    }
  }

  /** Whether the statement met a row. */
  async #touched(sql: string | ((now: string) => string), params: Primitive[]): Promise<boolean> {
    const touched = await this.#session.read(async (db) => {
      const text = typeof sql === 'string' ? sql : sql(nowOf(db))
      // Connectors count changed rows each in their own way, but all return rows alike.
      const rows = await db.prepare(`${text} RETURNING account`).all(...params)
      return rows.length > 0
    })
    return touched ?? false
  }
}

/** Unix milliseconds by the database's own clock: machines that share it need not agree on the time. */
function nowOf(db: Database): string {
  return db.dialect === 'postgresql'
    ? 'CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)'
    : `CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)`
}
