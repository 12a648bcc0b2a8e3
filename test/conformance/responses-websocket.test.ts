import OpenAI from 'openai'
import { ResponsesWS } from 'openai/resources/responses/ws'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { ByokHooks } from '../../src/index.ts'
import { KINDS, serveEveryone, withEveryone } from './providers.ts'
import type { Everyone, Kind } from './providers.ts'
import { weather } from './weather.ts'

/* The unmodified `openai` client's WebSocket of Responses, in front of every kind of provider. */

type Created = OpenAI.Responses.ResponsesClientEvent
type Event = OpenAI.Responses.ResponsesServerEvent

let everyone: Everyone
const ended: Parameters<ByokHooks['response']>[0]['info'][] = []

beforeAll(async () => {
  everyone = await serveEveryone({ hooks: { response: ({ info }) => void ended.push({ ...info }) } })
})
afterAll(() => everyone.close())

/** A connection, read event by event. */
function connect(url: string, options: { apiKey?: string; headers?: Record<string, string> } = {}) {
  const { apiKey = 'unused', headers = {} } = options
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey })
  const socket = new ResponsesWS(client, { headers })
  const events = socket.stream()
  onTestFinished(() => socket.close())
  /** The next event or error. */
  const next = async (): Promise<Event | { type: 'closed'; code: number }> => {
    for (;;) {
      const { value, done } = await events.next()
      if (done) return { type: 'closed', code: 0 }
      if (value.type === 'message') return value.message
      if (value.type === 'close') return { type: 'closed', code: value.code }
      if (value.type === 'error') {
        const { error } = value.error
        if (!error) throw value.error
        return error
      }
    }
  }
  const until = async (last: RegExp): Promise<Event[]> => {
    const read: Event[] = []
    for (;;) {
      const event = await next()
      if (event.type === 'closed') throw new Error(`closed after ${read.map(({ type }) => type).join(', ')}`)
      read.push(event)
      if (last.test(event.type)) return read
    }
  }
  const ask = async (body: Omit<Created, 'type'>) => {
    socket.send({ type: 'response.create', ...body })
    const read = await until(END)
    return { read, last: read.at(-1) }
  }
  return { socket, next, until, ask }
}

const END = /^(response\.(completed|failed|incomplete)|error)$/

function completed(event: Event | undefined): OpenAI.Responses.Response {
  if (event?.type !== 'response.completed') throw new Error(`no completed response: ${JSON.stringify(event)}`)
  return event.response
}

const textOf = (events: Event[]) =>
  events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('')

describe.each(Object.keys(KINDS) as Kind[])('a WebSocket in front of %s', (kind) => {
  const { model } = KINDS[kind]

  it('gives answers one after the other, and goes on from what is not stored', async () => {
    const fake = everyone.fakes[kind]
    const { ask } = connect(everyone.url)
    fake.say({ steps: [{ toolCall: { id: 'call_1', name: 'weather', arguments: ['{"ci', 'ty":"Rome"}'] } }] })
    const input = 'Weather in Rome?'
    const first = await ask({ model, input, instructions: 'Be brief', tools: [weather], store: false })
    const response = completed(first.last)
    const [call] = response.output.filter((item) => item.type === 'function_call')
    expect(call).toMatchObject({ name: 'weather', arguments: '{"city":"Rome"}' })
    fake.say({ steps: [{ text: ['Sun', 'ny 🦊'] }], usage: { input: 12, output: 3 } })
    const second = await ask({
      model,
      tools: [weather],
      store: false,
      previous_response_id: response.id,
      input: [{ type: 'function_call_output', call_id: call?.call_id ?? '', output: 'sunny' }],
    })
    expect(textOf(second.read)).toBe('Sunny 🦊')
    expect(second.read.map(({ sequence_number }) => sequence_number)).toEqual(second.read.map((_, at) => at))
    expect(completed(second.last)).toMatchObject({
      previous_response_id: response.id,
      usage: { input_tokens: 12, output_tokens: 3 },
    })
    // The provider, which keeps nothing, was told the whole conversation, and nothing of the transport.
    const { text = '', json } = fake.requests.at(-1) ?? {}
    expect(text).toContain(input)
    expect(text).toContain('sunny')
    expect(json).not.toHaveProperty('type')
    expect(ended.at(-1)).toMatchObject({
      method: 'POST',
      path: '/v1/responses',
      protocol: 'openai-responses',
      provider: kind,
      status: 200,
      stream: true,
      outcome: 'ok',
      usage: { input: 12, output: 3 },
    })
  })

  it("goes on from Codex's announcement, which holds nothing yet", async () => {
    const { socket, until, ask } = connect(everyone.url)
    const announced = { type: 'response.create', generate: false, model, store: false, input: [], stream: true }
    socket.sendRaw(JSON.stringify(announced))
    const { id } = completed((await until(END)).at(-1))
    everyone.fakes[kind].say({ steps: [{ text: 'I was' }] })
    const input = [{ role: 'user' as const, content: 'Now' }]
    const { read } = await ask({ model, input, store: false, previous_response_id: id })
    expect(textOf(read)).toBe('I was')
    expect(everyone.fakes[kind].requests.at(-1)?.text).not.toContain(id)
  })

  it('tells of a refusal with its status, and goes on', () =>
    withEveryone(async ({ fakes, url }) => {
      const { ask } = connect(url)
      fakes[kind].fail({ kind: 'invalid_request' })
      const { last } = await ask({ model, input: 'Hi', store: false })
      expect(last).toMatchObject({
        type: 'error',
        status: 400,
        error: { type: 'invalid_request_error' },
        headers: { 'x-request-id': expect.stringMatching(/^req_/), 'x-byok-provider': kind },
      })
      fakes[kind].say({ steps: [{ text: 'Hello' }] })
      expect(textOf((await ask({ model, input: 'Hi', store: false })).read)).toBe('Hello')
    }))

  it('ends an answer that is cut by one event', async () => {
    const { ask, next, socket } = connect(everyone.url)
    const fake = everyone.fakes[kind]
    fake.say({ steps: [{ text: 'Hel' }, { cut: true }] })
    const { read, last } = await ask({ model, input: 'Hi', store: false })
    expect(textOf(read)).toBe('Hel')
    expect(last).toMatchObject({ type: 'response.failed', response: { status: 'failed' } })
    // Nothing is left of it that the next answer could be taken for.
    fake.say({ steps: [{ text: 'Again' }] })
    socket.send({ type: 'response.create', model, input: 'Hi', store: false })
    expect(await next()).toMatchObject({ type: 'response.created' })
  })

  it('stops the provider when the client goes away', async () => {
    const { socket, until } = connect(everyone.url)
    const fake = everyone.fakes[kind]
    fake.say({ steps: [{ text: 'Hel' }, { wait: new Promise(() => {}) }] })
    socket.send({ type: 'response.create', model, input: 'Hi', store: false })
    await until(/delta$/)
    socket.close()
    expect(await fake.requests.at(-1)?.aborted).toBe(true)
    await expect.poll(() => ended.at(-1)).toMatchObject({ provider: kind, outcome: 'aborted' })
  })
})

describe('what a connection remembers', () => {
  const { model } = KINDS.claude

  it('is its own, but for what is stored', async () => {
    const [one, other] = [connect(everyone.url), connect(everyone.url)]
    everyone.fakes.claude.say({ steps: [{ text: 'One' }] })
    const own = completed((await one.ask({ model, input: 'First', store: false })).last)
    const refused = await other.ask({ model, input: 'x', store: false, previous_response_id: own.id })
    expect(refused.last).toMatchObject({ status: 400, error: { code: 'previous_response_not_found' } })
    everyone.fakes.claude.say({ steps: [{ text: 'Two' }] })
    const stored = completed((await one.ask({ model, input: 'Second' })).last)
    everyone.fakes.local.say({ steps: [{ text: 'Three' }] })
    const gone = await other.ask({ model: KINDS.local.model, input: 'Third', previous_response_id: stored.id })
    expect(textOf(gone.read)).toBe('Three')
    expect(everyone.fakes.local.requests.at(-1)?.text).toContain('Second')
  })

  it('begins with what it was told to be ready for', async () => {
    const { socket, until, ask } = connect(everyone.url)
    const asked = everyone.fakes.claude.requests.length
    socket.sendRaw(
      JSON.stringify({
        type: 'response.create',
        generate: false,
        model,
        store: false,
        input: 'Be ready',
        stream: true,
      }),
    )
    const ready = await until(END)
    const response = completed(ready.at(-1))
    expect(response).toMatchObject({ status: 'completed', output: [], usage: { total_tokens: 0 } })
    expect(everyone.fakes.claude.requests).toHaveLength(asked)
    everyone.fakes.claude.say({ steps: [{ text: 'I was' }] })
    const { read } = await ask({ model, input: 'Now', store: false, previous_response_id: response.id })
    expect(textOf(read)).toBe('I was')
    expect(everyone.fakes.claude.requests.at(-1)?.text).toContain('Be ready')
    socket.sendRaw(JSON.stringify({ type: 'response.create', generate: false, model: 'no-such', input: 'Hi' }))
    expect((await until(END)).at(-1)).toMatchObject({ status: 404, error: { code: 'model_not_found' } })
  })
})

describe('lanes', () => {
  it('run side by side, each in order, and events name theirs', async () => {
    const { socket, next } = connect(everyone.url)
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    everyone.fakes.claude.say({ steps: [{ text: 'slow' }, { wait: held }, { text: 'ly' }] })
    everyone.fakes.claude.say({ steps: [{ text: 'after' }] })
    everyone.fakes.local.say({ steps: [{ text: 'quick' }] })
    const send = (stream_id: string | undefined, model: string) =>
      socket.sendRaw(JSON.stringify({ type: 'response.create', stream_id, model, input: 'Hi', store: false }))
    send('slow', KINDS.claude.model)
    send('slow', KINDS.claude.model)
    send(undefined, KINDS.local.model)
    const ends: string[] = []
    const texts = new Map<string, string>()
    while (ends.length < 3) {
      const event = (await next()) as Event & { stream_id?: string }
      const lane = event.stream_id ?? 'default'
      if (event.type === 'response.output_text.delta') texts.set(lane, (texts.get(lane) ?? '') + event.delta)
      if (!END.test(event.type)) continue
      ends.push(lane)
      if (lane === 'default') release()
    }
    expect(ends).toEqual(['default', 'slow', 'slow'])
    expect(Object.fromEntries(texts)).toEqual({ slow: 'slowlyafter', default: 'quick' })
  })
})

describe('what is no request', () => {
  const { model } = KINDS.claude

  it('steers no response, which goes on, and the client is given its input back', async () => {
    const { socket, next, until } = connect(everyone.url)
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    everyone.fakes.claude.say({ steps: [{ text: 'Sun' }, { wait: held }, { text: 'ny' }] })
    socket.send({ type: 'response.create', model, input: 'Hi', store: false })
    const begun = await until(/delta$/)
    // openai-node 7: `ResponseSteerEvent`, `ResponseSteerFailedEvent`.
    const steer = { previous_response_id: 'resp_1', input: [{ type: 'message', role: 'user', content: 'In Rome' }] }
    socket.sendRaw(JSON.stringify({ type: 'response.steer', ...steer }))
    expect(await next()).toMatchObject({
      type: 'response.steer.failed',
      sequence_number: expect.any(Number),
      error: { type: 'invalid_request_error', code: 'steering_not_supported', message: expect.any(String) },
      steer,
    })
    release()
    const read = [...begun, ...(await until(END))]
    expect(textOf(read)).toBe('Sunny')
    expect(completed(read.at(-1))).toMatchObject({ status: 'completed' })
  })

  it.each<[string, string | Buffer, object]>([
    ['no JSON', '{', { message: expect.stringContaining('JSON') }],
    ['no object', '[]', { message: expect.stringContaining('object') }],
    ['deep', `{"a":${'['.repeat(256)}${']'.repeat(256)}}`, { message: expect.stringContaining('256 levels') }],
    ['binary', Buffer.from('{"type":"response.create"}'), { message: expect.stringContaining('binary') }],
    [
      'another type',
      '{"type":"session.update"}',
      { param: 'type', message: expect.stringContaining('session.update') },
    ],
    ['background', `{"type":"response.create","background":true,"model":"${model}"}`, { param: 'background' }],
    ['no model', '{"type":"response.create","input":"Hi"}', { param: 'model' }],
    ['a lane without a name', '{"type":"response.create","stream_id":""}', { code: 'invalid_stream_id' }],
  ])('is refused, and the connection stays: %s', async (_, data, error) => {
    const { socket, until, ask } = connect(everyone.url)
    socket.sendRaw(data)
    expect((await until(END)).at(-1)).toMatchObject({
      type: 'error',
      status: 400,
      error: { type: 'invalid_request_error', ...error },
    })
    socket.sendRaw('{"type":"response.processed","response_id":"resp_1"}')
    everyone.fakes.claude.say({ steps: [{ text: 'Hello' }] })
    expect(textOf((await ask({ model, input: 'Hi', store: false })).read)).toBe('Hello')
  })

  it('is refused beyond so many names of lanes', async () => {
    const { socket, next } = connect(everyone.url)
    for (let at = 0; at <= 32; at++) {
      socket.sendRaw(JSON.stringify({ type: 'response.create', stream_id: `lane.${at}`, input: 'no model' }))
    }
    const codes: unknown[] = []
    for (let at = 0; at <= 32; at++) codes.push(((await next()) as { error?: { code?: unknown } }).error?.code)
    expect(codes.filter((code) => code === 'websocket_stream_limit_reached')).toHaveLength(1)
  })

  it('ends the connection where it is larger than a body may be', () =>
    withEveryone(
      async ({ url }) => {
        const { socket, next } = connect(url)
        socket.sendRaw(JSON.stringify({ type: 'response.create', model, input: 'x'.repeat(2000) }))
        expect(await next()).toEqual({ type: 'closed', code: 1009 })
      },
      { server: { max_body_bytes: 2000 } },
    ))
})
