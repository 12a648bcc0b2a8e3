import { describe, expect, it } from 'vitest'
import { ChatError } from '../../../src/core/chat/index.ts'
import type { Circuit } from '../../../src/core/routing/circuits.ts'
import { exhausted } from '../../../src/core/routing/exhausted.ts'
import type { Passed } from '../../../src/core/routing/exhausted.ts'
import { accountOf } from './accounts.ts'

const NOW = 1_000_000

function circuitOf(account: string, seconds: number): Circuit {
  return {
    provider: 'acme',
    kind: 'api_key',
    account,
    model: 'm',
    cause: 'spent',
    status: 429,
    code: 'rate_limit_exceeded',
    failures: 1,
    openedAt: NOW,
    until: NOW + seconds * 1000,
    named: true,
    fingerprint: account,
  }
}

const resting = (name: string, seconds: number): Passed => ({
  account: accountOf(name),
  circuit: circuitOf(name, seconds),
})
const failed = (name: string, status: number, code: string): Passed => ({
  account: accountOf(name),
  error: new ChatError(`What ${name} said.`, { status, code }),
})
const spent = (name: string, seconds: number): Passed => ({
  ...failed(name, 429, 'rate_limit_exceeded'),
  ...resting(name, seconds),
})

const says = (tried: Passed[], left: Passed[] = []) => {
  const { status, code, retryAfter, message } = exhausted(
    { model: 'm', strategy: 'priority', known: tried.length + left.length, tried, resting: left },
    NOW,
  )
  return { status, code, retryAfter, message }
}

describe('the error of a request that nobody could serve', () => {
  it.each<[string, Passed[], Passed[]]>([
    ['was asked', [spent('a', 50), failed('b', 404, 'model_not_found')], []],
    ['rests', [failed('b', 404, 'model_not_found')], [resting('a', 50)]],
    [
      'rests, and a third is not let in',
      [failed('b', 404, 'model_not_found'), failed('c', 401, 'x')],
      [resting('a', 50)],
    ],
    ['rests, and the other cannot do such a thing', [failed('b', 400, 'unsupported_feature')], [resting('a', 50)]],
  ])('is a 429 where who has the model is spent and %s', (_, tried, left) => {
    const { status, code, retryAfter, message } = says(tried, left)
    expect([status, code, retryAfter]).toEqual([429, 'all_accounts_spent', 50])
    expect(message).toContain('acme (a): 429 rate_limit_exceeded, back in 50 s')
    expect(message).toMatch(/acme \(b\): 40\d/)
  })

  it('is what its provider said where there is but one that cannot do it', () => {
    expect(says([failed('a', 404, 'model_not_found')]).message).toBe('What a said.')
  })

  it('is no model as soon as all that may be asked have none, for the next try would ask them again', () => {
    const tried = [failed('a', 404, 'model_not_found'), failed('b', 404, 'not_found_error')]
    const unserved = { model: 'm', strategy: 'priority', known: 3, tried, resting: [], unasked: [accountOf('c')] }
    expect(exhausted(unserved, NOW)).toMatchObject({
      status: 404,
      code: 'not_found_error',
      retryAfter: undefined,
      message: expect.stringMatching(/^What b said\. .*acme \(c\): not asked\.$/),
    })
    const refused = [...tried, failed('d', 401, 'x')]
    expect(exhausted({ ...unserved, tried: refused }, NOW)).toMatchObject({ status: 503, retryAfter: 1 })
  })

  it('ends a provider’s sentence before its own begins', () => {
    const forbidden = (name: string): Passed => ({
      ...failed(name, 403, 'x'),
      error: new ChatError('Not in your country', { status: 403, code: 'x' }),
    })
    expect(says([forbidden('a'), forbidden('b')]).message).toMatch(/^Not in your country\. Accounts tried /)
  })

  it('is rather what may pass than what will not', () => {
    const tried = [failed('a', 500, 'boom'), failed('b', 404, 'model_not_found')]
    expect(says(tried)).toMatchObject({ status: 500, code: 'boom' })
  })
})
