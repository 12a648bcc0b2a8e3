import { afterEach, describe, expect, it, vi } from 'vitest'
import type { LoginContext } from '../../../src/core/auth/context.ts'
import { pollForTokens } from '../../../src/core/auth/device-code.ts'
import type { DeviceCode } from '../../../src/core/auth/device-code.ts'
import { providerShape } from '../../../src/core/config/provider-shape.ts'
import type { UpstreamResponse } from '../../../src/core/upstream/fetch.ts'
import { z } from 'zod'

const DEVICE: DeviceCode = {
  deviceCode: 'secret-device',
  userCode: 'AB-CD',
  verificationUrl: 'https://example.com/device',
  expiresIn: 900,
  interval: 5,
}
const REQUEST = { url: 'https://example.com/token', form: { device_code: 'secret-device' } }

/** A login whose polls are answered in turn, with when each came. */
function polled(answers: (object | Error | Response)[], signal = new AbortController().signal) {
  const start = Date.now()
  const at: number[] = []
  const fetch = async (): Promise<UpstreamResponse> => {
    at.push((Date.now() - start) / 1000)
    const answer = answers.shift() ?? { error: 'authorization_pending' }
    if (answer instanceof Error) throw answer
    if (answer instanceof Response) return answer
    return Response.json(answer, { status: 'error' in answer ? 400 : 200 })
  }
  let shown: AbortSignal | undefined
  const context: LoginContext = {
    provider: 'acme',
    title: 'Acme',
    config: z.strictObject(providerShape).parse({}),
    env: {},
    fetch,
    fetchOnce: fetch,
    signal,
    ui: {
      openUrl() {},
      showDeviceCode: (_prompt, done) => {
        shown = done
      },
      askRedirect: async () => undefined,
      note() {},
    },
  }
  return {
    at,
    outcome: pollForTokens(context, DEVICE, REQUEST).catch((error: unknown) => error),
    isShown: () => !shown?.aborted,
  }
}

describe('polling for a device code', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('waits the interval before each poll, and five seconds more after each slow_down', async () => {
    vi.useFakeTimers()
    const { at, outcome, isShown } = polled([
      { error: 'authorization_pending' },
      { error: 'slow_down' },
      { error: 'authorization_pending' },
      { error: 'slow_down' },
      { access_token: 'secret-access' },
    ])
    await vi.advanceTimersByTimeAsync(44_900)
    expect(isShown()).toBe(true)
    await vi.advanceTimersByTimeAsync(200)
    expect(await outcome).toEqual({ access_token: 'secret-access' })
    expect(at).toEqual([5, 10, 20, 30, 45])
    expect(isShown()).toBe(false)
  })

  it('asks less often while the network fails, and gives up in the end', async () => {
    vi.useFakeTimers()
    const { at, outcome } = polled(Array.from({ length: 20 }, () => new Error('socket hang up')))
    await vi.advanceTimersByTimeAsync(900_000)
    expect(String(await outcome)).toContain('Acme could not be asked for the tokens')
    expect(at.slice(0, 5)).toEqual([5, 15, 35, 75, 135])
    expect(at).toHaveLength(10)
  })

  it.each([
    ['500 server_error', () => Response.json({ error: 'server_error' }, { status: 500 })],
    ['500 InternalServerException', () => Response.json({ __type: 'InternalServerException' }, { status: 500 })],
    ['503 temporarily_unavailable', () => Response.json({ error: 'temporarily_unavailable' }, { status: 503 })],
    ['429 {error: {code}}', () => Response.json({ error: { code: 'rate_limited' } }, { status: 429 })],
    ['502 without JSON', () => new Response('<html>', { status: 502 })],
    ['400 server_error', () => Response.json({ error: 'server_error' }, { status: 400 })],
    ['200 temporarily_unavailable', () => Response.json({ error: 'temporarily_unavailable' })],
  ])('goes on after %s', async (_name, answer) => {
    vi.useFakeTimers()
    const { outcome } = polled([answer(), answer(), { access_token: 'secret-access' }])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await outcome).toEqual({ access_token: 'secret-access' })
  })

  it.each(['authorization_pending', 'slow_down'])('counts faults anew after %s, which is an answer', async (code) => {
    vi.useFakeTimers()
    const faults = () => Array.from({ length: 5 }, () => new Error('socket hang up'))
    const { outcome } = polled([...faults(), { error: code }, ...faults(), { access_token: 'secret-access' }])
    await vi.advanceTimersByTimeAsync(900_000)
    expect(await outcome).toEqual({ access_token: 'secret-access' })
  })

  it('ends with the code', async () => {
    vi.useFakeTimers()
    const { outcome, at } = polled([])
    await vi.advanceTimersByTimeAsync(900_000)
    expect(await outcome).toMatchObject({ name: 'AuthError', code: 'expired_token' })
    expect(String(await outcome)).toContain('byok login acme')
    expect(at.at(-1)).toBeLessThan(900)
  })

  it.each([
    [{ error: 'expired_token' }, 'expired_token'],
    [{ error: 'access_denied', error_description: 'No.' }, 'access_denied'],
    [{ __type: 'com.amazonaws.ssooidc#ExpiredTokenException', error: undefined }, 'expired_token'],
    [Response.json({ error: 'slow_down_please' }, { status: 401 }), 'slow_down_please'],
    [{ error: 'invalid_request', error_description: 'secret-device is odd' }, 'invalid_request'],
  ])('ends with %o', async (answer, code) => {
    vi.useFakeTimers()
    const { outcome } = polled([answer])
    await vi.advanceTimersByTimeAsync(5000)
    expect(await outcome).toMatchObject({ name: 'AuthError', code })
    expect(String(await outcome)).not.toContain('secret-device')
  })

  it('stops at once when it is cancelled', async () => {
    vi.useFakeTimers()
    const abort = new AbortController()
    const { outcome, at, isShown } = polled([], abort.signal)
    await vi.advanceTimersByTimeAsync(7000)
    abort.abort(new Error('stopped'))
    expect(await outcome).toMatchObject({ message: 'stopped' })
    expect(at).toEqual([5])
    expect(isShown()).toBe(false)
  })
})
