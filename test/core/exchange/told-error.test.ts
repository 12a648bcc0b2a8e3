import { expect, it, onTestFinished } from 'vitest'
import { KEYS, KINDS } from '../../conformance/providers.ts'
import type { Kind } from '../../conformance/providers.ts'
import { reportAccounts } from '../../../src/core/routing/report.ts'
import type { ByokHooks, RequestInfo } from '../../../src/index.ts'
import { startByok } from './support.ts'

/* What a provider says of its own failure in the middle of a stream is the same to byok, whether the bytes pass through or not. */

const MESSAGES = [{ role: 'user', content: 'Hi' }]

const CASES: [kind: Kind, path: string, body: object][] = [
  ['local', '/v1/chat/completions', { messages: MESSAGES, stream: true }],
  ['claude', '/v1/messages', { messages: MESSAGES, stream: true, max_tokens: 9 }],
  ['codex', '/v1/responses', { input: MESSAGES, stream: true }],
  [
    'gemini',
    '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
  ],
]

async function ended([kind, path, body]: (typeof CASES)[number], hooks: Partial<ByokHooks>) {
  const fake = await KINDS[kind].start()
  onTestFinished(() => fake.close())
  fake.say({ steps: [{ text: 'Hello' }, { error: { kind: 'overloaded', message: 'Too many quokkas.' } }] })
  const errors: unknown[] = []
  const byok = await startByok({
    providers: {
      [kind]: { ...(kind === 'local' && { type: 'openai-compatible' }), api_key: KEYS[kind], base_url: fake.url },
    },
    hooks: { error: ({ error: { status, type, code } }) => void errors.push({ status, type, code }), ...hooks },
  })
  const over = new Promise<RequestInfo>((resolve) => byok.hooks.hookOnce('response', ({ info }) => resolve(info)))
  const request = new Request(`http://localhost${path}`, {
    method: 'POST',
    body: JSON.stringify({ model: KINDS[kind].model, ...body }),
  })
  const response = await byok.fetch(request)
  expect(response.status).toBe(200)
  const text = await response.text()
  const { outcome, error, passthrough } = await over
  const [account] = await reportAccounts({ registry: byok.registry, router: byok.routing })
  const rests = account?.circuits.map(({ cause, status, code }) => ({ cause, status, code }))
  return { text, passthrough, told: { outcome, error, errors, rests, inFlight: account?.inFlight } }
}

it.each(CASES)('%s on %s', async (...one) => {
  const passed = await ended(one, {})
  const translated = await ended(one, { event: () => {} })
  expect([passed.passthrough, translated.passthrough]).toEqual([true, undefined])
  expect(translated.told).toMatchObject({ outcome: 'error', rests: [{ cause: 'fault' }], inFlight: 0 })
  expect(passed.told).toEqual(translated.told)
  // The client is told once, in the provider's own words.
  expect(passed.text).toContain('Hello')
  expect(passed.text.match(/quokkas/g)).toHaveLength(1)
  expect(passed.text).not.toContain('upstream_stream_cut')
})
