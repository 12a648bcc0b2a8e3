import { connect } from 'node:net'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { listen } from '../../../src/adapters/listen.ts'
import { reportAccounts } from '../../../src/core/routing/report.ts'
import type { Byok, RequestInfo } from '../../../src/index.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'

/* A client that stops a stream, whichever way byok hears of it first, is no fault of the provider's. */

const MESSAGES = [{ role: 'user', content: 'Hi' }]
const PATHS: [path: string, body: object][] = [
  ['/v1/chat/completions', { messages: MESSAGES }],
  ['/v1/messages', { messages: MESSAGES, max_tokens: 9 }],
  ['/v1/responses', { input: MESSAGES }],
]

let byok: Byok
let fake: FakeProvider
/** How requests ended, and with which errors. */
let ended: Promise<RequestInfo>
let errors: unknown[]
/** Whether the provider was stopped before its end. */
let stopped: () => Promise<boolean> | undefined

beforeEach(async () => {
  // Says a word, and then nothing more.
  fake = await startOpenAIChat()
  fake.otherwise = () => ({ steps: [{ text: 'Hello' }, { wait: new Promise(() => {}) }] })
  stopped = () => fake.requests[0]?.aborted
  errors = []
  byok = await createIsolatedByok({
    providers: { local: { type: 'openai-compatible', api_key: 'sk-test', base_url: fake.url, models: ['m'] } },
    hooks: { error: ({ error }) => void errors.push(error) },
  })
  ended = new Promise((resolve) => byok.hooks.hookOnce('response', ({ info }) => resolve(info)))
  onTestFinished(async () => {
    await byok.close()
    await fake.close()
  })
})

async function expectNoFault(): Promise<void> {
  expect(await ended).toMatchObject({ outcome: 'aborted', error: undefined })
  expect(errors).toEqual([])
  expect(await reportAccounts({ registry: byok.registry, router: byok.routing })).toMatchObject([
    { inFlight: 0, circuits: [] },
  ])
  expect(await stopped()).toBe(true)
}

function bodyOf({ body }: Response): ReadableStream<Uint8Array> {
  if (!body) throw new Error('an answer without a body')
  return body
}

/** Reads until the answer has begun. */
async function begun(response: Response): Promise<ReadableStreamDefaultReader<string>> {
  expect(response.status).toBe(200)
  const reader = bodyOf(response).pipeThrough(new TextDecoderStream()).getReader()
  for (let text = ''; !text.includes('Hello');) text += (await reader.read()).value ?? ''
  return reader
}

describe.each(PATHS)('a client of %s', (path, body) => {
  const init: RequestInit = { method: 'POST', body: JSON.stringify({ model: 'local/m', stream: true, ...body }) }
  const openInProcess = (signal: AbortSignal) => byok.fetch(new Request(`http://localhost${path}`, { ...init, signal }))

  it.each(['a program', 'a web page'])('that hangs up (%s)', async (who) => {
    const server = await listen(byok, { port: 0 })
    onTestFinished(() => server.close(0))
    const stop = new AbortController()
    const headers = { ...(who === 'a web page' && { origin: 'http://localhost:5173' }) }
    const response = await fetch(server.url + path, { ...init, headers, signal: stop.signal })
    await begun(response)
    stop.abort()
    await expectNoFault()
  })

  it('in process gets its own reason, as of the global fetch', async () => {
    const stop = new AbortController()
    const response = await openInProcess(stop.signal)
    const reader = await begun(response)
    const next = reader.read()
    const reason = new Error('enough')
    stop.abort(reason)
    await expect(next).rejects.toBe(reason)
    await expectNoFault()
  })

  it('in process that reads no further', async () => {
    const stop = new AbortController()
    const response = await openInProcess(stop.signal)
    stop.abort(new Error('enough'))
    await expectNoFault()
    await expect(response.text()).rejects.toThrow('enough')
  })

  it('behind a host that pipes the answer by a signal', async () => {
    const stop = new AbortController()
    const response = await openInProcess(stop.signal)
    const sink = new WritableStream<Uint8Array>({
      write: (piece) => {
        if (Buffer.from(piece).includes('Hello')) stop.abort(new Error('enough'))
      },
    })
    await expect(bodyOf(response).pipeTo(sink, { signal: stop.signal })).rejects.toThrow('enough')
    await expectNoFault()
  })
})

describe('a client that sends requests without waiting for the answers', () => {
  const body = JSON.stringify({ model: 'local/m', stream: true, messages: MESSAGES })
  const request = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`

  it('stops all of them when it goes away', async () => {
    const count = 12
    const outcomes: unknown[] = []
    const over = new Promise<void>((resolve) => {
      byok.hooks.hook('response', ({ info }) => {
        outcomes.push(info.outcome)
        if (outcomes.length === count) resolve()
      })
    })
    const warned = vi.fn()
    process.on('warning', warned)
    onTestFinished(() => void process.off('warning', warned))
    const server = await listen(byok, { port: 0 })
    onTestFinished(() => server.close(0))
    const socket = connect(server.port, '127.0.0.1')
    socket.write(request.repeat(count))
    await vi.waitUntil(() => fake.requests.length === count)
    socket.destroy()
    await over
    expect(new Set(outcomes)).toEqual(new Set(['aborted']))
    expect(await Promise.all(fake.requests.map(({ aborted }) => aborted))).toEqual(new Array(count).fill(true))
    await expectNoFault()
    expect(warned).not.toHaveBeenCalledWith(expect.objectContaining({ name: 'MaxListenersExceededWarning' }))
  })
})
