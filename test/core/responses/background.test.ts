import { createStorage } from 'unstorage'
import memory from 'unstorage/drivers/memory'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { listen } from '../../../src/adapters/listen.ts'
import type { JsonObject } from '../../../src/core/json/json.ts'
import { silentLogger } from '../../../src/core/log/log.ts'
import { BackgroundRuns } from '../../../src/core/responses/background.ts'
import { ResponseStore } from '../../../src/core/responses/store.ts'
import type { Byok, RequestInfo } from '../../../src/index.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { startByok } from '../exchange/support.ts'

let fake: FakeProvider
let byok: Byok
/** Serves as one with it, and is there when it is gone. */
let other: Byok
let over: Promise<RequestInfo>
let errors: unknown[]
let logged: unknown[]

beforeEach(async () => {
  fake = await startOpenAIChat()
  onTestFinished(() => fake.close())
  const shared = memory()
  errors = []
  logged = []
  const log = (...words: unknown[]) => void logged.push(words)
  const start = () =>
    startByok({
      shared,
      providers: { local: { type: 'openai-compatible', api_key: 'sk-test', base_url: fake.url, models: ['m'] } },
      hooks: { error: ({ error }) => void errors.push(error) },
      logger: { debug: () => {}, info: () => {}, warn: log, error: log },
    })
  ;[byok, other] = [await start(), await start()]
  over = new Promise((resolve) =>
    byok.hooks.hook('response', ({ info }) => {
      if (info.model !== undefined) resolve(info)
    }),
  )
})

interface Kept {
  id: string
  status: string
  error?: { code: string; message: string }
  output?: unknown
}

const responses = async (at: Byok, path = '', init?: RequestInit) =>
  (await (await at.fetch(new Request(`http://localhost/v1/responses${path}`, init))).json()) as Kept

/** Begins one, and resolves once its provider is asked. */
async function begin(): Promise<string> {
  const body = JSON.stringify({ model: 'local/m', input: 'Think.', background: true })
  const { id, status } = await responses(byok, '', { method: 'POST', body })
  expect(status).toBe('queued')
  await vi.waitUntil(() => fake.requests.length > 0)
  return id
}

const never = () => ({ steps: [{ wait: new Promise(() => {}) }] })

describe('a background run, when the server is stopped,', () => {
  it('may end within the time that streams have', async () => {
    let release = () => {}
    fake.say({ steps: [{ wait: new Promise<void>((resolve) => (release = resolve)) }, { text: 'Done' }] })
    const listening = await listen(byok, { port: 0 })
    const id = await begin()
    const stopping = listening.close()
    expect((await responses(other, `/${id}`)).status).toBe('in_progress')
    release()
    await stopping
    expect(await responses(other, `/${id}`)).toMatchObject({ id, status: 'completed', error: null })
    expect(await over).toMatchObject({ outcome: 'ok', status: 200 })
    await byok.close()
  })

  it('has failed when it takes longer', async () => {
    fake.say(never())
    const listening = await listen(byok, { port: 0 })
    const id = await begin()
    await listening.close(0)
    const error = { code: 'shutting_down', message: expect.stringMatching(/stopped/) as string }
    expect(await responses(other, `/${id}`)).toMatchObject({ id, status: 'failed', error })
    expect(await fake.requests[0]?.aborted).toBe(true)
    expect(await over).toMatchObject({ outcome: 'aborted', error: undefined })
    expect([errors, logged]).toEqual([[], []])
    await byok.close()
  })

  it('has failed at once where nobody lets it end', async () => {
    fake.say(never())
    const id = await begin()
    await byok.close()
    expect(await responses(other, `/${id}`)).toMatchObject({ status: 'failed', error: { code: 'shutting_down' } })
  })

  it('has failed too where it does not hear of it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const runs = new BackgroundRuns({ shared: false })
    const store = new ResponseStore(createStorage(), { lifetime: 60_000, logger: silentLogger }).of({})
    const { id } = await runs.start(store, { body: {}, input: [], also: {} }, () => new Promise(() => {}))
    const closing = runs.close()
    await vi.advanceTimersByTimeAsync(1000)
    await closing
    expect((await store.get(String(id)))?.response).toMatchObject({
      status: 'failed',
      error: { code: 'shutting_down' },
    })
  })

  it('stays cancelled', async () => {
    fake.say(never())
    const id = await begin()
    await responses(byok, `/${id}/cancel`, { method: 'POST' })
    await byok.close()
    expect((await responses(other, `/${id}`)).status).toBe('cancelled')
    expect(await over).toMatchObject({ outcome: 'aborted', error: undefined })
    expect([errors, logged]).toEqual([[], []])
  })
})

it('a background run that is cancelled as its end is stored stays cancelled, and deleted where it is', async () => {
  const runs = new BackgroundRuns({ shared: false })
  const store = new ResponseStore(createStorage(), { lifetime: 60_000, logger: silentLogger }).of({})
  for (const deletes of [false, true]) {
    let end = (_response: JsonObject) => {}
    const answer = () => new Promise<JsonObject>((resolve) => (end = resolve))
    const id = String((await runs.start(store, { body: {}, input: [], also: {} }, answer))['id'])
    const statusNow = async () => (await store.get(id))?.response['status']
    await expect.poll(statusNow).toBe('in_progress')
    const get = store.get.bind(store)
    let release = () => {}
    const looked = new Promise<void>((resolve) => {
      vi.spyOn(store, 'get').mockImplementationOnce(async (name) => {
        const found = await get(name)
        resolve()
        await new Promise<void>((go) => (release = go))
        return found
      })
    })
    end({ status: 'completed' })
    await looked
    await runs.cancel(store, { response: { id, background: true, status: 'in_progress' }, input: [] })
    if (deletes) await store.delete(id)
    release()
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    expect(await statusNow()).toBe(deletes ? undefined : 'cancelled')
  }
})

describe('the stream of a background run', () => {
  /** The places of its events, told by another process. */
  const told = async (at: Byok, path: string, init?: RequestInit) => {
    const answer = await at.fetch(new Request(`http://localhost/v1/responses${path}`, init))
    return [...(await answer.text()).matchAll(/"sequence_number":(\d+)/g)].map(([, number]) => Number(number))
  }
  const body = JSON.stringify({ model: 'local/m', input: 'Think.', background: true, stream: true })
  const post = async () =>
    (await byok.fetch(new Request('http://localhost/v1/responses', { method: 'POST', body }))).body

  it('is told by another process while it is made, and after', async () => {
    let release = () => {}
    fake.say({
      steps: [{ text: 'One' }, { wait: new Promise<void>((resolve) => (release = resolve)) }, { text: 'Two' }],
    })
    const reader = (await post())?.getReader()
    const { value } = (await reader?.read()) ?? {}
    const id = /"id":"(resp_\w+)"/.exec(new TextDecoder().decode(value))?.[1]
    await reader?.cancel()
    const all = told(other, `/${id}?stream=true`)
    const rest = told(other, `/${id}?stream=true&starting_after=2`)
    release()
    const places = await all
    expect(places.length).toBeGreaterThan(5)
    expect(places).toEqual(places.map((_, index) => index))
    expect(await rest).toEqual(places.slice(3))
    expect(await told(byok, `/${id}?stream=true`)).toEqual(places)
    await byok.close()
    expect(await told(other, `/${id}?stream=true`)).toEqual(places)
  })

  it('ends by a failure when the server is stopped', async () => {
    fake.say(never())
    const stream = new Response(await post()).text()
    await vi.waitUntil(() => fake.requests.length > 0)
    await byok.close()
    expect(await stream).toMatch(/event: response\.failed\ndata: .*"code":"shutting_down"/)
  })
})

it('a background run that fails is told with the status of its error', async () => {
  fake.fail({ kind: 'rate_limit', message: 'Slow down.' })
  const id = await begin()
  expect(await over).toMatchObject({ outcome: 'error', status: 429 })
  expect(errors).toMatchObject([{ status: 429 }])
  await vi.waitUntil(async () => (await responses(byok, `/${id}`)).status === 'failed')
})
