import { homeOf } from './account.ts'
import type { Account } from './account.ts'

/** The accounts of a request, in config's order, and what is found out about them once for all requests that have the same. */
export class AccountList {
  readonly all: readonly Account[]
  #byHome: Map<string, Account> | undefined
  #levels: Account[][] | undefined

  constructor(all: readonly Account[]) {
    this.all = all
  }

  /**
   * By {@link homeOf}; where the account is no longer asked for that model, by the account alone, for what a provider keeps of a
   * conversation stays with it.
   */
  find(home: string): Account | undefined {
    this.#byHome ??= new Map(this.all.map((account) => [homeOf(account), account]))
    return this.#byHome.get(home) ?? this.all.find(({ id }) => home.startsWith(`${id} `))
  }

  /** Those that may stand in for each other, the best first: config's order of providers, then the accounts' priorities. */
  get levels(): readonly (readonly Account[])[] {
    return (this.#levels ??= levelsOf(this.all))
  }
}

function levelsOf(accounts: readonly Account[]): Account[][] {
  const levels: Account[][] = []
  let last: Account | undefined
  for (const account of [...accounts].sort(byLevel)) {
    if (last && byLevel(last, account) === 0) levels.at(-1)?.push(account)
    else levels.push([account])
    last = account
  }
  return levels
}

function byLevel(a: Account, b: Account): number {
  return a.route - b.route || b.priority - a.priority
}
