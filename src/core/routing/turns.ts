import TinyQueue from 'tinyqueue'
import type { Account } from './account.ts'

interface Turn {
  account: Account
  /** Its place in the order, for those that are due at once. */
  seat: number
  /** When it is due, on a clock that each turn moves on. */
  due: number
}

/**
 * Accounts that take turns, smoothly by their weights: with weights 2 and 1 it is A B A, never A A B. Stride scheduling (Waldspurger
 * and Weihl, MIT/LCS/TM-528): each is due again after the inverse of its weight, first after half of that. A turn costs no more among
 * thousands than among two.
 */
export class Turns {
  #seated: readonly Account[] | undefined
  #queue = new TinyQueue<Turn>([], earlier)
  #now = 0

  /** Whose turn it is of those that are ready; who is not loses theirs. @param accounts those that take part */
  next(accounts: readonly Account[], isReady: (account: Account) => boolean): Account | undefined {
    if (this.#seated !== accounts) this.#seat(accounts)
    const passedOver: Turn[] = []
    let turn: Turn | undefined
    while ((turn = this.#queue.pop())) {
      if (isReady(turn.account)) break
      passedOver.push(turn)
    }
    if (turn) {
      this.#now = Math.max(this.#now, turn.due)
      passedOver.push(turn)
    }
    for (const one of passedOver) {
      // Where nobody was ready, no turn is lost.
      if (turn) one.due = Math.max(one.due, this.#now) + 1 / one.account.weight
      this.#queue.push(one)
    }
    return turn?.account
  }

  /** Takes up another list of them: those that took part before stay where they are. */
  #seat(accounts: readonly Account[]): void {
    const before = new Map(this.#queue.data.map(({ account, due }) => [account.id, due]))
    this.#seated = accounts
    this.#queue = new TinyQueue(
      accounts.map((account, seat) => ({
        account,
        seat,
        due: before.get(account.id) ?? this.#now + 1 / (2 * account.weight),
      })),
      earlier,
    )
  }
}

function earlier(a: Turn, b: Turn): number {
  return a.due - b.due || a.seat - b.seat
}
