import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { codeAssistProject } from '../../../src/core/auth/code-assist.ts'
import type { CodeAssistClient } from '../../../src/core/auth/code-assist.ts'
import type { AuthContext } from '../../../src/core/auth/context.ts'
import { providerShape } from '../../../src/core/config/provider-shape.ts'
import type { UpstreamRequestInit } from '../../../src/core/upstream/fetch.ts'

const GEMINI: CodeAssistClient = { metadata: { pluginType: 'GEMINI' }, projects: 'own' }
const ANTIGRAVITY: CodeAssistClient = {
  metadata: { ideType: 'ANTIGRAVITY' },
  projects: 'given',
  onboardingUrl: 'https://daily.example.com',
}

/** Code Assist, whose answers to `loadCodeAssist`, and in turn to what follows, are given. */
function ask(client: CodeAssistClient & { projectId?: string }, loaded: object | Response, ...then: object[]) {
  const calls: { url: string; body: Record<string, unknown> }[] = []
  const notes: string[] = []
  const fetch = async (to: string | URL, init: UpstreamRequestInit = {}) => {
    const url = String(to)
    const text = typeof init.body === 'string' ? init.body : '{}'
    calls.push({ url, body: z.record(z.string(), z.unknown()).parse(JSON.parse(text)) })
    if (url.endsWith(':loadCodeAssist')) return loaded instanceof Response ? loaded : Response.json(loaded)
    return Response.json(then.length > 1 ? then.shift() : then[0])
  }
  const context: AuthContext = {
    provider: 'acme',
    title: 'Acme',
    config: z.strictObject(providerShape).parse({}),
    env: {},
    fetch,
    fetchOnce: fetch,
    signal: new AbortController().signal,
    ui: {
      openUrl() {},
      showDeviceCode() {},
      askRedirect: async () => undefined,
      note: (text) => void notes.push(text),
    },
  }
  const outcome = codeAssistProject(context, { accessToken: 'token-of-mine', ...client }).catch(
    (error: unknown) => error,
  )
  return { calls, notes, outcome }
}

const DONE = { done: true, response: { cloudaicompanionProject: { id: 'onboarded' } } }

describe('the Code Assist project', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it.each([
    ['the default tier', { allowedTiers: [{ id: 'pro', isDefault: true }], currentTier: { id: 'old' } }, 'pro'],
    ['the tier it has', { allowedTiers: [{ id: 'pro' }], currentTier: { id: 'old' } }, 'old'],
    ['the free tier', { allowedTiers: [{ id: 'pro' }] }, 'free-tier'],
  ])('of an account of Antigravity without one comes by onboarding for %s', async (_name, loaded, tierId) => {
    const { calls, outcome } = ask(ANTIGRAVITY, loaded, DONE)
    expect(await outcome).toBe('onboarded')
    expect(calls.at(-1)).toEqual({
      url: 'https://daily.example.com/v1internal:onboardUser',
      body: { tierId, metadata: ANTIGRAVITY.metadata },
    })
  })

  it('of an account of Antigravity that has one is that, with a tier or without', async () => {
    const { calls, outcome } = ask(ANTIGRAVITY, { cloudaicompanionProject: 'mine' })
    expect(await outcome).toBe('mine')
    expect(calls).toHaveLength(1)
  })

  it('of a company in Gemini with a tier and no project is its own to name', async () => {
    const { calls, outcome } = ask(GEMINI, { currentTier: { id: 'standard-tier' } })
    expect(await outcome).toMatchObject({ code: 'project_required' })
    expect(String(await outcome)).toContain('GOOGLE_CLOUD_PROJECT')
    expect(calls).toHaveLength(1)
  })

  describe('of a company whose perimeter keeps Code Assist from being asked', () => {
    const forbidden = (reason: string) =>
      Response.json(
        {
          error: {
            code: 403,
            message: 'Request is prohibited by organization policy.',
            status: 'PERMISSION_DENIED',
            details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }],
          },
        },
        { status: 403 },
      )

    it('is the one that the person names', async () => {
      const named = { ...GEMINI, projectId: 'ours' }
      const { calls, outcome } = ask(named, forbidden('SECURITY_POLICY_VIOLATED'))
      expect(await outcome).toBe('ours')
      expect(calls).toHaveLength(1)
      expect(await ask(GEMINI, forbidden('SECURITY_POLICY_VIOLATED')).outcome).toMatchObject({
        code: 'project_required',
      })
    })

    it('is not guessed after any other refusal, nor for Antigravity', async () => {
      const refused = { name: 'AuthError', code: 'PERMISSION_DENIED', status: 403 }
      expect(await ask({ ...GEMINI }, forbidden('SERVICE_DISABLED')).outcome).toMatchObject(refused)
      expect(await ask(ANTIGRAVITY, forbidden('SECURITY_POLICY_VIOLATED')).outcome).toMatchObject(refused)
    })
  })

  it('is waited for, which the person is told once, and found by the name of what is under way', async () => {
    vi.useFakeTimers()
    const tiers = { allowedTiers: [{ id: 'free-tier', isDefault: true }] }
    const running = { name: 'operations/7', done: false }
    const { calls, notes, outcome } = ask(GEMINI, tiers, running, running, DONE)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await outcome).toBe('onboarded')
    expect(notes).toEqual(['Google is setting up this account for Acme; that may take a minute or two.'])
    expect(calls.at(-1)?.url).toBe('https://cloudcode-pa.googleapis.com/v1internal/operations/7')
  })

  it.each([{ done: false }, { name: 'operations/7', done: false }])(
    'is not waited for for ever: %o',
    async (running) => {
      vi.useFakeTimers()
      const { outcome } = ask(ANTIGRAVITY, {}, running)
      await vi.advanceTimersByTimeAsync(121_000)
      expect(await outcome).toMatchObject({ name: 'AuthError', code: 'onboarding' })
      expect(String(await outcome)).toContain('Run `byok login acme` again')
    },
  )

  it('of Gemini is what there is of an onboarding without a name, as in Gemini CLI', async () => {
    const { calls, outcome } = ask(GEMINI, { allowedTiers: [{ id: 'free-tier', isDefault: true }] }, { done: false })
    expect(await outcome).toMatchObject({ code: 'project_required' })
    expect(calls).toHaveLength(2)
  })
})
