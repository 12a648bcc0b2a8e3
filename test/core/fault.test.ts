import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { codeOf, faultOf, reasonOf } from '../../src/core/fault.ts'
import { connectionError } from '../../src/core/upstream/error.ts'

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
