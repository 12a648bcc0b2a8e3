import { describe, expect, it } from 'vitest'
import { challengeOf, createProofKey, randomText, sameText } from '../../../src/core/auth/proof.ts'
import { readPasted } from '../../../src/core/auth/redirect.ts'

describe('a pasted address', () => {
  it.each([
    'http://localhost:54545/callback?code=abc&state=xyz',
    '  http://localhost:54545/callback?state=xyz&code=abc#done \n',
    'code=abc&state=xyz',
    '?code=abc&state=xyz',
    'abc#xyz',
    'code=abc&state=xyz#done',
    '"http://localhost:54545/callback?code=abc&state=xyz"',
    "'abc#xyz'",
    '<http://localhost:54545/callback?code=abc&state=xyz>',
  ])('gives its code: %s', (text) => {
    expect(readPasted(text, 'xyz', 'Acme')).toEqual({ code: 'abc' })
  })

  it('gives a code that has a `=`, with its state', () => {
    expect(readPasted('ab==#xyz', 'xyz', 'Acme')).toEqual({ code: 'ab==' })
  })

  it.each([
    ['http://localhost/callback?code=abc&state=other', 'state'],
    ['ab=c#other', 'state'],
    ['abc', 'state'],
    ['http://localhost/callback?state=xyz', 'code'],
  ])('is no use: %s', (text, problem) => {
    expect(readPasted(text, 'xyz', 'Acme')).toEqual({ problem })
  })

  it("gives the provider's refusal", () => {
    const read = readPasted(
      'http://localhost/cb?error=access_denied&error_description=Not+you&state=xyz',
      'xyz',
      'Acme',
    )
    expect('error' in read && read.error.message).toBe('Acme refused the login: Not you (access_denied)')
  })
})

describe('proof keys', () => {
  it('makes the challenge of RFC 7636 appendix B from its verifier', () => {
    expect(challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    )
    const made = createProofKey()
    expect(challengeOf(made.verifier)).toBe(made.challenge)
    expect(made.verifier).toMatch(/^[\w-]{43}$/)
    expect(randomText()).not.toBe(randomText())
  })

  it('compares texts whatever their length', () => {
    expect(sameText('a', 'a')).toBe(true)
    expect(sameText('a', 'b')).toBe(false)
    expect(sameText('', 'longer')).toBe(false)
  })
})
