import { accountKey, copyOfTokens } from './account.ts'
import type { AccountTokens } from './types.ts'

/** Whose tokens they are, and the text they were sealed in. */
interface Sealed {
  provider: string
  account: string
  secret: string
}

/**
 * Tokens that were decrypted before, for as long as what they were sealed in stays the same: where one of thousands of logins
 * changes and all are listed anew, to decrypt the others again takes more than all the rest.
 */
export class OpenedTokens {
  readonly #known = new Map<string, { secret: string; tokens: AccountTokens }>()

  /** A copy, whose change changes nothing here. `open` is asked where they are not known; what it throws is not kept. */
  of(sealed: Sealed, open: () => AccountTokens): AccountTokens {
    const key = accountKey(sealed)
    let known = this.#known.get(key)
    if (known?.secret !== sealed.secret) this.#known.set(key, (known = { secret: sealed.secret, tokens: open() }))
    return copyOfTokens(known.tokens)
  }

  /** Forgets all but these. */
  keep(accounts: readonly Omit<Sealed, 'secret'>[]): void {
    if (this.#known.size <= accounts.length) return
    const kept = new Set(accounts.map(accountKey))
    for (const key of this.#known.keys()) if (!kept.has(key)) this.#known.delete(key)
  }
}
