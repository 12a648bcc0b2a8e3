import { expect, it } from 'vitest'
import { ChatError } from '../../../src/core/chat/index.ts'
import { cleanName } from '../../../src/core/text/clean-name.ts'
import { rememberSecret } from '../../../src/core/secrets/known-secrets.ts'

it('makes a name that byok may keep of any', () => {
  rememberSecret('canary.of.a.name')
  expect(cleanName('gpt-4o')).toBe('gpt-4o')
  expect(cleanName(`acme/${'canary.of.a.name'}`)).toBe('acme/[secret]')
  expect(cleanName('x'.repeat(8_000_000))).toBe('x'.repeat(200))
  // One that stands across the end of what is kept leaves no half.
  expect(cleanName(`${'x'.repeat(195)}canary.of.a.name`)).toBe(`${'x'.repeat(195)}[secr`)
})

it('bounds the words that a provider chooses for its errors', () => {
  const long = 'bad_'.repeat(32_500)
  const error = new ChatError('no', { status: 400, code: long, param: long, upstreamRequestId: long })
  expect([error.code, error.param, error.upstreamRequestId].map((word) => word?.length)).toEqual([200, 200, 200])
})
