import { describe, expect, it } from 'vitest'
import { ChatError } from '../../../src/core/chat/index.ts'
import { idOf } from '../../../src/core/routing/account.ts'
import type { Account } from '../../../src/core/routing/account.ts'
import { Circuits, isResting } from '../../../src/core/routing/circuits.ts'

const SECOND = 1000
const coolDown = { min: 10 * SECOND, max: 60 * SECOND }
const spent = (retryAfter?: number) =>
  new ChatError('spent', { status: 429, ...(retryAfter !== undefined && { retryAfter }) })

const account = (fingerprint = 'f', model = 'm', name = 'a') =>
  ({ provider: { name: 'acme' }, model, credential: { kind: 'api_key', account: name }, fingerprint }) as Account

const login = (fingerprint: string) =>
  ({ provider: { name: 'acme' }, model: 'm', credential: { kind: 'oauth', account: 'ann' }, fingerprint }) as Account

function clock() {
  let time = 1_000_000
  const circuits = new Circuits(() => time)
  return {
    circuits,
    state: (of = account()) => circuits.of(of).state,
    pass: (seconds: number) => void (time += seconds * SECOND),
  }
}

describe('an account', () => {
  it('rests until the time its provider names, then one request tries', async () => {
    const { circuits, state, pass } = clock()
    circuits.begin(account()).fail(spent(3600), 'spent', coolDown)
    pass(3599)
    expect(state()).toBe('open')
    pass(1)
    expect(state()).toBe('half-open')
    const probe = circuits.begin(account())
    const probing = circuits.of(account())
    expect(probing.state).toBe('probing')
    probe.succeed()
    if (probing.state === 'probing') await probing.settled
    expect(state()).toBe('closed')
  })

  it.each([undefined, 0])(
    'rests twice as long after each failure where no time is named, up to the most: %s',
    (named) => {
      const { circuits, state, pass } = clock()
      for (const seconds of [10, 20, 40, 60, 60]) {
        circuits.begin(account()).fail(spent(named), 'spent', coolDown)
        pass(seconds - 1)
        expect(state()).toBe('open')
        pass(1)
        expect(state()).toBe('half-open')
      }
      circuits.begin(account()).succeed()
      circuits.begin(account()).fail(spent(), 'spent', coolDown)
      pass(10)
      expect(state()).toBe('half-open')
    },
  )

  it.each([1e13, 1e300])('rests for no longer than any limit lasts, whatever is named (%d s)', (seconds) => {
    const { circuits, state, pass } = clock()
    circuits.begin(account()).fail(spent(seconds), 'spent', coolDown)
    pass(35 * 24 * 3600 - 1)
    expect(state()).toBe('open')
    pass(1)
    expect(state()).toBe('half-open')
  })

  it('rests until a moment, however often it failed and however short its rests are', () => {
    const { circuits, pass } = clock()
    for (let times = 0; times < 1100; times++) {
      circuits.begin(account()).fail(spent(), 'spent', { min: 0, max: 60 * SECOND })
      pass(1)
    }
    expect(circuits.all).toMatchObject([{ failures: 1100, until: expect.any(Number) }])
    expect(circuits.all[0]?.until).not.toBeNaN()
  })

  it('is tried once the clock is set back that its rest was noted by, and rests by the new one', () => {
    const { circuits, state, pass } = clock()
    pass(24 * 3600)
    circuits.begin(account()).fail(spent(3600), 'spent', coolDown)
    // Machines that share rests do not agree on the second.
    pass(-10)
    expect(state()).toBe('open')
    const noted = 1_000_000 + 24 * 3600 * SECOND
    expect(circuits.all.map((circuit) => isResting(circuit, noted))).toEqual([true])
    pass(-24 * 3600)
    expect(state()).toBe('half-open')
    expect(circuits.all.map((circuit) => isResting(circuit, noted - 24 * 3600 * SECOND))).toEqual([false])
    circuits.begin(account()).fail(spent(60), 'spent', coolDown)
    expect(state()).toBe('open')
    pass(60)
    expect(state()).toBe('half-open')
    circuits.begin(account()).succeed()
    expect(circuits.all).toEqual([])
  })

  it('rests as the one says whose clock is right, of two processes that note a rest', () => {
    const [right, wrong] = [clock(), clock()]
    right.circuits.begin(account()).fail(spent(60), 'spent', coolDown)
    wrong.pass(24 * 3600)
    wrong.circuits.begin(account()).fail(spent(3600), 'spent', coolDown)
    const { all } = wrong.circuits
    wrong.pass(-24 * 3600)
    wrong.circuits.merge({ circuits: right.circuits.all })
    right.circuits.merge({ circuits: all })
    for (const { state, pass } of [right, wrong]) {
      expect(state()).toBe('open')
      pass(60)
      expect(state()).toBe('half-open')
    }
  })

  it('rests for the one model', () => {
    const { circuits, state } = clock()
    circuits.begin(account()).fail(spent(60), 'spent', coolDown)
    expect([state(), state(account('f', 'other'))]).toEqual(['open', 'closed'])
  })

  it('is woken for all its models', () => {
    const { circuits, state } = clock()
    const models = ['m', 'other'].map((model) => account('f', model))
    for (const of of models) circuits.begin(of).fail(spent(60), 'spent', coolDown)
    const of = account()
    circuits.wake({ ...of, id: idOf({ ...of.credential, provider: 'acme', fingerprint: 'f' }) })
    expect(models.map(state)).toEqual(['closed', 'closed'])
  })

  it('counts failures of requests that ran at the same time as one', () => {
    const { circuits, state, pass } = clock()
    const trials = [1, 2, 3].map(() => circuits.begin(account()))
    pass(1)
    for (const trial of trials) trial.fail(spent(), 'spent', coolDown)
    pass(10)
    expect(state()).toBe('half-open')
  })

  it('is not brought back by an answer that began before it failed', () => {
    const { circuits, state, pass } = clock()
    const slow = circuits.begin(account())
    pass(1)
    circuits.begin(account()).fail(spent(60), 'spent', coolDown)
    slow.succeed()
    expect(state()).toBe('open')
  })

  it('may be tried by another request where the first came to nothing', () => {
    const { circuits, state, pass } = clock()
    circuits.begin(account()).fail(spent(5), 'spent', coolDown)
    pass(5)
    circuits.begin(account()).release()
    expect(state()).toBe('half-open')
  })

  it('is free at once under another key or login, and stays resting under new tokens of the same', () => {
    const { circuits, state } = clock()
    circuits.begin(account()).fail(spent(60), 'spent', coolDown)
    expect(state(account('another'))).toBe('closed')
    circuits.begin(login('f')).fail(spent(60), 'spent', coolDown)
    expect(state(login('another'))).toBe('closed')
    circuits.renewed(login('f'), 'refreshed')
    expect(state(login('refreshed'))).toBe('open')
  })

  it('rests on where its key has another place or name', () => {
    const { circuits, state } = clock()
    circuits.begin(account('f', 'm', 'api_keys[0]')).fail(spent(60), 'spent', coolDown)
    expect(state(account('g', 'm', 'api_keys[0]'))).toBe('closed')
    circuits.begin(account('g', 'm', 'api_keys[0]')).succeed()
    expect(state(account('f', 'm', 'api_keys[1]'))).toBe('open')
    circuits.begin(account('f', 'm', 'api_keys[1]')).succeed()
    expect(circuits.all).toEqual([])
  })
})
