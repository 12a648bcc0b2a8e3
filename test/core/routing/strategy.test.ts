import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PluginFault } from '../../../src/core/plugin/fault.ts'
import type { Account } from '../../../src/core/routing/account.ts'
import { AccountList } from '../../../src/core/routing/account-list.ts'
import { builtinStrategies, strategyOf } from '../../../src/core/routing/strategy.ts'
import type { RoutingCandidate, RoutingStrategy, Strategy } from '../../../src/core/routing/strategy.ts'
import { accountOf } from './accounts.ts'

function builtin(name: string): Strategy {
  const strategy = builtinStrategies().get(name)
  if (!strategy) throw new Error(name)
  return strategy
}

interface Asked {
  model?: string
  isReady?: (account: Account) => boolean
  inFlight?: Record<string, number>
}

function ask(
  strategy: Strategy,
  accounts: AccountList,
  { model = 'm', isReady = () => true, inFlight = {} }: Asked = {},
) {
  return strategy(accounts, { model, isReady, inFlight: ({ id }) => inFlight[id] ?? 0 })?.id ?? '-'
}

const picks = (strategy: Strategy, accounts: AccountList, times: number, asked?: Asked) =>
  Array.from({ length: times }, () => ask(strategy, accounts, asked)).join('')

/** In the order in which each is asked once those before it were. */
function order(strategy: Strategy, accounts: AccountList, inFlight?: Record<string, number>): string {
  const gone = new Set<string>()
  return accounts.all
    .map(() => {
      const id = ask(strategy, accounts, { isReady: (account) => !gone.has(account.id), ...(inFlight && { inFlight }) })
      gone.add(id)
      return id
    })
    .join('')
}

describe('priority', () => {
  it('keeps config’s order of providers, then takes the higher priority, then config’s order of accounts', () => {
    const all = new AccountList([
      accountOf('d', { route: 1, priority: 9 }),
      accountOf('b'),
      accountOf('c'),
      accountOf('a', { priority: 1 }),
    ])
    expect(order(builtin('priority'), all)).toBe('abcd')
    expect(ask(builtin('priority'), all, { isReady: () => false })).toBe('-')
  })
})

describe('round-robin', () => {
  it('takes turns smoothly by weight', () => {
    const two = new AccountList([accountOf('a', { weight: 2 }), accountOf('b')])
    expect(picks(builtin('round-robin'), two, 6)).toBe('abaaba')
    const three = new AccountList([accountOf('a', { weight: 5 }), accountOf('b'), accountOf('c')])
    expect(picks(builtin('round-robin'), three, 14)).toBe('aaabcaaaaabcaa')
  })

  it('uses lower levels only where there is nothing else', () => {
    const all = [accountOf('a'), accountOf('b', { priority: -1 }), accountOf('c', { route: 1 }), accountOf('d')]
    expect(picks(builtin('round-robin'), new AccountList(all), 4)).toBe('adad')
    expect(picks(builtin('round-robin'), new AccountList(all.slice(1, 3)), 2)).toBe('bb')
    const lower = { isReady: ({ id }: Account) => id === 'b' || id === 'c' }
    expect(picks(builtin('round-robin'), new AccountList(all), 2, lower)).toBe('bb')
  })

  it('counts each model by itself', () => {
    const strategy = builtin('round-robin')
    const turns = ['x', 'y', 'x', 'y'].map((model) =>
      ask(strategy, new AccountList([accountOf('a', { model }), accountOf('b', { model })]), { model }),
    )
    expect(turns.join('')).toBe('aabb')
  })

  it('gives each its share, whatever the weights', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(weights, (given) => {
        const all = new AccountList(given.map((weight, index) => accountOf(String(index), { weight })))
        const total = given.reduce((sum, weight) => sum + weight, 0)
        const turns = picks(builtin('round-robin'), all, total * 3)
        for (const [index, weight] of given.entries()) expect(turns.split(String(index)).length - 1).toBe(weight * 3)
      }),
    )
  })

  it('lets nobody make up for turns lost in a rest', () => {
    const strategy = builtin('round-robin')
    const all = new AccountList(['a', 'b', 'c'].map((name) => accountOf(name)))
    expect(picks(strategy, all, 8, { isReady: ({ id }) => id !== 'b' })).toBe('acacacac')
    expect([...picks(strategy, all, 6)].sort().join('')).toBe('aabbcc')
  })

  it('goes on where it was once the accounts are others', () => {
    const strategy = builtin('round-robin')
    expect(picks(strategy, new AccountList(['a', 'b', 'c'].map((name) => accountOf(name))), 2)).toBe('ab')
    expect(picks(strategy, new AccountList(['a', 'b', 'c', 'd'].map((name) => accountOf(name))), 4)).toBe('cdab')
  })
})

describe('least-busy', () => {
  it('takes the account with the fewest requests for its weight', () => {
    const all = new AccountList([accountOf('a'), accountOf('b', { weight: 3 }), accountOf('c')])
    expect(order(builtin('least-busy'), all, { a: 2, b: 3, c: 2 })).toBe('bac')
  })
})

describe('any of them', () => {
  it.each(['priority', 'round-robin', 'least-busy'])('%s looks at no more of thousands than it asks', (name) => {
    const strategy = builtin(name)
    const all = new AccountList(Array.from({ length: 10_000 }, (_, index) => accountOf(String(index))))
    ask(strategy, all)
    let looks = 0
    for (let i = 0; i < 100; i++) {
      ask(strategy, all, {
        isReady: () => {
          looks++
          return true
        },
      })
    }
    expect(looks).toBe(100)
  })

  const NAME = { strategy: 'odd', plugin: 'acme' }

  it('of a plugin’s sees those that can serve, and is asked for no others', () => {
    let seen: readonly RoutingCandidate[] = []
    const strategy = strategyOf((candidates) => {
      seen = candidates
      return [...candidates].reverse()
    }, NAME)
    const all = new AccountList([accountOf('a'), accountOf('b', { weight: 2, priority: 3 }), accountOf('c')])
    expect(ask(strategy, all, { isReady: ({ id }) => id !== 'c', inFlight: { b: 4 } })).toBe('b')
    expect(seen).toEqual([
      expect.objectContaining({ account: 'a', inFlight: 0 }),
      {
        provider: 'acme',
        account: 'b',
        kind: 'api_key',
        model: 'm',
        route: 0,
        weight: 2,
        priority: 3,
        inFlight: 4,
      },
    ])
    expect(
      ask(
        strategyOf(() => [], NAME),
        all,
      ),
    ).toBe('-')
  })

  it('of a plugin’s may answer with objects of its own', () => {
    const strategy = strategyOf((candidates) => candidates.toReversed().map((candidate) => ({ ...candidate })), NAME)
    expect(ask(strategy, new AccountList([accountOf('a'), accountOf('b')]))).toBe('b')
  })

  it('takes the account that a conversation is at home with, but for what a plugin’s leaves out', () => {
    const [a, b, c] = [accountOf('a'), accountOf('b'), accountOf('c')]
    const all = new AccountList([a, b, c])
    const last = strategyOf((candidates) => candidates.filter(({ account }) => account !== 'a').toReversed(), NAME)
    const context = { model: 'm', isReady: () => true, inFlight: () => 0 }
    expect(last(all, { ...context, kept: b })?.id).toBe('b')
    expect(last(all, { ...context, kept: a })?.id).toBe('c')
    for (const strategy of builtinStrategies().values()) expect(strategy(all, { ...context, kept: c })?.id).toBe('c')
  })

  it('takes an account of an earlier target instead, once that is ready, unless nobody else can go on', () => {
    const [a, b, c] = [accountOf('a'), accountOf('b', { route: 1 }), accountOf('c', { route: 1 })]
    const all = new AccountList([a, b, c])
    const pick = (strategy: Strategy, isReady: (account: Account) => boolean, returns: boolean) =>
      strategy(all, { model: 'm', isReady, inFlight: () => 0, kept: c, returns })?.id
    for (const strategy of builtinStrategies().values()) {
      expect(pick(strategy, () => true, true)).toBe('a')
      expect(pick(strategy, () => true, false)).toBe('c')
      expect(pick(strategy, (account) => account !== a, true)).toBe('c')
    }
    const last = strategyOf((candidates) => candidates.toReversed(), NAME)
    expect(pick(last, () => true, true)).toBe('c')
  })

  it.each<[string, () => unknown, RegExp]>([
    ['throws', () => fail('boom'), /failed\. byok's log/],
    ['gives nothing back', () => undefined, /something else in place of a list/],
    ['names what is no account', () => [null], /something else in place of a list/],
    ['is asynchronous', () => Promise.reject(new Error('late')), /a promise in place of a list/],
  ])('of a plugin’s that %s is named', (_, order, fault) => {
    // Plugins are written in JavaScript too.
    const strategy = strategyOf(order as RoutingStrategy, NAME)
    const asked = () => ask(strategy, new AccountList([accountOf('a')]))
    expect(asked).toThrow(PluginFault)
    expect(asked).toThrow('The routing strategy "odd" of plugin "acme" ')
    expect(asked).toThrow(fault)
  })
})

function fail(message: string): never {
  throw new Error(message)
}
