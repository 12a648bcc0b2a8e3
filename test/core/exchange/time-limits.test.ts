import type { ServerResponse } from 'node:http'
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import type { Byok } from '../../../src/index.ts'
import { RECORDED, SSE, startVendor, whole } from '../../faults/faults.ts'
import type { Handle } from '../../faults/faults.ts'
import { ask, startByok } from './support.ts'

/* How long an account may take, where others could serve. The client wants no stream; the provider sends one all the same. */

let byok: Byok
let first: { handle: Handle }
let others: number

beforeEach(async () => {
  const [a, b] = await Promise.all([startVendor(), startVendor()])
  onTestFinished(async () => void (await Promise.all([a.close(), b.close()])))
  first = a.vendor
  others = 0
  b.vendor.handle = (response, request) => {
    others++
    whole(response, request)
  }
  byok = await startByok({
    routing: { timeout: '10m' },
    upstream: { idle_timeout: 0 },
    providers: {
      local: {
        type: 'openai-compatible',
        base_url: a.provider.base_url,
        models: ['m'],
        api_keys: [
          { key: 'sk-a', label: 'a', base_url: a.provider.base_url },
          { key: 'sk-b', label: 'b', base_url: b.provider.base_url },
        ],
      },
    },
  })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
})

const BEGINNING = RECORDED.indexOf('\n\n') + 2

/** Sends so many bytes of a stream, and resolves with what goes on with it. */
function send(bytes: number): Promise<ServerResponse> {
  return new Promise((resolve) => {
    first.handle = (response) => {
      response.writeHead(200, SSE).flushHeaders()
      response.write(RECORDED.subarray(0, bytes), () => resolve(response))
    }
  })
}

/** Lets so much time go by, once what was sent has arrived. */
async function pass(minutes: number): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  await vi.advanceTimersByTimeAsync(minutes * 60_000)
}

it('a model that writes already is not interrupted for another account', async () => {
  const sent = send(BEGINNING)
  const asked = ask(byok, { model: 'local/m' })
  const response = await sent
  await pass(11)
  response.end(RECORDED.subarray(BEGINNING))
  const { status, headers, json } = await asked
  expect([status, headers.get('x-byok-account'), others]).toEqual([200, 'a', 0])
  expect(json.choices?.[0]?.message.content).toBe('Grüße')
  expect(byok.routing.resting).toEqual([])
})

it('one that has said nothing is', async () => {
  const sent = send(0)
  const asked = ask(byok, { model: 'local/m' })
  await sent
  await pass(5)
  const { status, headers } = await asked
  expect([status, headers.get('x-byok-account'), others]).toEqual([200, 'b', 1])
})

it('what breaks off once the time is up is not asked of another', async () => {
  const sent = send(BEGINNING)
  const asked = ask(byok, { model: 'local/m' })
  const response = await sent
  await pass(11)
  response.destroy()
  const { status, json } = await asked
  expect([status, json.error?.code, others]).toEqual([502, 'upstream_stream_cut', 0])
})
