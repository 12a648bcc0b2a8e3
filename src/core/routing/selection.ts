import type { ChatError } from '../chat/index.ts'
import type { Config } from '../config/schema.ts'
import { orAborted } from '../waiting.ts'
import type { TimeLimit } from '../waiting.ts'
import type { Account } from './account.ts'
import type { Circuit, Circuits } from './circuits.ts'
import { exhausted } from './exhausted.ts'
import type { Passed } from './exhausted.ts'
import { kindOfFailure } from './failure.ts'
import type { RoutingCandidate, RoutingStrategy } from './strategy.ts'

export interface SelectionOptions {
  /** In config's order; never empty. */
  accounts: readonly Account[]
  /** The model as the client named it. */
  model: string
  settings: Config['routing']
  /** The id of the account that served the conversation before. */
  preferred: string | undefined
  strategy: RoutingStrategy | undefined
  circuits: Circuits
  inFlight(account: Account): number
  enter(account: Account): void
  leave(account: Account): void
  /** An account serves the request. */
  serve(account: Account): void
}

/** An account that is being asked. */
export interface Pick {
  account: Account
  /** Whether nobody else is in good standing, so that asking it again is the best that can be done. */
  last: boolean
  /** Whether others are left that may serve if it does not, in good standing or not. */
  others: boolean
  /** Whether it is the only account there is. */
  alone: boolean
  /** The answer has begun. */
  succeed(): void
  /**
   * The attempt failed before the client saw a byte.
   * @returns whether another account may be asked.
   */
  fail(error: ChatError): boolean
  /** It ended for reasons of byok's or the client's own. */
  release(): void
  /** The answer that had begun is over; with the error that it broke off with. */
  end(error?: ChatError): void
}

/** How long a request may wait for its turn. */
export interface Patience {
  /** Aborts when the client goes away. */
  signal: AbortSignal
  /** Default: for as long as it takes. */
  limit?: TimeLimit | undefined
}

type Standing = 'ready' | 'resting' | 'weak' | Promise<void>

/** One request's way through its accounts: each is tried once at the most. */
export class Selection {
  readonly #options: SelectionOptions
  readonly #left: Set<Account>
  /** Who was tried, and why that failed. */
  readonly #tried: Passed[] = []

  constructor(options: SelectionOptions) {
    this.#options = options
    this.#left = new Set(options.accounts)
  }

  /**
   * The account to ask now; `undefined` once nobody is left. Waits where all that is left is being tried by another request
   * after its rest.
   */
  async next({ signal, limit }: Patience): Promise<Pick | undefined> {
    for (;;) {
      signal.throwIfAborted()
      if (limit?.error) throw limit.error
      const standing = [...this.#left].map((account) => ({ account, is: this.#standingOf(account) }))
      const ready = standing.filter(({ is }) => is === 'ready').map(({ account }) => account)
      const [first] = this.#order(ready)
      if (first) return this.#take(first, ready.length === 1)
      const probes = standing.flatMap(({ is }) => (is instanceof Promise ? [is] : []))
      if (probes.length > 0) {
        await orEnded(Promise.race(probes), { signal, limit })
        continue
      }
      // They failed a while ago for reasons that may have passed: better than an error.
      const [weak] = standing.filter(({ is }) => is === 'weak').sort((a, b) => this.#until(a) - this.#until(b))
      return weak && this.#take(weak.account, true)
    }
  }

  /** How many were not asked yet. */
  get unasked(): number {
    return this.#left.size
  }

  /** The error once nobody is left or there is no time for more. */
  exhausted(): ChatError {
    const { accounts, model } = this.#options
    const resting = [...this.#left].flatMap((account): Passed[] => {
      const circuit = this.#circuitOf(account)
      return circuit ? [{ account, circuit }] : []
    })
    return exhausted(model, accounts.length, this.#tried, resting)
  }

  #order(ready: Account[]): Account[] {
    const { preferred, strategy, model } = this.#options
    if (ready.length === 0) return []
    const kept = preferred === undefined ? undefined : ready.find(({ id }) => id === preferred)
    if (kept) return [kept]
    const accounts = new Map<RoutingCandidate, Account>(
      ready.map((account) => [candidateOf(account, this.#options.inFlight(account)), account]),
    )
    const ordered = strategy ? strategy([...accounts.keys()], { model }) : [...accounts.keys()]
    return ordered.flatMap((candidate) => accounts.get(candidate) ?? [])
  }

  #standingOf(account: Account): Standing {
    const { circuits, accounts } = this.#options
    const state = circuits.of(account)
    if (state.state === 'closed' || state.state === 'half-open') return 'ready'
    // A rest that byok only guessed is no reason to refuse a request that nobody else can serve.
    const { cause, named } = state.circuit
    const held = cause === 'spent' && (named || accounts.length > 1)
    if (!held) return 'weak'
    return state.state === 'probing' ? state.settled : 'resting'
  }

  #circuitOf(account: Account): Circuit | undefined {
    const state = this.#options.circuits.of(account)
    return state.state === 'closed' ? undefined : state.circuit
  }

  #until({ account }: { account: Account }): number {
    return this.#circuitOf(account)?.until ?? 0
  }

  #take(account: Account, last: boolean): Pick {
    const { circuits, settings, enter, leave, serve } = this.#options
    this.#left.delete(account)
    enter(account)
    const coolDown = { min: settings.min_cooldown, max: settings.max_cooldown }
    const trial = circuits.begin(account)
    const left = once(() => leave(account))
    return {
      account,
      last,
      others: [...this.#left].some((other) => this.#standingOf(other) !== 'resting'),
      alone: this.#options.accounts.length === 1,
      succeed: () => {
        trial.succeed()
        serve(account)
      },
      fail: (error) => {
        left()
        const kind = kindOfFailure(error)
        if (kind === 'invalid' || kind === 'elsewhere') trial.release()
        else trial.fail(error, kind, coolDown)
        if (kind === 'invalid') return false
        this.#tried.push({ account, error, circuit: this.#circuitOf(account) })
        if (kind === 'elsewhere') this.#dropRoute(account)
        return true
      },
      release: () => {
        left()
        trial.release()
      },
      end: (error) => {
        left()
        const kind = error && kindOfFailure(error)
        if (error && (kind === 'fault' || kind === 'spent')) trial.fail(error, kind, coolDown)
      },
    }
  }

  /** The provider as a whole cannot do it. */
  #dropRoute({ route }: Account): void {
    for (const other of this.#left) if (other.route === route) this.#left.delete(other)
  }
}

function candidateOf({ provider, credential, model, route, weight, priority }: Account, inFlight: number) {
  const { account, kind } = credential
  return { provider: provider.name, account, kind, model, route, weight, priority, inFlight } satisfies RoutingCandidate
}

async function orEnded(work: Promise<void>, { signal, limit }: Patience): Promise<void> {
  const late = new AbortController()
  limit?.onEnd((error) => late.abort(error))
  await orAborted(work, [signal, late.signal])
}

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}
