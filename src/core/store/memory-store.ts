import {
  accountKey,
  checkAccount,
  checkChanges,
  compareAccounts,
  copyOfTokens,
  firstVersion,
  longestLease,
} from './account.ts'
import { StoreError } from './errors.ts'
import type { AccountChanges, AccountRecord, NewAccount, TokenStore } from './types.ts'

/** A {@link TokenStore} that lives as long as the process, for tests and for programs that keep logins elsewhere. */
export function createMemoryTokenStore(): TokenStore {
  return new MemoryTokenStore()
}

class MemoryTokenStore implements TokenStore {
  readonly #accounts = new Map<string, AccountRecord>()
  #closed = false
  #changes = 0

  async list(provider?: string): Promise<AccountRecord[]> {
    this.#checkOpen()
    const all = [...this.#accounts.values()]
    const some = provider === undefined ? all : all.filter((record) => record.provider === provider)
    return some.map(copyOf).sort(compareAccounts)
  }

  async stamp(): Promise<string> {
    return String(this.#changes)
  }

  async get(provider: string, account: string): Promise<AccountRecord | undefined> {
    const record = this.#find(provider, account)
    return record && copyOf(record)
  }

  async put(account: NewAccount): Promise<AccountRecord> {
    const checked = checkAccount(account)
    const old = this.#find(checked.provider, checked.account)
    const now = Date.now()
    return this.#keep({
      ...checked,
      state: 'ok',
      version: old ? old.version + 1 : firstVersion(),
      createdAt: old?.createdAt ?? now,
      updatedAt: now,
      lease: old?.lease,
    })
  }

  async update(
    provider: string,
    account: string,
    expectedVersion: number,
    changes: AccountChanges,
  ): Promise<AccountRecord | undefined> {
    const { tokens, expiresAt, metadata } = checkChanges(changes)
    return this.#change(provider, account, expectedVersion, {
      ...(tokens && { tokens, state: 'ok', reason: undefined }),
      ...(expiresAt !== undefined && { expiresAt: expiresAt ?? undefined }),
      ...(metadata && { metadata }),
    })
  }

  async markNeedsLogin(
    provider: string,
    account: string,
    expectedVersion: number,
    reason: string,
  ): Promise<AccountRecord | undefined> {
    return this.#change(provider, account, expectedVersion, { state: 'needs_login', reason })
  }

  async delete(provider: string, account: string): Promise<boolean> {
    this.#checkOpen()
    this.#changes++
    return this.#accounts.delete(accountKey({ provider, account }))
  }

  async acquireLease(provider: string, account: string, owner: string, ttlMs: number): Promise<boolean> {
    const record = this.#find(provider, account)
    if (!record) return false
    const now = Date.now()
    const left = (record.lease?.until ?? 0) - now
    if (record.lease?.owner !== owner && left > 0 && left <= longestLease(ttlMs)) return false
    record.lease = { owner, until: now + Math.ceil(ttlMs) }
    return true
  }

  async releaseLease(provider: string, account: string, owner: string): Promise<boolean> {
    const record = this.#find(provider, account)
    if (record?.lease?.owner !== owner) return false
    record.lease = undefined
    return true
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#accounts.clear()
  }

  #change(
    provider: string,
    account: string,
    expectedVersion: number,
    changes: Partial<AccountRecord>,
  ): AccountRecord | undefined {
    const old = this.#find(provider, account)
    if (old?.version !== expectedVersion) return undefined
    return this.#keep({ ...old, ...changes, version: old.version + 1, updatedAt: Date.now() })
  }

  #keep(record: AccountRecord): AccountRecord {
    this.#changes++
    this.#accounts.set(accountKey(record), copyOf(record))
    return copyOf(record)
  }

  #find(provider: string, account: string): AccountRecord | undefined {
    this.#checkOpen()
    return this.#accounts.get(accountKey({ provider, account }))
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreError('closed', 'The token store is closed.')
  }
}

/** A copy without the optional fields that hold `undefined`, as a database gives it. */
function copyOf({ expiresAt, reason, lease, ...record }: AccountRecord): AccountRecord {
  return {
    ...record,
    tokens: copyOfTokens(record.tokens),
    metadata: { ...record.metadata },
    ...(expiresAt !== undefined && { expiresAt }),
    ...(reason !== undefined && { reason }),
    ...(lease && { lease: { ...lease } }),
  }
}
