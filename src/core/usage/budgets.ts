import { ChatError } from '../chat/index.ts'
import type { ClientKey } from '../clients/key.ts'
import { dayOf, secondsToMidnight } from './day.ts'

/** What one client used on a day. */
export interface ClientUsage {
  client: string
  requests: number
  tokens: number
}

interface Counted extends Omit<ClientUsage, 'client'> {
  day: string
}

/**
 * What clients may use a day. A request counts when it is let in; its tokens when it is over, so that the
 * last one may go beyond. Kept in memory; see {@link SharedBudgets} for what was used elsewhere and before.
 */
export class Budgets {
  readonly #now: () => number
  /** Here. */
  readonly #used = new Map<string, Counted>()
  /** At other processes. */
  #others = new Map<string, Counted>()

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** What was used at this process on a day. */
  own(day: string): ClientUsage[] {
    return [...this.#used].flatMap(([client, used]) =>
      used.day === day ? [{ client, requests: used.requests, tokens: used.tokens }] : [],
    )
  }

  /** What was used at all other processes on a day, and at those before a restart: each client once for each of them. */
  setOthers(day: string, clients: readonly ClientUsage[]): void {
    this.#others = new Map()
    for (const { client, requests, tokens } of clients) {
      const sum = this.#others.get(client) ?? { day, requests: 0, tokens: 0 }
      sum.requests += requests
      sum.tokens += tokens
      this.#others.set(client, sum)
    }
  }

  /**
   * Lets a request with a key in, and counts it.
   * @param free lets it in whatever was used
   * @throws {ChatError} 429 once its budget is used up.
   */
  admit(key: Pick<ClientKey, 'label' | 'budget'> | undefined, free = false): void {
    if (!key) return
    const { label: client, budget } = key
    const used = this.#today(client)
    const { tokens_per_day: tokens, requests_per_day: requests } = budget ?? {}
    const elsewhere = this.#others.get(client)
    const others = elsewhere?.day === used.day ? elsewhere : { requests: 0, tokens: 0 }
    if (!free && requests !== undefined && used.requests + others.requests >= requests) {
      throw this.#over(client, `${requests} requests`)
    }
    if (!free && tokens !== undefined && used.tokens + others.tokens >= tokens)
      throw this.#over(client, `${tokens} tokens`)
    used.requests++
  }

  /** A request of a client is over. */
  spend(client: string | undefined, tokens: number): void {
    if (client !== undefined) this.#today(client).tokens += tokens
  }

  #today(client: string): Counted {
    const day = dayOf(this.#now())
    let used = this.#used.get(client)
    if (used?.day !== day) {
      used = { day, requests: 0, tokens: 0 }
      this.#used.set(client, used)
    }
    return used
  }

  #over(client: string, what: string): ChatError {
    return new ChatError(
      `The budget of the key ${JSON.stringify(client)} for today is used up: ${what} a day. It begins anew at midnight.`,
      {
        status: 429,
        type: 'insufficient_quota',
        code: 'budget_exceeded',
        retryAfter: secondsToMidnight(this.#now()),
      },
    )
  }
}
