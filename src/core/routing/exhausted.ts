import { ChatError } from '../chat/index.ts'
import type { Account } from './account.ts'
import type { Circuit } from './circuits.ts'
import { isLacking, kindOfFailure } from './failure.ts'

/** An account that did not serve a request. */
export interface Passed {
  account: Account
  /** What it failed with, where it was tried. */
  error?: ChatError
  /** Its rest, where it rests. */
  circuit?: Circuit | undefined
}

/** A request that no account served. */
export interface Unserved {
  model: string
  /** The name of the routing strategy. */
  strategy: string
  /** How many accounts there are. */
  known: number
  tried: readonly Passed[]
  /** Those that were not asked because they rest. */
  resting: readonly Passed[]
  /** Those that there was no attempt left for. */
  unasked?: readonly Account[]
  /** Those that the strategy would not have asked. */
  leftOut?: readonly Account[]
}

/**
 * The error of a request that no account could serve, with why each could not. Where there is but one, or but one that could not do
 * it, what its provider said is the best word. Where all that can are spent, or those that are not are not let in, it is a 429 with
 * the time the first of the spent is back: waiting helps. Where others are left that were not asked, the next try may reach them, for who
 * was asked rests by then; not where none of these had the model, for which nobody rests. Else the last fault counts, for it may have passed
 * at the next try.
 */
export function exhausted(
  { model, strategy, known, tried, resting, unasked = [], leftOut = [] }: Unserved,
  now = Date.now(),
): ChatError {
  const errors = tried.flatMap(({ error }) => error ?? [])
  const all = [...tried, ...resting]
  const [only] = errors
  if (only && (known === 1 || (all.length === 1 && kindOfFailure(only) === 'elsewhere'))) return only
  const list = [
    ...all.map((passed) => describe(passed, now)),
    ...unasked.map((account) => `${nameOf(account)}: not asked`),
    ...leftOut.map((account) => `${nameOf(account)}: left out by the routing strategy`),
  ].join('; ')
  const able = all.filter((passed) => !isUnable(passed))
  const spent = able.filter(isSpent)
  const retryAfter = soonest(spent, now)
  const cause = causeOf(errors)
  if (unasked.length > 0 && cause && kindOfFailure(cause) !== 'fault' && !errors.every(isLacking)) {
    return new ChatError(
      `As many accounts were asked for ${shown(model)} as routing.max_attempts allows, and none could serve it. Try again, or raise routing.max_attempts. ${list}.`,
      { status: 503, type: 'overloaded_error', code: 'max_attempts_reached', retryAfter: 1, cause },
    )
  }
  if (cause && !(spent.length > 0 && able.every((passed) => isSpent(passed) || isRefused(passed)))) {
    const said = /[.!?…]$/.test(cause.message) ? cause.message : `${cause.message}.`
    return new ChatError(`${said} Accounts tried or passed over for ${shown(model)}: ${list}.`, {
      status: cause.status,
      type: cause.type,
      code: cause.code,
      param: cause.param,
      provider: cause.provider,
      upstreamStatus: cause.upstreamStatus,
      upstreamRequestId: cause.upstreamRequestId,
      retryAfter: cause.retryAfter,
      details: cause.details,
      cause,
    })
  }
  if (spent.length === 0 && leftOut.length > 0) {
    const left = `The routing strategy ${shown(strategy)} left out every account that can serve ${shown(model)}.`
    return new ChatError(left, { status: 503, type: 'server_error', code: 'left_out_by_strategy' })
  }
  const wait = retryAfter === undefined ? '' : ` Try again in ${span(retryAfter)}.`
  const how = spent.length === able.length ? 'spent' : 'spent or not let in'
  return new ChatError(`Every account that can serve ${shown(model)} is ${how}.${wait} ${list}.`, {
    status: 429,
    type: 'rate_limit_error',
    code: 'all_accounts_spent',
    ...(retryAfter !== undefined && { retryAfter }),
    ...(errors.at(-1) && { cause: errors.at(-1) }),
  })
}

/** What kept the request from being served, where it was more than spent accounts: rather what may pass than what will not. */
function causeOf(errors: readonly ChatError[]): ChatError | undefined {
  const others = errors.filter((error) => kindOfFailure(error) !== 'spent')
  return others.findLast((error) => kindOfFailure(error) !== 'elsewhere') ?? others.at(-1)
}

/** `codex (work): 429 rate_limit_exceeded, back in 5 minutes`. No word of the provider's: it was for another request. */
function describe({ account, error, circuit }: Passed, now: number): string {
  const why = error ?? circuit
  const what = why ? `${why.status} ${error ? (error.code ?? error.type) : (circuit?.code ?? '')}` : 'not tried'
  const back = circuit && circuit.until > now ? `, back in ${span((circuit.until - now) / 1000)}` : ''
  return `${nameOf(account)}: ${what}${back}`
}

function nameOf({ provider, credential }: Account): string {
  return `${provider.name} (${credential.account})`
}

function isSpent({ error, circuit }: Passed): boolean {
  return error ? kindOfFailure(error) === 'spent' : circuit?.cause === 'spent'
}

/** Whether it is not for such a request, however long one waits. */
function isUnable({ error }: Passed): boolean {
  return error !== undefined && kindOfFailure(error) === 'elsewhere'
}

function isRefused({ error, circuit }: Passed): boolean {
  return error ? kindOfFailure(error) === 'refused' : circuit?.cause === 'refused'
}

/** Seconds until the first of them is back. */
function soonest(passed: readonly Passed[], now: number): number | undefined {
  const times = passed.flatMap(({ circuit }) => (circuit ? [Math.max(0, circuit.until - now)] : []))
  return times.length > 0 ? Math.max(1, Math.ceil(Math.min(...times) / 1000)) : undefined
}

function span(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds))
  if (whole < 120) return `${whole} s`
  return whole < 7200 ? `${Math.ceil(whole / 60)} min` : `${Math.ceil(whole / 3600)} h`
}

function shown(model: string): string {
  return JSON.stringify(model.slice(0, 200))
}
