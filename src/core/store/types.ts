import type { Secret } from '../secrets/secret.ts'

/** The secrets of one login. All of them are encrypted at rest. */
export interface AccountTokens {
  accessToken: Secret
  refreshToken?: Secret
  idToken?: Secret
  /** Other secrets a provider needs, by its own names, such as the client secret that Kiro registered. */
  extra?: Record<string, Secret>
}

/** A login as it is handed to {@link TokenStore.put}. */
export interface NewAccount {
  /** The provider's name, as in config. */
  provider: string
  /** The account's name among the provider's, such as an e-mail address. */
  account: string
  kind: 'oauth'
  tokens: AccountTokens
  /** Unix milliseconds; absent where the provider gives no expiry. */
  expiresAt?: number
  /** What the provider needs for later calls, such as ChatGPT's account id. Kept in the clear: never a secret. */
  metadata?: Record<string, string>
}

/** A login as the store has it. A snapshot: changing it changes nothing in the store. */
export interface AccountRecord extends NewAccount {
  metadata: Record<string, string>
  /** `needs_login`: its tokens no longer work and only a new login helps. */
  state: 'ok' | 'needs_login'
  /** Why a login is needed, such as `invalid_grant`; `damaged` where the store cannot read it: its tokens are empty then. */
  reason?: string
  /** Changes with every write but a lease's. Only good for comparing: see {@link TokenStore.update}. */
  version: number
  /** Unix milliseconds. */
  createdAt: number
  /** Unix milliseconds. */
  updatedAt: number
  /** The last lease taken and not released; over once `until` has passed. */
  lease?: Lease
}

/** Who may refresh an account's tokens now. */
export interface Lease {
  owner: string
  /** Unix milliseconds by the database's clock. */
  until: number
}

/** What {@link TokenStore.update} changes; what is left out stays. */
export interface AccountChanges {
  /** Replaces all tokens, and sets the state to `ok`. Spread the record's own to keep the others. */
  tokens?: AccountTokens
  /** `null` removes it. */
  expiresAt?: number | null
  /** Replaces all of it. */
  metadata?: Record<string, string>
}

/**
 * Logins, kept across restarts and shared by every process (and, over PostgreSQL or libSQL, machine) that opens the same
 * database. A write is on disk when its promise resolves; each is one statement, so a crash leaves the old or the new value.
 * Every method rejects with a {@link StoreError}.
 */
export interface TokenStore {
  /** All accounts, or one provider's: by provider, then in the order they were first added. */
  list(provider?: string): Promise<AccountRecord[]>

  /**
   * Something that differs once an account may have changed, whoever changed it. It is asked for with each request, and accounts
   * are listed anew where it differs; without it, with each request.
   */
  stamp?(): Promise<string>

  get(provider: string, account: string): Promise<AccountRecord | undefined>

  /**
   * Makes all that {@link TokenStore.put} needs, and rejects where nothing could be stored: asked before a person takes the
   * trouble to sign in. Without it, that shows after.
   */
  ready?(): Promise<void>

  /** Adds a login, or replaces the one of that name whatever its version; the state is `ok` afterwards. */
  put(account: NewAccount): Promise<AccountRecord>

  /**
   * Changes an account if it is still at `expectedVersion`, and resolves with the new record; `undefined` says that it was
   * changed or deleted meanwhile, and that nothing was written.
   */
  update(
    provider: string,
    account: string,
    expectedVersion: number,
    changes: AccountChanges,
  ): Promise<AccountRecord | undefined>

  /**
   * Says that only a new login helps, unless the account was changed since `expectedVersion` (then `undefined`), as by that
   * very login. `reason` is kept in the clear and shown to people.
   */
  markNeedsLogin(
    provider: string,
    account: string,
    expectedVersion: number,
    reason: string,
  ): Promise<AccountRecord | undefined>

  /** Resolves whether there was such an account. */
  delete(provider: string, account: string): Promise<boolean>

  /**
   * Takes the account's lease for `ttlMs`, or prolongs the owner's own; `false` where another owner's has not run out, or
   * there is no such account. One that would last for more than ten times as long is of before the clock was set back, and run out.
   * One who gets it must read the record anew: the last holder may have changed it. A holder that overran its time is caught by the
   * version in {@link TokenStore.update}.
   *
   * @param owner unique to the one who asks, across processes: a random UUID, say
   */
  acquireLease(provider: string, account: string, owner: string, ttlMs: number): Promise<boolean>

  /** Resolves whether `owner` still had it. */
  releaseLease(provider: string, account: string, owner: string): Promise<boolean>

  /** Waits for what is under way, then lets go of the database. Later calls reject; closing twice is fine. */
  close(): Promise<void>
}
