import { describe, expect, it, onTestFinished } from 'vitest'
import type { Byok, RequestInfo } from '../../../src/index.ts'
import { Lanes } from '../../../src/core/responses/lanes.ts'
import { RecentMemory, RecentResponses } from '../../../src/core/responses/recent.ts'
import { isEnd, withLane, withStatus } from '../../../src/core/responses/socket-frame.ts'
import { askForSocket } from '../../../src/core/routes/socket.ts'
import { SSE, startVendor } from '../../faults/faults.ts'
import { startByok } from '../exchange/support.ts'

describe('Lanes', () => {
  it('do so much at once, the rest in the order it came, and tell when all is done', async () => {
    const lanes = new Lanes(2)
    const begun: string[] = []
    const ends: (() => void)[] = []
    for (const [lane, name] of [
      ['a', 'a1'],
      ['a', 'a2'],
      ['b', 'b1'],
      ['c', 'c1'],
    ] as const) {
      lanes.run(lane, () => {
        begun.push(name)
        return new Promise((resolve) => ends.push(resolve))
      })
    }
    const idle = lanes.idle()
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    await turn()
    expect(begun).toEqual(['a1', 'b1'])
    expect(lanes.size).toBe(4)
    ends[1]?.()
    await turn()
    expect(begun).toEqual(['a1', 'b1', 'c1'])
    ends[0]?.()
    await turn()
    expect(begun).toEqual(['a1', 'b1', 'c1', 'a2'])
    for (const end of ends) end()
    await idle
    expect(lanes.size).toBe(0)
  })
})

describe('RecentResponses', () => {
  const stored = (id: string) => ({ response: { id, output: [{ id: `msg_${id}` }] }, input: [] })
  const nothing = { get: async () => undefined, item: async () => undefined }

  it('are the last of each lane, found from any', async () => {
    const recent = new RecentResponses(new RecentMemory(1000), 100)
    recent.put('a', stored('1'), { size: 1, previousId: undefined })
    recent.put('b', stored('2'), { size: 1, previousId: '1' })
    recent.put('a', stored('3'), { size: 1, previousId: '1' })
    const found = await Promise.all(['1', '2', '3'].map((id) => recent.over(nothing).get(id)))
    expect(found.map((one) => one?.response['id'])).toEqual([undefined, '2', '3'])
    expect(await recent.over(nothing).item('msg_3')).toEqual({ id: 'msg_3' })
  })

  it('are no larger than what may be sent in one piece', async () => {
    const recent = new RecentResponses(new RecentMemory(1000), 100)
    recent.put('a', stored('1'), { size: 60, previousId: undefined })
    recent.put('a', stored('2'), { size: 60, previousId: '1' })
    expect(await recent.over(nothing).get('2')).toBeUndefined()
  })

  it('are forgotten, the longest unused first, where those of all connections come to too much', async () => {
    const memory = new RecentMemory(100)
    const [one, two] = [new RecentResponses(memory, 100), new RecentResponses(memory, 100)]
    const put = (recent: RecentResponses, lane: string, id: string, size = 30) =>
      recent.put(lane, stored(id), { size, previousId: undefined })
    const known = async () => {
      const found = []
      for (const id of ['1', '2', '3', '4', '5']) {
        const [first, second] = [await one.over(nothing).item(`msg_${id}`), await two.over(nothing).item(`msg_${id}`)]
        if (first ?? second) found.push(id)
      }
      return found.join('')
    }
    put(one, 'a', '1')
    put(one, 'b', '2')
    put(two, 'a', '3')
    await one.over(nothing).get('1')
    put(two, 'b', '4')
    expect(await known()).toBe('134')
    put(two, 'b', '5', 40)
    expect(await known()).toBe('135')
    one.clear()
    put(one, 'a', '2')
    expect(await known()).toBe('235')
  })
})

describe('a frame', () => {
  it('of a provider’s own error has a status', () => {
    const flat = { type: 'error', code: 'server_error', message: 'Oh', param: null }
    expect(JSON.parse(withStatus(JSON.stringify(flat)))).toEqual({
      ...flat,
      status: 500,
      error: { type: 'server_error', code: 'server_error', message: 'Oh', param: null },
    })
    for (const data of ['{"type":"response.completed","status":1}', '{"type":"error","status":429,"error":{}}']) {
      expect(withStatus(data)).toBe(data)
    }
  })

  it('names its lane, and is the last or not', () => {
    expect(JSON.parse(withLane('{"type":"a"}', '$&'))).toEqual({ stream_id: '$&', type: 'a' })
    expect(isEnd({ event: 'response.completed', data: '{}' })).toBe(true)
    expect(isEnd({ data: '{"type": "error"}' })).toBe(true)
    expect(isEnd({ data: '{"type":"response.output_text.done"}' })).toBe(false)
  })
})

/** A WebSocket of a byok's without a connection, and what is sent to its client. */
async function openSession(byok: Byok) {
  const handshake = new Request('http://localhost/v1/responses', { headers: { upgrade: 'websocket' } })
  const { taken } = await askForSocket(byok.app, handshake)
  if (!taken || !('open' in taken)) throw new Error('no WebSocket was taken')
  const sent: string[] = []
  return { session: taken.open({ send: async (text) => void sent.push(text), cut() {} }), sent }
}

it('lets no more wait on a connection than one request may have', async () => {
  const { vendor, provider, close } = await startVendor()
  onTestFinished(close)
  let asked = 0
  vendor.handle = () => void asked++
  const byok = await startByok({ server: { max_body_bytes: 1000 }, providers: { local: provider } })
  const { session, sent } = await openSession(byok)
  const ask = (lane: string, size: number) =>
    session.message(
      JSON.stringify({ type: 'response.create', stream_id: lane, model: 'local/m', input: 'x'.repeat(size) }),
    )
  for (const lane of ['a', 'b', 'a', 'c']) ask(lane, 600)
  expect(sent).toEqual([])
  ask('b', 600)
  expect(sent.map((text): unknown => JSON.parse(text))).toMatchObject([
    {
      stream_id: 'b',
      status: 429,
      error: { code: 'too_many_streams', message: expect.stringContaining('max_body_bytes') },
    },
  ])
  session.gone()
  await session.end()
  expect(asked).toBeLessThanOrEqual(3)
})

describe('an answer', () => {
  it('that breaks off with an error nobody can read ends for its client, its provider and its account', async () => {
    const { vendor, provider, close } = await startVendor()
    onTestFinished(close)
    const over: Readonly<RequestInfo>[] = []
    const byok = await startByok({
      providers: { codex: { api_key: 'sk-test', base_url: provider.base_url } },
      hooks: { response: ({ info }) => void (info.method === 'POST' && over.push({ ...info })) },
    })
    const left = new Promise<void>((resolve) => {
      vendor.handle = (response) => {
        response.once('close', resolve)
        response.writeHead(200, SSE)
        response.write('event: response.created\ndata: {"type":"response.created","response":{"id":"resp_1"}}\n\n')
        response.write(
          'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"Hi"}\n\n',
        )
        setImmediate(() => response.write('event: error\ndata: {oops\n\n'))
      }
    })
    const { session, sent } = await openSession(byok)
    session.message(JSON.stringify({ type: 'response.create', model: 'codex/gpt-4o', input: 'Hi' }))
    await left
    await session.end()
    expect(JSON.parse(sent.at(-1) ?? '')).toMatchObject({
      type: 'error',
      status: 502,
      error: { code: 'upstream_bad_answer' },
    })
    expect(over).toMatchObject([{ outcome: 'error', error: 'upstream_bad_answer' }])
    const codex = byok.registry.candidates('codex/gpt-4o')
    const { all } = await byok.routing.lists.for(codex)
    expect(all.map((account) => byok.routing.inFlight(account))).toEqual([0])
  })
})
