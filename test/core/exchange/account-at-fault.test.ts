import { expect, it, onTestFinished, vi } from 'vitest'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import { startAnthropic } from '../../upstreams/anthropic.ts'
import { startGemini } from '../../upstreams/gemini.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { ask, startByok } from './support.ts'

/* Vendors say 400 to some requests that are in order, where it is the account that they refuse. */

const anthropic = (message: string, error_code?: string) => ({
  type: 'error',
  error: { type: 'invalid_request_error', message, ...(error_code !== undefined && { details: { error_code } }) },
})
const google = (message: string) => ({ error: { code: 400, message, status: 'FAILED_PRECONDITION' } })

const VENDORS = {
  claude: { model: 'claude-sonnet-4-5', start: (key: string) => startAnthropic({ key }) },
  codex: { model: 'gpt-4o', start: (key: string) => startOpenAIChat({ key }) },
  gemini: { model: 'gemini-2.5-pro', start: (key: string) => startGemini({ key }) },
} satisfies Record<string, { model: string; start(key: string): Promise<FakeProvider> }>

it.each<[string, keyof typeof VENDORS, unknown, 'spent' | 'refused']>([
  [
    'a limit of money',
    'claude',
    anthropic('You have reached your specified API usage limits. You will regain access on 2999-12-01 at 00:00 UTC.'),
    'spent',
  ],
  [
    'no more usage beyond the plan',
    'claude',
    anthropic("You're out of extra usage. Add more at claude.ai/settings/usage and keep going."),
    'spent',
  ],
  ['a closed account', 'claude', anthropic('This organization has been disabled.'), 'refused'],
  ['a closed account, by its code', 'claude', anthropic('Contact support.', 'organization_on_hold'), 'refused'],
  [
    'a key of somebody who has left',
    'claude',
    anthropic('Make another key.', 'claude_code_key_creator_not_member'),
    'refused',
  ],
  [
    'a limit of money',
    'codex',
    {
      error: {
        code: 'billing_hard_limit_reached',
        message: 'Billing hard limit has been reached',
        param: null,
        type: 'invalid_request_error',
      },
    },
    'spent',
  ],
  [
    'no free tier for the key',
    'gemini',
    google(
      'Gemini API free tier is not available in your country. Please enable billing on your project in Google AI Studio.',
    ),
    'refused',
  ],
])('after %s of %s another account is asked, and the first rests', async (_, provider, body, cause) => {
  const { model, start } = VENDORS[provider]
  const refusing = await startFakeServer((_request, reply) => reply.json(400, body))
  const serving = await start('key-b')
  onTestFinished(async () => void (await Promise.all([refusing.close(), serving.close()])))
  const byok = await startByok({
    providers: {
      [provider]: {
        api_keys: [
          { key: 'key-a', label: 'a', base_url: refusing.url },
          { key: 'key-b', label: 'b', base_url: serving.url },
        ],
      },
    },
  })
  for (const attempts of ['2', '1']) {
    const { status, headers } = await ask(byok, { model: `${provider}/${model}` })
    expect([status, headers.get('x-byok-account')]).toEqual([200, 'b'])
    expect(headers.get('x-byok-attempts')).toBe(attempts)
  }
  expect(byok.routing.resting).toMatchObject([{ account: 'a', cause }])
})

it('a limit of money rests until Anthropic’s day', async () => {
  const day = new Date(Date.now() + 10 * 24 * 3_600_000).toISOString().slice(0, 10)
  const refusing = await startFakeServer((_request, reply) =>
    reply.json(
      400,
      anthropic(
        `You have reached your specified workspace API usage limits. You will regain access on ${day} at 06:30 UTC.`,
      ),
    ),
  )
  onTestFinished(() => refusing.close())
  const byok = await startByok({ providers: { claude: { api_key: 'k', base_url: refusing.url } } })
  const { status, json } = await ask(byok, { model: 'claude/claude-sonnet-4-5' })
  expect(status).toBe(429)
  expect(json.error?.type).toBe('insufficient_quota')
  expect(byok.routing.resting.map(({ until }) => Math.round(until / 60_000))).toEqual([
    Date.parse(`${day}T06:30:00Z`) / 60_000,
  ])
})

it.each([
  [
    'enforced_spend_limit_reached',
    "You have reached your API usage limits: your organization has crossed its monthly API usage threshold, set based on your organization's API tier.",
  ],
  ['contract_spend_limit_reached', 'Your organization has spent what its contract allows.'],
])('what a month may cost by Anthropic’s own limit rests until its day (%s)', async (error_code, message) => {
  const day = new Date(Date.now() + 10 * 24 * 3_600_000).toISOString().slice(0, 10)
  const error = {
    type: 'rate_limit_error',
    message: `${message} You will regain access on ${day} at 00:00 UTC.`,
    details: { error_code },
  }
  const refusing = await startFakeServer((_request, reply) =>
    reply.json(429, { type: 'error', error, request_id: 'req_1' }),
  )
  onTestFinished(() => refusing.close())
  const byok = await startByok({ providers: { claude: { api_key: 'k', base_url: refusing.url } } })
  const { status, json } = await ask(byok, { model: 'claude/claude-opus-5-5' })
  expect([status, json.error?.type, json.error?.code]).toEqual([429, 'insufficient_quota', error_code])
  expect(byok.routing.resting.map(({ until }) => Math.round(until / 60_000))).toEqual([
    Date.parse(`${day}T00:00:00Z`) / 60_000,
  ])
})

it('a quota per day of Gemini rests until it is midnight in California', async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 29, 2, 59, 30), toFake: ['Date'] })
  const [a, b] = await Promise.all([startGemini({ key: 'key-a' }), startGemini({ key: 'key-b' })])
  onTestFinished(async () => {
    vi.useRealTimers()
    await Promise.all([a.close(), b.close()])
  })
  const byok = await startByok({
    providers: {
      gemini: {
        api_keys: [
          { key: 'key-a', label: 'a', base_url: a.url },
          { key: 'key-b', label: 'b', base_url: b.url },
        ],
      },
    },
  })
  // As Google does, the fake names the seconds of another quota beside it.
  a.fail({ kind: 'quota', retryAfter: 1 })
  expect((await ask(byok, { model: 'gemini/gemini-2.5-pro' })).headers.get('x-byok-account')).toBe('b')
  expect(byok.routing.resting).toMatchObject([{ account: 'a', until: Date.UTC(2026, 10, 29, 8), named: true }])
})
