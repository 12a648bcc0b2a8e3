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
    const name = nameOf(sealed)
    let known = this.#known.get(name)
    if (known?.secret !== sealed.secret) this.#known.set(name, (known = { secret: sealed.secret, tokens: open() }))
    return copyOf(known.tokens)
  }

  /** Forgets all but these. */
  keep(accounts: readonly Omit<Sealed, 'secret'>[]): void {
    if (this.#known.size <= accounts.length) return
    const kept = new Set(accounts.map(nameOf))
    for (const name of this.#known.keys()) if (!kept.has(name)) this.#known.delete(name)
  }
}

function nameOf({ provider, account }: Omit<Sealed, 'secret'>): string {
  return JSON.stringify([provider, account])
}

function copyOf(tokens: AccountTokens): AccountTokens {
  return { ...tokens, ...(tokens.extra && { extra: { ...tokens.extra } }) }
}
