import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { codeOf, faultOf, reasonOf } from '../../../src/core/log/fault.ts'
import { connectionError } from '../../../src/core/upstream/error.ts'

/** As Node's own errors are in Jest, which runs tests in a context of its own. */
function foreign(code: string): unknown {
  return runInNewContext(`Object.assign(new Error('no such file'), { code: '${code}' })`)
}

it('knows errors of another context', () => {
  const error = foreign('ENOENT')
  expect(error).not.toBeInstanceOf(Error)
  expect(codeOf(error)).toBe('ENOENT')
  expect(reasonOf(error)).toBe('no such file')
  expect(faultOf(error)).toMatch(/^Error\n +at /)
})

it('says of one why a provider cannot be reached', () => {
  const { message } = connectionError(new Error('fetch failed', { cause: foreign('ECONNREFUSED') }), 'Acme')
  expect(message).toContain('Acme cannot be reached (ECONNREFUSED)')
  const both = runInNewContext(`new AggregateError([Object.assign(new Error('no'), { code: 'EHOSTUNREACH' })])`)
  expect(connectionError(both, 'Acme').message).toContain('(EHOSTUNREACH)')
})

it.each([
  [
    z.object({ data: z.array(z.object({ id: z.string() })) }),
    { data: [{}] },
    /^data\.0\.id: Invalid input: expected string/,
  ],
  [z.object({ a: z.string(), b: z.string() }), {}, /^a: .*; b: Invalid input: .*received undefined$/],
  [z.string(), 1, /^Invalid input: expected string, received number$/],
])('tells in one line what Zod found', (schema, value, said) => {
  const { error } = schema.safeParse(value)
  expect(reasonOf(error)).toMatch(said)
})
