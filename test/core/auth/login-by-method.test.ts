import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { apiKey, AuthError, definePlugin, openaiChat, Secret } from '../../../src/index.ts'
import type { Login, LoginUi, OAuthMethod } from '../../../src/index.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'

/* A plugin's way to sign in may fail anywhere, and one in JavaScript may give anything: who signs in is told whose fault that is. */

const ui: LoginUi = { openUrl() {}, showDeviceCode() {}, askRedirect: async () => undefined, note() {} }
const tokens = { accessToken: new Secret('tok-canary-1'), refreshToken: new Secret('tok-canary-2') }
const broken = () => {
  throw new TypeError('tok-canary-1')
}

async function start(method: Partial<OAuthMethod>) {
  const error = vi.fn()
  const acme = definePlugin({
    name: 'acme',
    models: ['m'],
    auth: [apiKey(), { kind: 'oauth', label: 'Login', login: async () => ({ account: 'ann', tokens }), ...method }],
    translator: openaiChat(),
    executor: ({ fetch }) => fetch('http://127.0.0.1:9'),
  })
  const logger = { error, warn() {}, info() {}, debug() {} }
  const byok = await createIsolatedByok({ plugins: [acme], logger, upstream: { retries: 0 } })
  onTestFinished(() => byok.close())
  const provider = byok.registry.providers.find(({ name }) => name === 'acme')
  if (!provider) throw new Error('no provider')
  const signIn = (signal = new AbortController().signal) => byok.auth.login(provider, { ui, signal })
  return { byok, provider, signIn, error }
}

const failed = 'of provider "acme" failed. byok\'s log has the details.'
const given = (login: object) => async () => login as Login

describe('a login', () => {
  it.each<[string, Partial<OAuthMethod>, string]>([
    ['throws', { login: broken }, `The login ${failed}`],
    ['gives none', { login: (async () => undefined) as never }, 'gave no login, which has an `account` and `tokens`.'],
    ['has no name', { login: given({ tokens }) }, 'gave no login, which has an `account` and `tokens`.'],
    [
      'gives a token as text',
      { login: given({ account: 'ann', tokens: { accessToken: 'tok-canary-1' } }) },
      'This account of provider "acme" cannot be stored (tokens.accessToken: must be a Secret: new Secret(text)).',
    ],
    [
      'gives a refresh token as text',
      { login: given({ account: 'ann', tokens: { ...tokens, refreshToken: 'tok-canary-2' } }) },
      '(tokens.refreshToken: must be a Secret: new Secret(text)).',
    ],
    ['cannot tell whose it is', { identity: broken }, `The \`identity\` ${failed}`],
  ])('that %s is named', async (_, method, words) => {
    const { signIn, error } = await start(method)
    await expect(signIn()).rejects.toThrow(words)
    expect(JSON.stringify(error.mock.calls)).not.toContain('canary')
    if (words.endsWith(failed)) {
      const fault = expect.stringMatching(/^TypeError\n +at /) as string
      expect(error).toHaveBeenCalledWith(
        'a plugin failed',
        expect.objectContaining({ owner: 'provider "acme"', fault }),
      )
    }
  })

  it('that cannot reach its provider says so as any other', async () => {
    const { signIn, error } = await start({ login: async ({ fetch }) => (await fetch('http://127.0.0.1:9')) as never })
    const refused = signIn()
    await expect(refused).rejects.toBeInstanceOf(AuthError)
    await expect(refused).rejects.toMatchObject({ code: 'upstream_unreachable' })
    expect(error).not.toHaveBeenCalled()
  })

  it('that does not look at its signal ends with it', async () => {
    const stop = new AbortController()
    let begin = () => {}
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const { signIn } = await start({ login: () => (begin(), new Promise(() => {})) })
    const signing = expect(signIn(stop.signal)).rejects.toThrow('aborted')
    await begun
    stop.abort()
    await signing
  })
})

it.each<[string, unknown, string]>([
  ['throws', broken, `The \`existing\` ${failed}`],
  ['gives no list', async () => 5, 'gave something else in place of a list of logins.'],
  ['gives no logins', async () => [{ source: 'x' }], 'gave something else in place of a list of logins.'],
])("an import's part that %s is among what could not be read", async (_, existing, words) => {
  const { byok, provider } = await start({ existing: existing as NonNullable<OAuthMethod['existing']> })
  const { logins, failures } = await byok.auth.existing(provider, new AbortController().signal)
  expect([logins.length, failures.map(({ message }) => message)]).toEqual([0, [expect.stringContaining(words)]])
})
