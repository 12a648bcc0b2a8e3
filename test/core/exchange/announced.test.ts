import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { eventSource, passthroughSource } from '../../../src/core/exchange/stream/source.ts'
import { StreamHead } from '../../../src/core/exchange/stream/stream-head.ts'
import { openaiResponses, openaiResponsesProtocol } from '../../../src/core/protocols/openai-responses/index.ts'
import { sseFrames } from '../../../src/core/frames/sse.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import { startAnthropic } from '../../upstreams/anthropic.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { startOpenAIResponses } from '../../upstreams/openai-responses.ts'
import { passing, startByok } from './support.ts'

/* An answer is announced before it is sure: what fails then may still be answered by another account. */

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

it.each(['invalid_prompt', 'cyber_policy', 'bio_policy', 'failed_to_download_image', 'image_parse_error'])(
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

const ROLE =
  'data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}\n\n'
const BUSY = 'data: {"error":{"message":"Too many quokkas.","type":"server_error"}}\n\n'
const STARTED =
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}\n\n' +
  'event: ping\ndata: {"type":"ping"}\n\n'
const OVERLOADED =
  'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Too many quokkas."}}\n\n'

const VENDORS = {
  codex: { model: 'gpt-4o', start: () => startOpenAIChat({ key: 'sk-b' }) },
  claude: { model: 'claude-sonnet-4-5', start: () => startAnthropic({ key: 'sk-b' }) },
}

describe.each(['/v1/chat/completions', '/v1/messages'])('at %s', (path) => {
  it.each<[string, keyof typeof VENDORS, string]>([
    ['an error after the role', 'codex', ROLE + BUSY],
    ['the end after the role', 'codex', `${ROLE}data: [DONE]\n\n`],
    ['a cut after the role', 'codex', ROLE],
    ['an error after the start', 'claude', STARTED + OVERLOADED],
    ['a cut after the start', 'claude', STARTED],
  ])('%s is answered by another account (%s)', async (_, provider, bytes) => {
    const { model, start } = VENDORS[provider]
    const failing = await startFakeServer((_request, reply) => {
      reply.begin(200, { 'content-type': 'text/event-stream' })
      return reply.write(bytes).then(() => reply.end())
    })
    const serving = await start()
    onTestFinished(async () => void (await Promise.all([failing.close(), serving.close()])))
    serving.say({ steps: [{ text: 'Hello' }] })
    const byok = await startByok({
      providers: {
        [provider]: {
          api_keys: [
            { key: 'sk-a', label: 'a', base_url: failing.url },
            { key: 'sk-b', label: 'b', base_url: serving.url },
          ],
        },
      },
    })
    const response = await byok.fetch(
      new Request(`http://localhost${path}`, {
        method: 'POST',
        body: JSON.stringify({ model: `${provider}/${model}`, messages: MESSAGES, max_tokens: 100, stream: true }),
      }),
    )
    expect([response.status, response.headers.get('x-byok-account')]).toEqual([200, 'b'])
    const text = await response.text()
    expect(text).toContain('Hello')
    expect(text).not.toMatch(/quokkas|"error"/)
    expect(byok.routing.resting).toMatchObject([{ account: 'a', cause: 'fault' }])
  })
})

it('what only says again that an answer begins is held back no longer for that', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let pipe: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (pipe = controller) })
  const source = passing(body)
  let piece: Uint8Array | undefined
  const first = source.next().then((bytes) => (piece = bytes))
  for (let sent = 0; sent < 3; sent++) {
    pipe?.enqueue(new TextEncoder().encode(ROLE))
    await vi.advanceTimersByTimeAsync(400)
  }
  expect(Buffer.from(piece ?? []).toString()).toBe(ROLE.repeat(3))
  await first
})

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
          onFinish: () => {},
          told: () => undefined,
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
