import { expect, it, onTestFinished, vi } from 'vitest'
import { eventSource, passthroughSource } from '../../../src/core/exchange/source.ts'
import { StreamHead } from '../../../src/core/exchange/stream-head.ts'
import { openaiResponses, openaiResponsesProtocol } from '../../../src/core/protocols/openai-responses/index.ts'
import { sseFrames } from '../../../src/core/upstream/sse.ts'
import { startOpenAIResponses } from '../../upstreams/openai-responses.ts'
import { startByok } from './support.ts'

/* A response is announced before it is sure: what fails then may still be answered by another account. */

async function twoAccounts() {
  const [a, b] = await Promise.all([startOpenAIResponses({ key: 'sk-a' }), startOpenAIResponses({ key: 'sk-b' })])
  onTestFinished(async () => void (await Promise.all([a.close(), b.close()])))
  const byok = await startByok({
    providers: {
      codex: {
        api_keys: [
          { key: 'sk-a', label: 'a', base_url: a.url },
          { key: 'sk-b', label: 'b', base_url: b.url },
        ],
      },
    },
  })
  return { a, b, byok }
}

const MESSAGES = [{ role: 'user', content: 'Hi' }]

it.each([
  ['/v1/responses', { input: MESSAGES, stream: true }],
  ['/v1/chat/completions', { messages: MESSAGES, stream: true }],
])('of a stream that fails after its announcement the client sees nothing (%s, %#)', async (path, body) => {
  const { a, b, byok } = await twoAccounts()
  a.say({ steps: [{ error: { kind: 'overloaded', message: 'Too many quokkas.' } }] })
  b.say({ steps: [{ text: 'Hello' }] })
  const request = new Request(`http://localhost${path}`, {
    method: 'POST',
    body: JSON.stringify({ model: 'codex/gpt-5.3-codex', ...body }),
  })
  const response = await byok.fetch(request)
  expect([response.status, response.headers.get('x-byok-account')]).toEqual([200, 'b'])
  const text = await response.text()
  expect(text).toContain('Hello')
  expect(text).not.toContain('quokkas')
  expect(a.requests).toHaveLength(1)
})

it.each(['invalid_prompt', 'cyber_policy', 'bio_policy'])(
  'a prompt that is refused so (%s) is no fault of the account, and nobody else is asked',
  async (code) => {
    const { a, b, byok } = await twoAccounts()
    const error = { code, message: 'Your prompt was flagged.' }
    a.say({ steps: [{ raw: `data: ${JSON.stringify({ type: 'response.failed', response: { error } })}\n\n` }] })
    const response = await byok.fetch(
      new Request('http://localhost/v1/responses', {
        method: 'POST',
        body: JSON.stringify({ model: 'codex/gpt-5.3-codex', input: MESSAGES, stream: true }),
      }),
    )
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', code } })
    expect(b.requests).toHaveLength(0)
    expect(byok.routing.resting).toEqual([])
  },
)

const CREATED = 'data: {"type":"response.created","response":{"id":"resp_1","object":"response","output":[]}}\n\n'
const FAILED =
  'data: {"type":"response.failed","response":{"error":{"code":"server_is_overloaded","message":"Busy"}}}\n\n'

it.each(['events', 'bytes'])('an announcement does not wait for long (%s)', async (kind) => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let pipe: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (pipe = controller) })
  const send = (text: string) => pipe?.enqueue(new TextEncoder().encode(text))
  const translator = openaiResponses()
  const source =
    kind === 'events'
      ? eventSource({
          body,
          frames: sseFrames(),
          events: translator.events(),
          startsEarly: translator.startsEarly,
          provider: 'Acme',
          onEvent: () => {},
        })
      : passthroughSource({
          body,
          head: new StreamHead(translator, () => {}),
          protocol: openaiResponsesProtocol,
          provider: 'Acme',
          onUsage: () => {},
          onFailed: () => {},
        })
  send(CREATED)
  const first = source.next()
  await vi.advanceTimersByTimeAsync(1000)
  const piece = await first
  if (piece && 'events' in piece) expect(piece.events).toMatchObject([{ type: 'start', id: 'resp_1' }])
  else expect(Buffer.from(piece ?? []).toString()).toBe(CREATED)
  send(FAILED)
  // Too late for another account: the client hears of it.
  const next = source.next()
  if (kind === 'events') await expect(next).rejects.toThrow('Busy')
  else expect(Buffer.from(((await next) as Uint8Array | undefined) ?? []).toString()).toBe(FAILED)
})
