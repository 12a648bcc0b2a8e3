import { pluginFault } from '../plugin-fault.ts'
import type { Account } from './account.ts'
import type { AccountList } from './account-list.ts'
import { Lru } from './lru.ts'
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
 * Puts the accounts that can serve a request now in the order they should be tried. It is asked anew before each attempt,
 * with those that are left; who is left out of its answer is not tried. Synchronous, for every request waits for it.
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
  },
) => Account | undefined

/** The strategies there are without a plugin. */
export const BUILTIN_STRATEGIES = ['priority', 'round-robin', 'least-busy'] as const

/** Makes the built-in strategies, each with a memory of its own. */
export function builtinStrategies(): Map<string, Strategy> {
  return new Map<(typeof BUILTIN_STRATEGIES)[number], Strategy>([
    ['priority', priority],
    ['round-robin', roundRobin()],
    ['least-busy', leastBusy],
  ])
}

/**
 * A plugin's, which is told of every account that can serve.
 * @param name its own, and the plugin's
 */
export function strategyOf(order: RoutingStrategy, name: { strategy: string; plugin: string }): Strategy {
  return ({ all }, { model, isReady, inFlight }) => {
    const accounts = new Map<RoutingCandidate, Account>()
    for (const account of all) if (isReady(account)) accounts.set(candidateOf(account, inFlight(account)), account)
    if (accounts.size === 0) return undefined
    for (const candidate of ordered(order, [...accounts.keys()], model, name)) {
      const account = accounts.get(candidate)
      if (account) return account
    }
    return undefined
  }
}

function ordered(
  order: RoutingStrategy,
  candidates: readonly RoutingCandidate[],
  model: string,
  { strategy, plugin }: { strategy: string; plugin: string },
): RoutingCandidate[] {
  try {
    return [...order(candidates, { model })]
  } catch (error) {
    throw pluginFault(error, `routing strategy "${strategy}"`, `plugin "${plugin}"`)
  }
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
