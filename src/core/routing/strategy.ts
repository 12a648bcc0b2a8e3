import { Lru } from './lru.ts'

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

/** The strategies there are without a plugin. */
export const BUILTIN_STRATEGIES = ['priority', 'round-robin', 'least-busy'] as const

/** Makes the built-in strategies, each with a memory of its own. */
export function builtinStrategies(): Map<string, RoutingStrategy> {
  return new Map<(typeof BUILTIN_STRATEGIES)[number], RoutingStrategy>([
    ['priority', priority],
    ['round-robin', roundRobin()],
    ['least-busy', leastBusy],
  ])
}

/** Fills the first account before the next one is used. */
const priority: RoutingStrategy = (candidates) => [...candidates].sort(byLevel)

/** The account with the fewest requests for its weight. */
const leastBusy: RoutingStrategy = (candidates) =>
  [...candidates].sort((a, b) => byLevel(a, b) || a.inFlight / a.weight - b.inFlight / b.weight)

const MOST_GROUPS = 1000

/**
 * Accounts of one level take turns by their weights, smoothly: with weights 2 and 1 it is A B A, never A A B. The algorithm is
 * nginx's (nginx/nginx, src/http/ngx_http_upstream_round_robin.c): each candidate gains its weight, the richest is picked and
 * pays for all.
 */
function roundRobin(): RoutingStrategy {
  // Bounded, because clients may name any model.
  const groups = new Lru<string, Map<string, number>>(MOST_GROUPS)
  return (candidates, { model }) => {
    const sorted = [...candidates].sort(byLevel)
    const [first] = sorted
    if (!first) return sorted
    const level = sorted.filter((other) => byLevel(first, other) === 0)
    const key = JSON.stringify([model, first.provider, first.model, first.priority])
    const credit = groups.get(key) ?? new Map<string, number>()
    groups.set(key, credit)
    let total = 0
    let picked = first
    for (const candidate of level) {
      total += candidate.weight
      credit.set(nameOf(candidate), (credit.get(nameOf(candidate)) ?? 0) + candidate.weight)
      if ((credit.get(nameOf(candidate)) ?? 0) > (credit.get(nameOf(picked)) ?? 0)) picked = candidate
    }
    credit.set(nameOf(picked), (credit.get(nameOf(picked)) ?? 0) - total)
    return [picked, ...sorted.filter((other) => other !== picked)]
  }
}

/** Config's order of providers, then the accounts' priorities. */
function byLevel(a: RoutingCandidate, b: RoutingCandidate): number {
  return a.route - b.route || b.priority - a.priority
}

function nameOf({ kind, account }: RoutingCandidate): string {
  return `${kind}:${account}`
}
