import { expect, it } from 'vitest'
import { Abort } from '../../../src/core/async/abort.ts'
import { AttemptContext } from '../../../src/core/exchange/attempt-context.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import type { ExecutorContext } from '../../../src/index.ts'

const known = {
  provider: 'acme',
  request: { model: 'one', body: {}, stream: false, chat: undefined },
  credential: { kind: 'api_key', account: 'key', key: new Secret('sk-acme') },
  config: {},
  clientHeaders: new Headers(),
  fetch: () => Promise.reject(new Error('not asked')),
  requestId: 'req_1',
} as unknown as Omit<ExecutorContext, 'signal'> & { clientHeaders: Headers }

it('has its fields, and a signal that ends with the attempt, for who spreads it as well', () => {
  const abort = new Abort()
  const context = new AttemptContext(known, abort)
  const { signal, ...rest } = { ...context }
  expect(rest).toEqual(known)
  expect(signal).toBe(context.signal)
  expect(signal.aborted).toBe(false)
  abort.abort('gone')
  expect([signal.aborted, signal.reason]).toEqual([true, 'gone'])
})

it('has a signal of its own in each attempt', () => {
  const [one, other] = [new Abort(), new Abort()]
  const contexts = [one, other].map((abort) => new AttemptContext(known, abort))
  one.abort()
  expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true, false])
})
