import OpenAI from 'openai'
import { VERSION } from 'openai/version'
import { expect, it, onTestFinished } from 'vitest'
import { KEYS, KINDS } from '../../../conformance/providers.ts'
import type { Kind } from '../../../conformance/providers.ts'
import { reportAccounts } from '../../../../src/core/routing/report.ts'
import { startFakeServer } from '../../../../src/testing/fake-server.ts'
import type { ByokHooks, RequestInfo } from '../../../../src/index.ts'
import { startByok } from '../support.ts'

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

it('counts where the client goes away with it, before the stream ends', async () => {
  const error = { message: 'Too many quokkas.', type: 'server_error', code: 'server_error' }
  const server = await startFakeServer(async (_request, reply) => {
    reply.begin(200, { 'content-type': 'text/event-stream' })
    const begun = { choices: [{ index: 0, delta: { content: 'Hello' } }] }
    await reply.write(`data: ${JSON.stringify(begun)}\n\ndata: ${JSON.stringify({ error })}\n\n`)
  })
  onTestFinished(() => server.close())
  const byok = await startByok({
    providers: { local: { type: 'openai-compatible', api_key: 'sk-test', base_url: server.url, models: ['m'] } },
  })
  const over = new Promise<RequestInfo>((resolve) => byok.hooks.hookOnce('response', ({ info }) => resolve(info)))
  const body = JSON.stringify({ model: 'local/m', messages: MESSAGES, stream: true })
  const { body: stream } = await byok.fetch('http://localhost/v1/chat/completions', { method: 'POST', body })
  let text = ''
  for await (const chunk of stream ?? []) {
    text += Buffer.from(chunk).toString()
    if (text.includes('quokkas')) break
  }
  expect(await over).toMatchObject({ outcome: 'error', error: 'server_error', passthrough: true })
  const [account] = await reportAccounts({ registry: byok.registry, router: byok.routing })
  expect(account).toMatchObject({ inFlight: 0, circuits: [{ cause: 'fault' }] })
})

/** Longer than what is kept of a stream, where the first line is cut anywhere. */
const LONG = Array.from(
  { length: 60 },
  (_, at) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: `${at}` } }] })}\n\n`,
)
const LIMIT = {
  message: 'Rate limit reached. Please try again in 41s.',
  type: 'rate_limit_error',
  code: 'rate_limit_exceeded',
}

it.each<[string, string]>([
  ['JSON without `data:`', `${JSON.stringify({ error: LIMIT })}\n`],
  ['JSON over several lines', JSON.stringify({ error: LIMIT }, null, 2)],
  ['an event by its name', `event: error\ndata: ${JSON.stringify(LIMIT)}\n\n`],
])('an error that clients of Chat Completions do not read is told to them in their form: %s', async (_, error) => {
  const server = await startFakeServer(async (_request, reply) => {
    reply.begin(200, { 'content-type': 'text/event-stream' })
    await reply.write(LONG.join('') + error)
    reply.end()
  })
  onTestFinished(() => server.close())
  const ask = async (hooks: Partial<ByokHooks>) => {
    const byok = await startByok({
      providers: { local: { type: 'openai-compatible', api_key: 'sk-test', base_url: server.url, models: ['m'] } },
      hooks,
    })
    const inside = (url: string | URL | Request, init?: RequestInit) => byok.fetch(new Request(url, init))
    const client = new OpenAI({ apiKey: 'none', baseURL: 'http://localhost/v1', maxRetries: 0, fetch: inside })
    const stream = await client.chat.completions.create({
      model: 'local/m',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
    })
    const read = async () => {
      let text = ''
      for await (const chunk of stream) text += chunk.choices?.[0]?.delta.content ?? ''
      return text
    }
    const failure: unknown = await read().catch((thrown: unknown) =>
      thrown instanceof OpenAI.APIError ? thrown.error : thrown,
    )
    const [account] = await reportAccounts({ registry: byok.registry, router: byok.routing })
    return { failure, rests: account?.circuits.map(({ cause, status, code }) => ({ cause, status, code })) }
  }
  const passed = await ask({})
  expect(passed.failure).toMatchObject({
    message: expect.stringContaining('try again in 41s') as string,
    code: LIMIT.code,
  })
  const translated = await ask({ event: () => {} })
  // openai-node 7 reads an event by its name as well, and so what the provider said itself.
  const isRead = error.startsWith('event') && Number.parseInt(VERSION) >= 7
  expect(passed).toEqual(isRead ? { ...translated, failure: LIMIT } : translated)
})
