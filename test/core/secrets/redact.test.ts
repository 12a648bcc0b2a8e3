import { expect, it } from 'vitest'
import { mayHoldSecret, placesOfSecrets, redact } from '../../../src/core/secrets/redact.ts'

/** A JSON Web Token's three parts. */
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'

it.each([
  ['a token', TOKEN, '[secret]'],
  ['a token at the end of a sentence', `It was ${TOKEN}. Try again.`, 'It was [secret] Try again.'],
  ['a token glued to a word', `x-${TOKEN}`, 'x-[secret]'],
  ['a token without a signature', 'got eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0. back', 'got [secret] back'],
  ['half a token, as of a text that was cut', TOKEN.slice(0, 30), '[secret]'],
  ['a key', 'key sk-proj-abcdefghijklmnop here', 'key [secret] here'],
  ['a header', 'Authorization: Bearer abcdefgh12345678', 'Authorization: Bearer [secret]'],
  ['a query', 'GET /v1?key=abc&x=1', 'GET /v1?key=[secret]&x=1'],
])('takes out %s', (_, text, clean) => {
  expect(redact(text)).toBe(clean)
  expect(mayHoldSecret(text)).toBe(true)
  expect(placesOfSecrets(text)).toHaveLength(1)
})

it.each(['eyJ', 'key', 'heyJude is no token.at.all', 'Bearer of news', 'sk-short'])('leaves %s alone', (text) => {
  expect(redact(text)).toBe(text)
})

// No clock: what looks at each character from each beginning before it would take hours of these.
it.each([
  '-eyJ',
  'eyJ',
  'eyJabcdefgh.',
  'sk-',
  'Bearer ',
  'Bearer\t',
  'ghp_',
  'ya29.',
  '?key=',
  '"api_key" ',
  '"token":',
])('is done with millions of characters of beginnings: %j', (beginning) => {
  const text = beginning.repeat(4_000_000 / beginning.length)
  expect(redact(text).length).toBeLessThanOrEqual(text.length * 3)
})
