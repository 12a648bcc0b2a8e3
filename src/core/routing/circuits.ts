import type { Credential } from '../auth/credential.ts'
import type { ChatError } from '../chat/index.ts'
import { cleanName } from '../text/clean-name.ts'
import { idOf } from './account.ts'
import type { Account } from './account.ts'
import type { RestCause } from './failure.ts'
import { Lru } from '../lru.ts'

/** Why and how long an account rests for a model. Holds no secret. */
export interface Circuit {
  provider: string
  kind: 'api_key' | 'oauth'
  /** What it was called then. */
  account: string
  model: string
  cause: RestCause
  /** What the provider answered, as the client would see it. */
  status: number
  /** The error's code or type. */
  code: string
  /** Failures in a row. */
  failures: number
  /** Unix milliseconds. */
  openedAt: number
  /** Unix milliseconds. After it one request tries whether the account serves again. */
  until: number
  /** Whether the provider named that time. */
  named: boolean
  /** {@link Account.fingerprint}: under another one the rest does not count. */
  fingerprint: string
}

/** Whether an account may be asked. */
export type CircuitState =
  | { state: 'closed' }
  /** It rests. */
  | { state: 'open'; circuit: Circuit }
  /** Its rest is over; whoever comes first tries. */
  | { state: 'half-open'; circuit: Circuit }
  /** Someone is trying now; `settled` resolves once that is over. */
  | { state: 'probing'; circuit: Circuit; settled: Promise<void> }

/** Milliseconds. */
export interface CoolDown {
  min: number
  max: number
}

/** One request's use of an account. One of the three is always called. */
export interface Trial {
  succeed(): void
  /** Also after `succeed`, for an answer that breaks off, and after `release`, where it turns out later. */
  fail(error: ChatError, cause: RestCause, coolDown: CoolDown): void
  /** It says nothing about the account: the client went away, or the request was at fault. */
  release(): void
}

/** What other processes found out. */
export interface CircuitChanges {
  circuits: Circuit[]
  /** {@link keyOf} those that are closed. */
  gone: string[]
}

/**
 * Milliseconds. The longest limits begin anew each month; what names a later time has most often another unit, and dates have an end.
 */
const LONGEST_REST = 35 * 24 * 3_600_000

/**
 * Milliseconds by which the clocks of machines that share rests may differ. What began later than that from now on was noted by a clock that
 * was ahead and has been set right since: how long it lasts, nobody knows.
 */
const MOST_SKEW = 60_000

/** More accounts and models than anybody has; a bound because clients may name any model. */
const MOST_CIRCUITS = 5000

function isAhead({ openedAt }: Circuit, now: number): boolean {
  return openedAt - now > MOST_SKEW
}

/** Whether an account rests now. */
export function isResting(circuit: Circuit, now: number): boolean {
  return circuit.until > now && !isAhead(circuit, now)
}

/**
 * Which accounts rest, by account and model. A failed one rests until the time its provider names, else for a span that
 * doubles with each failure; then one request tries it, and the others go on only once that has gone well.
 */
export class Circuits {
  readonly #circuits = new Lru<string, Circuit>(MOST_CIRCUITS)
  readonly #probes = new Map<string, { settled: Promise<void>; settle: () => void }>()
  /** Fingerprints under newer tokens, by what requests under way, and lists not yet read anew, have of the login. */
  readonly #renewals = new WeakMap<Credential, string>()
  readonly #now: () => number
  readonly #onChange: (key: string, circuit: Circuit | undefined) => void

  /** @param onChange told of each change here, to keep it: `undefined` for a circuit that is closed */
  constructor(now: () => number = Date.now, onChange: (key: string, circuit: Circuit | undefined) => void = () => {}) {
    this.#now = now
    this.#onChange = onChange
  }

  /** Takes up what was kept of an earlier run, or found out by another process. */
  merge({ circuits, gone = [] }: Partial<CircuitChanges> & Pick<CircuitChanges, 'circuits'>): void {
    for (const circuit of circuits) {
      const key = keyOf(circuit)
      const mine = this.#circuits.get(key)
      if (!mine || this.#outweighs(circuit, mine)) this.#circuits.set(key, circuit)
    }
    for (const key of gone) this.#circuits.delete(key)
  }

  get all(): Circuit[] {
    return [...this.#circuits.values()]
  }

  of(account: Account): CircuitState {
    const key = keyOfAccount(account)
    const circuit = this.#circuits.get(key)
    // Under another fingerprint, another login stands under that name: here, or in the process that found it out.
    if (!circuit || circuit.fingerprint !== this.#fingerprintOf(account)) return { state: 'closed' }
    if (isResting(circuit, this.#now())) return { state: 'open', circuit }
    const probe = this.#probes.get(key)
    return probe ? { state: 'probing', circuit, settled: probe.settled } : { state: 'half-open', circuit }
  }

  /** An account is about to be asked. */
  begin(account: Account): Trial {
    const key = keyOfAccount(account)
    const startedAt = this.#now()
    const probe = this.of(account).state === 'half-open' ? deferred() : undefined
    if (probe) this.#probes.set(key, probe)
    const settle = () => {
      probe?.settle()
      // An answer that breaks off later must not end the next request's probe.
      if (probe && this.#probes.get(key) === probe) this.#probes.delete(key)
    }
    return {
      succeed: () => {
        const circuit = this.#circuits.get(key)
        // One opened since tells of something newer.
        if (circuit && (probe || circuit.openedAt <= startedAt)) {
          this.#circuits.delete(key)
          this.#onChange(key, undefined)
        }
        settle()
      },
      fail: (error, cause, coolDown) => {
        this.#open(key, account, startedAt, error, cause, coolDown)
        settle()
      },
      release: settle,
    }
  }

  /** A login has new tokens: what is known of it still counts, and what turns out with them is of them. */
  renewed(account: Account, fingerprint: string): void {
    const before = this.#fingerprintOf(account)
    this.#renewals.set(account.credential, fingerprint)
    for (const circuit of this.#circuits.values()) {
      const same = circuit.provider === account.provider.name && circuit.account === account.credential.account
      if (!same || circuit.fingerprint !== before) continue
      circuit.fingerprint = fingerprint
      this.#onChange(keyOf(circuit), circuit)
    }
  }

  /** The rests of accounts for whatever model, also those that are over, until they have served again: by {@link idOf}. */
  byAccount(): Map<string, Circuit[]> {
    const all = new Map<string, Circuit[]>()
    for (const circuit of this.#circuits.values()) {
      const id = idOf(circuit)
      const known = all.get(id)
      if (known) known.push(circuit)
      else all.set(id, [circuit])
    }
    return all
  }

  /** Ends every rest of an account: somebody knows better, who bought credits for it. */
  wake({ id }: Account): void {
    for (const circuit of this.byAccount().get(id) ?? []) {
      const key = keyOf(circuit)
      this.#circuits.delete(key)
      this.#onChange(key, undefined)
    }
  }

  #fingerprintOf({ credential, fingerprint }: Account): string {
    return this.#renewals.get(credential) ?? fingerprint
  }

  /** The newer word counts, but for that of a clock that was ahead, which would be the newer one for as long as it was. */
  #outweighs(circuit: Circuit, mine: Circuit): boolean {
    const now = this.#now()
    const ahead = isAhead(circuit, now)
    return ahead === isAhead(mine, now) ? mine.openedAt <= circuit.openedAt : !ahead
  }

  #open(
    key: string,
    account: Account,
    startedAt: number,
    error: ChatError,
    cause: RestCause,
    { min, max }: CoolDown,
  ): void {
    const now = this.#now()
    const known = this.#circuits.get(key)
    const before = known && !isAhead(known, now) ? known : undefined
    // Requests that ran at the same time and failed alike are one failure.
    const counted = before !== undefined && before.openedAt > startedAt
    const failures = (before?.failures ?? 0) + (counted ? 0 : 1)
    const named = error.retryAfter !== undefined && error.retryAfter > 0
    // So many doublings are the most that any bounds hold; more would end in what is no number.
    const guessed = Math.min(min * 2 ** Math.min(failures - 1, 40), max)
    const until = now + Math.min(named ? Math.ceil((error.retryAfter ?? 0) * 1000) : guessed, LONGEST_REST)
    // What is known to last longer counts more than what failed beside it.
    if (counted && before.until >= until) return
    const { provider, credential, model } = account
    const circuit: Circuit = {
      provider: provider.name,
      kind: credential.kind,
      account: credential.account,
      model: cleanName(model),
      cause,
      status: error.status,
      code: error.code ?? error.type,
      failures,
      openedAt: counted ? before.openedAt : now,
      until,
      named,
      fingerprint: this.#fingerprintOf(account),
    }
    this.#circuits.set(key, circuit)
    this.#onChange(key, circuit)
  }
}

const accountKeys = new WeakMap<Account, string>()

function keyOfAccount(account: Account): string {
  const known = accountKeys.get(account)
  if (known !== undefined) return known
  const { provider, credential, fingerprint } = account
  const { kind, account: name } = credential
  const key = keyOf({ provider: provider.name, kind, account: name, fingerprint, model: cleanName(account.model) })
  accountKeys.set(account, key)
  return key
}

/** Names a circuit. */
export function keyOf(circuit: Pick<Circuit, 'provider' | 'kind' | 'account' | 'fingerprint' | 'model'>): string {
  return JSON.stringify([idOf(circuit), circuit.model])
}

function deferred(): { settled: Promise<void>; settle: () => void } {
  let settle = () => {}
  const settled = new Promise<void>((resolve) => (settle = resolve))
  return { settled, settle }
}
