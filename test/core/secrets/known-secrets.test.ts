import { beforeAll, describe, expect, it } from 'vitest'
import { holdsSecret, rememberSecret, withoutSecrets } from '../../../src/core/secrets/known-secrets.ts'
import { redact } from '../../../src/core/secrets/redact.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'

// Few secrets are found in another way than many.
describe.each([
  ['few', 0],
  ['many', 100],
])('of %s secrets', (_, others) => {
  beforeAll(() => {
    for (let i = 0; i < others; i++) rememberSecret(`someone-else-${i}.`)
  })

  it('finds a secret wherever it stands in a text', () => {
    rememberSecret('canary-Ω-secret')
    for (const text of [
      'canary-Ω-secret',
      'xcanary-Ω-secret',
      'canary-Ω-secretx',
      `${'long 語 '.repeat(200)}canary-Ω-secret.`,
    ]) {
      expect(holdsSecret(text)).toBe(true)
      expect(withoutSecrets(text)).toBe(text.replace('canary-Ω-secret', '[secret]'))
    }
  })

  it('finds each of several, and all places of one', () => {
    rememberSecret('first-of-two')
    rememberSecret('second-of-two')
    expect(withoutSecrets('first-of-two second-of-two first-of-twofirst-of-two')).toBe(
      '[secret] [secret] [secret][secret]',
    )
  })

  it('leaves alone what only begins as one does, or is shorter than any is', () => {
    rememberSecret('prefix-of-a-secret')
    rememberSecret('short')
    for (const text of ['prefix-of-a-secre', 'prefix-of-another', 'a short text', '', 'prefix-']) {
      expect(holdsSecret(text)).toBe(false)
      expect(withoutSecrets(text)).toBe(text)
    }
  })
})

it('knows the latest 500, one that was heard of again among them', () => {
  for (let i = 0; i < 500; i++) rememberSecret(`numbered-secret-${i}.`)
  rememberSecret('numbered-secret-0.')
  rememberSecret('one-more-secret')
  expect(holdsSecret('it is numbered-secret-1.')).toBe(false)
  for (let i = 2; i < 500; i++) expect(holdsSecret(`it is numbered-secret-${i}.`)).toBe(true)
  expect(holdsSecret('it is numbered-secret-0.')).toBe(true)
  expect(holdsSecret('one-more-secret')).toBe(true)
})

it('forgets how those began that it forgot', () => {
  rememberSecret('forgotten-soon')
  for (let i = 0; i < 500; i++) rememberSecret(`another-secret-${i}.`)
  expect(holdsSecret('forgotten-soon')).toBe(false)
  rememberSecret('forgotten-soon')
  expect(holdsSecret('forgotten-soon')).toBe(true)
})

it('knows a key that is sent, however many tokens were refreshed since it was read from the config', () => {
  const key = new Secret('of-no-vendors-shape')
  for (let i = 0; i < 500; i++) new Secret(`refreshed-token-${i}.`)
  const header = `Bearer ${key.reveal()}`
  expect(redact(`refused ${header.slice('Bearer '.length)}`)).toBe('refused [secret]')
  for (let i = 0; i < 499; i++) new Secret(`refreshed-later-${i}.`)
  expect(redact('refused of-no-vendors-shape')).toBe('refused [secret]')
})
