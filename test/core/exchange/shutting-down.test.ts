import { once } from 'node:events'
import { connect } from 'node:net'
import OpenAI from 'openai'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { listen } from '../../../src/adapters/listen.ts'
import { reportAccounts } from '../../../src/core/routing/report.ts'
import type { Byok, ChatEvent, RequestInfo } from '../../../src/index.ts'
import type { FakeProvider } from '../../../src/testing/index.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { startByok } from './support.ts'

/* What byok itself ends is told to the client, and is no fault of the provider's. */

const MESSAGES = [{ role: 'user' as const, content: 'Hi' }]
const PATHS: [path: string, body: object, told: RegExp][] = [
  ['/v1/chat/completions', { messages: MESSAGES }, /^data: \{"error":\{.*"code":"shutting_down"/m],
  ['/v1/messages', { messages: MESSAGES, max_tokens: 9 }, /^event: error\ndata: .*"type":"overloaded_error"/m],
  ['/v1/responses', { input: MESSAGES }, /^event: response\.failed\ndata: .*"code":"shutting_down"/m],
]

let byok: Byok
let fake: FakeProvider
/** How the request ended. */
let ended: Promise<RequestInfo>
let errors: unknown[]

beforeEach(async () => {
  fake = await startOpenAIChat()
  onTestFinished(() => fake.close())
  errors = []
  byok = await startByok({
    providers: {
      local: { type: 'openai-compatible', api_keys: ['sk-test', 'sk-other'], base_url: fake.url, models: ['m'] },
    },
    hooks: { error: ({ error }) => void errors.push(error) },
  })
  ended = new Promise((resolve) => byok.hooks.hookOnce('response', ({ info }) => resolve(info)))
})

const FOR_EVER = { wait: new Promise(() => {}) }

/** Says a word, and then nothing more. */
function sayHello(): void {
  fake.otherwise = () => ({ steps: [{ text: 'Hello' }, FOR_EVER] })
}

async function expectNoFault(): Promise<void> {
  expect(await ended).toMatchObject({ outcome: 'aborted', error: undefined, attempts: 1 })
  expect(errors).toEqual([])
  const accounts = await reportAccounts({ registry: byok.registry, router: byok.routing })
  expect(accounts.map(({ inFlight, circuits }) => [inFlight, circuits])).toEqual([
    [0, []],
    [0, []],
  ])
  expect(fake.requests).toHaveLength(1)
  expect(await fake.requests[0]?.aborted).toBe(true)
}

/** Reads on to the end once the answer has begun. */
async function rest({ status, body }: Response, onBegun: () => unknown): Promise<string> {
  expect(status).toBe(200)
  let text = ''
  for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const begins = !text.includes('Hello')
    text += piece
    if (begins && text.includes('Hello')) onBegun()
  }
  return text
}

describe.each(PATHS)('a stream of %s', (path, body, told) => {
  const init = { method: 'POST', body: JSON.stringify({ model: 'local/m', stream: true, ...body }) }
  beforeEach(sayHello)

  it.each(['a program', 'a web page'])('that outlives its server ends with an error (%s)', async (who) => {
    const server = await listen(byok, { port: 0 })
    const headers = { ...(who === 'a web page' && { origin: 'http://localhost:5173' }) }
    let closed: Promise<void> | undefined
    const text = await rest(await fetch(server.url + path, { ...init, headers }), () => (closed = server.close(0)))
    expect(text).toMatch(told)
    await closed
    await expectNoFault()
  })

  it('that outlives byok ends with an error', async () => {
    let closed: Promise<void> | undefined
    const text = await rest(await byok.fetch(`http://localhost${path}`, init), () => (closed = byok.close()))
    expect(text).toMatch(told)
    await expectNoFault()
    await closed
  })
})

describe('a request without an answer yet', () => {
  const init = { method: 'POST', body: JSON.stringify({ model: 'local/m', messages: MESSAGES }) }
  let asked: Promise<unknown>

  beforeEach(() => {
    asked = new Promise((resolve) => {
      fake.otherwise = () => {
        resolve(undefined)
        return { steps: [FOR_EVER] }
      }
    })
  })

  it('gets a 503, from no other account', async () => {
    const server = await listen(byok, { port: 0 })
    const answer = fetch(`${server.url}/v1/chat/completions`, init)
    await asked
    const closed = server.close(0)
    expect((await answer).status).toBe(503)
    expect(await (await answer).json()).toMatchObject({ error: { code: 'shutting_down' } })
    await closed
    await expectNoFault()
  })

  it('in process fails, and so does what comes after', async () => {
    const answer = byok.chat({ model: 'local/m', messages: MESSAGES }).catch((error: unknown) => error)
    await asked
    const closed = byok.close()
    expect(await answer).toMatchObject({ status: 503, code: 'shutting_down' })
    await expectNoFault()
    await closed
    expect((await byok.fetch('http://localhost/v1/chat/completions', init)).status).toBe(503)
  })
})

it('byok.stream() is told of it between two events', async () => {
  sayHello()
  const events: ChatEvent[] = []
  const read = async () => {
    for await (const event of byok.stream({ model: 'local/m', messages: MESSAGES })) {
      events.push(event)
      if (event.type === 'text') void byok.close()
    }
  }
  await expect(read()).rejects.toMatchObject({ code: 'shutting_down' })
  expect(events.map(({ type }) => type)).toContain('text')
  await expectNoFault()
})

it("OpenAI's client throws it as an error of the API", async () => {
  sayHello()
  const server = await listen(byok, { port: 0 })
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
  const read = async () => {
    const stream = await client.chat.completions.create({ model: 'local/m', messages: MESSAGES, stream: true })
    for await (const chunk of stream) if (chunk.choices.length > 0) void server.close(0)
  }
  await expect(read()).rejects.toMatchObject({
    code: 'shutting_down',
    message: expect.stringMatching(/stopped/) as string,
  })
  await expectNoFault()
})

it('a request that never comes to its end holds a server up for a second at the most', async () => {
  sayHello()
  const server = await listen(byok, { port: 0 })
  const init = { method: 'POST', body: JSON.stringify({ model: 'local/m', stream: true, messages: MESSAGES }) }
  const answer = await fetch(`${server.url}/v1/chat/completions`, init)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const socket = connect(server.port, '127.0.0.1')
  const arrived = once(socket, 'data')
  socket.write(
    'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n',
  )
  await arrived
  const cut = once(socket, 'close')
  const closed = server.close(0)
  await vi.advanceTimersByTimeAsync(0)
  expect(await answer.text()).toMatch(/shutting_down/)
  expect(socket.closed).toBe(false)
  await vi.advanceTimersByTimeAsync(1000)
  await Promise.all([closed, cut])
})

it('only what a server serves ends with it', async () => {
  let release = () => {}
  const wait = new Promise<void>((resolve) => (release = resolve))
  const asked = new Promise<void>((resolve) => {
    fake.otherwise = () => {
      resolve()
      return { steps: [{ wait }, { text: 'Done' }] }
    }
  })
  const server = await listen(byok, { port: 0 })
  const answer = byok.chat({ model: 'local/m', messages: MESSAGES })
  await asked
  await server.close(0)
  release()
  expect((await answer).choices[0]?.content).toMatchObject([{ type: 'text', text: 'Done' }])
})
