import { Abort } from '../async/abort.ts'
import type { Stop } from '../async/abort.ts'
import type { ChatError } from '../chat/index.ts'
import type { Config } from '../config/schema.ts'
import { orAborted } from '../async/waiting.ts'
import type { TimeLimit } from '../async/waiting.ts'
import type { Account } from './account.ts'
import type { AccountList } from './account-list.ts'
import type { Circuit, Circuits } from './circuits.ts'
import { exhausted } from './exhausted.ts'
import type { Passed } from './exhausted.ts'
import { isLacking, kindOfFailure } from './failure.ts'
import type { Strategy } from './strategy.ts'

export interface SelectionOptions {
  /** Never empty. */
  accounts: AccountList
  /** The model as the client named it. */
  model: string
  settings: Config['routing']
  /** {@link homeOf} the account that served the conversation before. */
  preferred: string | undefined
  /** Whether nobody else can go on with the conversation. */
  held: boolean
  /** Default: config's order. */
  strategy: Strategy | undefined
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
  /** Whether it rests, and is asked all the same for want of others. */
  resting: boolean
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
  signal: Stop
  /** Default: for as long as it takes. */
  limit?: TimeLimit | undefined
}

type Standing = 'ready' | 'resting' | 'weak' | Promise<void>

/**
 * One request's way through its accounts: each is tried once at the most. While accounts are well it looks at as many as it asks, not
 * at all of them.
 */
export class Selection {
  readonly #options: SelectionOptions
  /** Those that were tried, and those that need not be. */
  readonly #gone = new Set<Account>()
  /** Who was tried, and why that failed. */
  readonly #tried: Passed[] = []
  /** Each lets an account rest that does not have the model. */
  readonly #lacking: (() => void)[] = []
  /** Who could be asked, but for the strategy. */
  #leftOut: readonly Account[] = []

  constructor(options: SelectionOptions) {
    this.#options = options
  }

  /**
   * The account to ask now; `undefined` once nobody is left. Waits where all that is left is being tried by another request
   * after its rest.
   */
  next(patience: Patience): Pick | Promise<Pick | undefined> {
    return this.#ready(patience) ?? this.#nextWaiting(patience)
  }

  /** One in good standing. */
  #ready({ signal, limit }: Patience): Pick | undefined {
    if (signal.aborted) throw signal.reason
    if (limit?.error) throw limit.error
    const best = this.#best()
    return best && this.#take(best, !this.#some((other) => other !== best && this.#isReady(other)))
  }

  async #nextWaiting({ signal, limit }: Patience): Promise<Pick | undefined> {
    for (;;) {
      const standing = this.#left().map((account) => ({ account, is: this.#standingOf(account) }))
      const probes = standing.flatMap(({ is }) => (is instanceof Promise ? [is] : []))
      if (probes.length > 0) {
        await orEnded(Promise.race(probes), { signal, limit })
        const ready = this.#ready({ signal, limit })
        if (ready) return ready
        continue
      }
      // They failed a while ago for reasons that may have passed: better than an error.
      const weak = standing.flatMap(({ account, is }) => (is === 'weak' ? [account] : []))
      const [soonest] = weak.toSorted((a, b) => this.#until(a) - this.#until(b))
      const last = soonest && this.#choose((account) => weak.includes(account), soonest)
      if (last) return this.#take(last, true)
      this.#leftOut = standing.flatMap(({ account, is }) => (is === 'resting' ? [] : [account]))
      return undefined
    }
  }

  /** How many were not asked yet. */
  get unasked(): number {
    return this.#options.accounts.all.length - this.#gone.size
  }

  /** The error once nobody is left or there is no time for more. */
  exhausted(): ChatError {
    const { accounts, model, settings } = this.#options
    const leftOut = this.#leftOut
    const resting: Passed[] = []
    const unasked: Account[] = []
    for (const account of this.#left()) {
      if (leftOut.includes(account)) continue
      const circuit = this.#circuitOf(account)
      if (circuit?.cause === 'spent') resting.push({ account, circuit })
      else unasked.push(account)
    }
    const { length: known } = accounts.all
    return exhausted({ model, strategy: settings.strategy, known, tried: this.#tried, resting, unasked, leftOut })
  }

  /** The one to ask of those in good standing. */
  #best(): Account | undefined {
    const { accounts, preferred, held } = this.#options
    const isReady = (account: Account) => this.#isReady(account)
    const kept = preferred === undefined ? undefined : accounts.find(preferred)
    return this.#choose(isReady, kept && isReady(kept) ? kept : undefined, !held)
  }

  #choose(isReady: (account: Account) => boolean, kept: Account | undefined, returns = false): Account | undefined {
    const { accounts, strategy, model, inFlight } = this.#options
    const context = { model, isReady, inFlight, kept, returns }
    return strategy ? strategy(accounts, context) : (kept ?? accounts.all.find(isReady))
  }

  #isReady(account: Account): boolean {
    return !this.#gone.has(account) && this.#standingOf(account) === 'ready'
  }

  /** Whether one of those that are left passes the test; no more are looked at than that takes. */
  #some(test: (account: Account) => boolean): boolean {
    return this.#options.accounts.all.some((account) => !this.#gone.has(account) && test(account))
  }

  #left(): Account[] {
    return this.#options.accounts.all.filter((account) => !this.#gone.has(account))
  }

  #standingOf(account: Account): Standing {
    const { circuits, accounts } = this.#options
    const state = circuits.of(account)
    if (state.state === 'closed' || state.state === 'half-open') return 'ready'
    // A rest that byok only guessed is no reason to refuse a request that nobody else can serve.
    const { cause, named } = state.circuit
    const held = cause === 'spent' && (named || accounts.all.length > 1)
    if (!held) return 'weak'
    return state.state === 'probing' ? state.settled : 'resting'
  }

  #circuitOf(account: Account): Circuit | undefined {
    const state = this.#options.circuits.of(account)
    return state.state === 'closed' ? undefined : state.circuit
  }

  #until(account: Account): number {
    return this.#circuitOf(account)?.until ?? 0
  }

  #take(account: Account, last: boolean): Pick {
    const { circuits, settings, held, enter, leave, serve } = this.#options
    this.#gone.add(account)
    enter(account)
    const coolDown = { min: settings.min_cooldown, max: settings.max_cooldown }
    const resting = circuits.of(account).state === 'open'
    const trial = circuits.begin(account)
    const left = once(() => leave(account))
    return {
      account,
      last,
      others: this.#some((other) => this.#standingOf(other) !== 'resting'),
      resting,
      alone: this.#options.accounts.all.length === 1,
      succeed: () => {
        trial.succeed()
        // The model is there, so that it was they who lack it: OpenAI gives models by project, servers have their own.
        for (const rest of this.#lacking.splice(0)) rest()
        serve(account)
      },
      fail: (error) => {
        left()
        // What a provider does not find there is what it was to go on from, and nobody else has it.
        const gone = held && error.status === 404 && error.code !== 'model_not_found'
        const kind = gone ? 'invalid' : kindOfFailure(error)
        if (kind === 'invalid' || kind === 'elsewhere' || error.ofAnotherModel) trial.release()
        else trial.fail(error, kind, coolDown)
        if (kind === 'invalid') return false
        this.#tried.push({ account, error, circuit: this.#circuitOf(account) })
        if (!isLacking(error)) {
          if (kind === 'elsewhere') this.#dropAlike(account)
        } else if (!error.ofAnotherModel && (error.param === null || error.param === 'model')) {
          // A file of another account, say, is no reason to rest.
          this.#lacking.push(() => trial.fail(error, 'refused', coolDown))
        }
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

  /** What is missing is missing to all of this kind of credential: a login is often asked in another format than a key. */
  #dropAlike({ route, credential: { kind } }: Account): void {
    for (const other of this.#options.accounts.all) {
      if (other.route === route && other.credential.kind === kind) this.#gone.add(other)
    }
  }
}

async function orEnded(work: Promise<void>, { signal, limit }: Patience): Promise<void> {
  const late = new Abort()
  limit?.onEnd((error) => late.abort(error))
  await orAborted(work, [signal, late])
}

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}
