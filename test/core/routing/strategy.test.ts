import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { builtinStrategies } from '../../../src/core/routing/strategy.ts'
import type { RoutingCandidate, RoutingStrategy } from '../../../src/core/routing/strategy.ts'

const candidate = (account: string, more: Partial<RoutingCandidate> = {}): RoutingCandidate => ({
  provider: 'acme',
  account,
  kind: 'api_key',
  model: 'm',
  route: 0,
  weight: 1,
  priority: 0,
  inFlight: 0,
  ...more,
})

function strategyOf(name: string): RoutingStrategy {
  const strategy = builtinStrategies().get(name)
  if (!strategy) throw new Error(name)
  return strategy
}

const picks = (strategy: RoutingStrategy, candidates: RoutingCandidate[], times: number) =>
  Array.from({ length: times }, () => strategy(candidates, { model: 'm' })[0]?.account).join('')

const names = (order: readonly RoutingCandidate[]) => order.map(({ account }) => account).join('')

describe('priority', () => {
  it('keeps config’s order of providers, then takes the higher priority, then config’s order of accounts', () => {
    const all = [
      candidate('d', { route: 1, priority: 9 }),
      candidate('b'),
      candidate('c'),
      candidate('a', { priority: 1 }),
    ]
    expect(names(strategyOf('priority')(all, { model: 'm' }))).toBe('abcd')
  })
})

describe('round-robin', () => {
  it('takes turns smoothly by weight', () => {
    const all = [candidate('a', { weight: 5 }), candidate('b'), candidate('c')]
    expect(picks(strategyOf('round-robin'), all, 14)).toBe('aabacaaaabacaa')
  })

  it('uses lower levels only where there is nothing else', () => {
    const all = [candidate('a'), candidate('b', { priority: -1 }), candidate('c', { route: 1 }), candidate('d')]
    expect(picks(strategyOf('round-robin'), all, 4)).toBe('adad')
    expect(picks(strategyOf('round-robin'), all.slice(1, 3), 2)).toBe('bb')
  })

  it('counts each model by itself', () => {
    const strategy = strategyOf('round-robin')
    const order = ['x', 'y', 'x', 'y'].map((model) => {
      const all = [candidate('a', { model }), candidate('b', { model })]
      return strategy(all, { model })[0]?.account
    })
    expect(order.join('')).toBe('aabb')
  })

  it('gives each its share, whatever the weights', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(weights, (given) => {
        const strategy = strategyOf('round-robin')
        const all = given.map((weight, index) => candidate(String(index), { weight }))
        const total = given.reduce((sum, weight) => sum + weight, 0)
        const turns = picks(strategy, all, total * 3)
        for (const [index, weight] of given.entries()) expect(turns.split(String(index)).length - 1).toBe(weight * 3)
      }),
    )
  })
})

describe('least-busy', () => {
  it('takes the account with the fewest requests for its weight', () => {
    const all = [
      candidate('a', { inFlight: 2 }),
      candidate('b', { inFlight: 3, weight: 3 }),
      candidate('c', { inFlight: 2 }),
    ]
    expect(names(strategyOf('least-busy')(all, { model: 'm' }))).toBe('bac')
  })
})
