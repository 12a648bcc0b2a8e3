import assert from 'node:assert/strict'
import type { ConformanceCase, ExpectedError } from '../case.ts'
import { failureOf } from '../expect.ts'
import type { ScriptFailure } from '../script.ts'

type Kind = ScriptFailure['kind']

/** As OpenAI itself answers. */
const EXPECTED: Record<Kind, ExpectedError & { title: string }> = {
  invalid_request: { title: 'Bad request', status: 400 },
  invalid_key: { title: 'Wrong key', status: 401 },
  forbidden: { title: 'No permission', status: 403 },
  not_found: { title: 'Unknown model', status: 404, code: 'model_not_found' },
  too_large: { title: 'Request too large', status: 413 },
  context_length: { title: 'Context too long', status: 400, code: 'context_length_exceeded' },
  rate_limit: { title: 'Rate limit', status: 429, type: 'rate_limit_error' },
  quota: { title: 'Quota used up', status: 429, type: 'insufficient_quota' },
  server_error: { title: "Vendor's fault", status: 500 },
  overloaded: { title: 'Vendor overloaded', status: 503 },
}

/** Seconds to wait, where the vendor says. */
const WAIT = 7

function errorCase(kind: Kind): ConformanceCase {
  const { title, ...usual } = EXPECTED[kind]
  return {
    id: `error-${kind.replaceAll('_', '-')}`,
    title: `Error: ${title.toLowerCase()}`,
    spoils: true,
    async run({ fake, send, traits }) {
      const { status, code, type } = traits.errors?.[kind] ?? usual
      fake.fail({ kind, ...(kind === 'rate_limit' && !traits.noRetryAfter && { retryAfter: WAIT }) })
      const error = await failureOf(send({ messages: [{ role: 'user', content: 'Hello' }] }))
      assert.equal(error.status, status, error.message)
      if (code !== undefined) assert.equal(error.code, code)
      if (type !== undefined) assert.equal(error.type, type)
      assert.ok(error.message.length > '400 '.length, 'an error says what is wrong')
      const wait = error.headers?.get('retry-after')
      if (kind === 'rate_limit' && !traits.noRetryAfter) assert.equal(wait, String(WAIT))
    },
  }
}

export const errors: ConformanceCase[] = (Object.keys(EXPECTED) as Kind[]).map(errorCase)
