import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { providerShape } from '../../../src/core/config/provider-shape.ts'
import { readTokens } from '../../../src/core/auth/tokens.ts'
import { fakeJwt } from '../../upstreams/auth/code-server.ts'

const never = () => Promise.reject(new Error('not called'))
const context = {
  provider: 'acme',
  title: 'Acme',
  config: z.strictObject(providerShape).parse({}),
  env: {},
  fetch: never,
  fetchOnce: never,
  signal: new AbortController().signal,
}
const read = (body: Record<string, unknown>) => readTokens(context, body)

describe("a token endpoint's answer", () => {
  it.each([
    ['an empty refresh token', { refresh_token: '' }],
    ['an empty ID token', { id_token: '' }],
    ['an ID token that is no text', { id_token: 7 }],
    ['null for what there is not', { refresh_token: null, id_token: null, expires_in: null }],
    ['an expiry that is no number', { expires_in: 'soon' }],
    ['an expiry that no date has', { expires_in: 1e300 }],
    ['an expiry in the past', { expires_in: -5 }],
  ])('is good with %s', (_name, odd) => {
    const { tokens, expiresAt } = read({ access_token: 'a', ...odd })
    expect(tokens.accessToken.reveal()).toBe('a')
    expect(tokens.refreshToken).toBeUndefined()
    expect(tokens.idToken).toBeUndefined()
    expect(expiresAt).toBeUndefined()
  })

  it('keeps a refresh token that came with something odd', () => {
    const { tokens } = read({ access_token: 'a', refresh_token: 'r', id_token: '', expires_in: {} })
    expect(tokens.refreshToken?.reveal()).toBe('r')
  })

  it("takes the token's own date where none is given that can be read", () => {
    expect(read({ access_token: fakeJwt({ exp: 2_000_000_000 }), expires_in: 'x' }).expiresAt).toBe(2_000_000_000_000)
    expect(read({ access_token: fakeJwt({ exp: 1e300 }) }).expiresAt).toBeUndefined()
  })

  it('takes seconds as text', () => {
    expect((read({ access_token: 'a', expires_in: '3600' }).expiresAt ?? 0) - Date.now()).toBeGreaterThan(3_590_000)
  })

  it.each([{}, { access_token: '' }, { access_token: null }])('is none without an access token: %o', (body) => {
    expect(() => read(body)).toThrow('Acme sent an answer without an access token.')
  })
})
