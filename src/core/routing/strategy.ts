import { isObject } from '../json/json.ts'
import { PluginFault, pluginFault } from '../plugin/fault.ts'
import type { Account } from './account.ts'
import type { AccountList } from './account-list.ts'
import { Lru } from '../lru.ts'
import { Turns } from './turns.ts'

/** An account as a strategy sees it. */
export interface RoutingCandidate {
  readonly provider: string
  /** The account's name among the provider's; never a secret. */
  readonly account: string
  readonly kind: 'api_key' | 'oauth'
  /** The model's name as the provider knows it. */
  readonly model: string
  /** The place of its provider among those of the model, from 0: config's order. */
  readonly route: number
  readonly weight: number
  readonly priority: number
  /** Requests it is serving now. */
  readonly inFlight: number
}

/**
 * Puts the accounts that can serve a request now in the order they should be tried; where none is in good standing, those that failed
 * a while ago. It is asked anew before each attempt, with those that are left. Who is left out of its answer is not tried, a
 * conversation's own account included; that one comes first if it is in it, where `routing.sticky` is on. byok's own strategies let it
 * go as soon as an account of an earlier `route` can serve; a plugin's may do so by leaving it out. Synchronous, for every request waits
 * for it.
 */
export type RoutingStrategy = (
  candidates: readonly RoutingCandidate[],
  context: {
    /** The model as the client named it. */
    model: string
  },
) => readonly RoutingCandidate[]

/** A strategy as byok asks it: for the account to ask next, so that byok's own need not look at all of thousands. */
export type Strategy = (
  accounts: AccountList,
  context: {
    /** The model as the client named it. */
    model: string
    isReady(account: Account): boolean
    inFlight(account: Account): number
    /** To be taken before all others; it is ready. */
    kept?: Account | undefined
    /** Whether {@link kept} is no longer, once an account of a target before its own is ready: later ones only stand in for those. */
    returns?: boolean
  },
) => Account | undefined

/** The strategies there are without a plugin. */
export const BUILTIN_STRATEGIES = ['priority', 'round-robin', 'least-busy'] as const

/** Makes the built-in strategies, each with a memory of its own. */
export function builtinStrategies(): Map<string, Strategy> {
  return new Map<(typeof BUILTIN_STRATEGIES)[number], Strategy>([
    ['priority', keeping(priority)],
    ['round-robin', keeping(roundRobin())],
    ['least-busy', keeping(leastBusy)],
  ])
}

function keeping(strategy: Strategy): Strategy {
  return (accounts, context) => {
    const { kept, returns = false, isReady } = context
    if (kept && !(returns && accounts.all.some((account) => account.route < kept.route && isReady(account))))
      return kept
    return strategy(accounts, context)
  }
}

/** Which strategy it is, and whose. */
export interface StrategyName {
  strategy: string
  plugin: string
}

/** A plugin's, which is told of every account that can serve. */
export function strategyOf(order: RoutingStrategy, name: StrategyName): Strategy {
  return ({ all }, { model, isReady, inFlight, kept }) => {
    const candidates: RoutingCandidate[] = []
    const accounts = new Map<string, Account>()
    for (const account of all) {
      if (!isReady(account)) continue
      const candidate = candidateOf(account, inFlight(account))
      candidates.push(candidate)
      accounts.set(nameOf(candidate), account)
    }
    if (candidates.length === 0) return undefined
    let first: Account | undefined
    for (const candidate of answerOf(order, candidates, model, name)) {
      // A plugin may make objects of its own of those it was given.
      const account = accounts.get(nameOf(candidate))
      if (account && (account === kept || !kept)) return account
      first ??= account
    }
    return first
  }
}

/** @throws {PluginFault} */
function answerOf(
  order: RoutingStrategy,
  candidates: readonly RoutingCandidate[],
  model: string,
  { strategy, plugin }: StrategyName,
): readonly RoutingCandidate[] {
  const [part, owner] = [`routing strategy "${strategy}"`, `plugin "${plugin}"`]
  let answer: unknown
  try {
    answer = order(candidates, { model })
  } catch (error) {
    throw pluginFault(error, part, owner)
  }
  if (isList(answer)) return answer
  // Left alone, its failure would end the process.
  if (answer instanceof Promise) answer.catch(() => {})
  const what = answer instanceof Promise ? 'a promise' : 'something else'
  throw new PluginFault(part, owner, undefined, `returned ${what} in place of a list of candidates`)
}

function isList(answer: unknown): answer is readonly RoutingCandidate[] {
  return Array.isArray(answer) && answer.every(isObject)
}

/** Fills the first account before the next one is used. */
const priority: Strategy = ({ levels }, { isReady }) => {
  for (const level of levels) {
    const first = level.find(isReady)
    if (first) return first
  }
  return undefined
}

/** The account with the fewest requests for its weight. */
const leastBusy: Strategy = ({ levels }, { isReady, inFlight }) => {
  for (const level of levels) {
    let best: Account | undefined
    let least = Infinity
    for (const account of level) {
      if (!isReady(account)) continue
      const load = inFlight(account) / account.weight
      if (load < least) [best, least] = [account, load]
      // Nobody has fewer.
      if (load === 0) break
    }
    if (best) return best
  }
  return undefined
}

const MOST_GROUPS = 1000

/** Accounts of one level take turns by their weights. */
function roundRobin(): Strategy {
  // Bounded, because clients may name any model.
  const groups = new Lru<string, Turns>(MOST_GROUPS)
  return ({ levels }, { model, isReady }) => {
    for (const level of levels) {
      const [first] = level
      if (!first) continue
      const key = JSON.stringify([model, first.provider.name, first.model, first.priority])
      let turns = groups.get(key)
      if (!turns) groups.set(key, (turns = new Turns()))
      const account = turns.next(level, isReady)
      if (account) return account
    }
    return undefined
  }
}

function candidateOf(account: Account, inFlight: number): RoutingCandidate {
  const { provider, credential, model, route, weight, priority } = account
  const { account: name, kind } = credential
  return { provider: provider.name, account: name, kind, model, route, weight, priority, inFlight }
}

function nameOf({ provider, kind, account, model, route }: RoutingCandidate): string {
  return JSON.stringify([provider, kind, account, model, route])
}
