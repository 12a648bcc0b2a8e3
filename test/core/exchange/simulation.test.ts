import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { apiKey, definePlugin, openaiChat } from '../../../src/index.ts'
import type { Byok, ByokOptions, UpstreamResponse } from '../../../src/index.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'

/*
 * A day in the life of a byok with many accounts, in virtual time: the whole of byok but the network, in front of accounts whose
 * quotas, outages and slowness are known, so that it can be told afterwards who could have served what.
 */

const SECOND = 1000
const MINUTE = 60 * SECOND

/** The same numbers in every run. (mulberry32) */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

interface Outage {
  from: number
  to: number
  /** What it answers meanwhile: a status, an empty stream, a broken connection, or nothing for ever. */
  how: 500 | 503 | 401 | 403 | 'empty' | 'broken' | 'silent'
}

interface SimulatedAccount {
  weight: number
  /** Requests a window, and how long that is. */
  quota: number
  window: number
  outages: Outage[]
  /** Milliseconds until it answers. */
  latency: () => number
}

/** A call as the account saw it. */
interface Call {
  start: number
  /** When it answered 429, and the time it named. */
  spent?: { at: number; until: number }
  end?: number
}

class Simulated {
  readonly calls: Call[] = []
  served = 0
  readonly facts: SimulatedAccount
  readonly #used = new Map<number, number>()

  constructor(facts: SimulatedAccount) {
    this.facts = facts
  }

  #window(time: number): number {
    return Math.floor(time / this.facts.window)
  }

  left(time: number): number {
    return this.facts.quota - (this.#used.get(this.#window(time)) ?? 0)
  }

  outage(from: number, to = from): Outage | undefined {
    return this.facts.outages.find((outage) => outage.from <= to && from < outage.to)
  }

  /** Whether it was there and had quota left all the time. */
  could(from: number, to: number): boolean {
    return !this.outage(from, to) && this.#window(from) === this.#window(to) && this.left(to) > 0
  }

  async answer(stream: boolean, signal: AbortSignal): Promise<UpstreamResponse> {
    const call: Call = { start: Date.now() }
    this.calls.push(call)
    try {
      const outage = this.outage(call.start)
      await sleep(outage?.how === 'silent' ? 2 ** 30 : this.facts.latency(), signal)
      return this.#reply(call, outage, stream)
    } finally {
      call.end = Date.now()
    }
  }

  #reply(call: Call, outage: Outage | undefined, stream: boolean): UpstreamResponse {
    if (outage?.how === 'broken') return new Response(broken(), eventStream)
    if (outage?.how === 'empty') return new Response('', eventStream)
    if (typeof outage?.how === 'number') return refusal(outage.how, {})
    const now = Date.now()
    if (this.left(now) <= 0) {
      const until = (this.#window(now) + 1) * this.facts.window
      call.spent = { at: now, until }
      return refusal(429, { 'retry-after-ms': String(until - now) })
    }
    this.#used.set(this.#window(now), (this.#used.get(this.#window(now)) ?? 0) + 1)
    this.served++
    const choice = { index: 0, finish_reason: 'stop' }
    const common = { id: 'c', created: 1, model: 'm' }
    if (!stream) {
      const message = { role: 'assistant', content: 'ok' }
      return Response.json({ ...common, object: 'chat.completion', choices: [{ ...choice, message }] })
    }
    const chunk = { ...common, object: 'chat.completion.chunk', choices: [{ ...choice, delta: { content: 'ok' } }] }
    return new Response(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`, eventStream)
  }
}

const eventStream = { headers: { 'content-type': 'text/event-stream' } }

function refusal(status: number, headers: Record<string, string>): Response {
  return Response.json({ error: { message: 'no', type: 'x', code: `status_${status}` } }, { status, headers })
}

function broken(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) })
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    })
  })
}

interface Asked {
  start: number
  end: number
  status: number
  text: string
}

async function world(accounts: Record<string, SimulatedAccount>, routing: ByokOptions['routing']) {
  const simulated = new Map(Object.entries(accounts).map(([label, facts]) => [label, new Simulated(facts)]))
  const plugin = definePlugin({
    name: 'sim',
    models: ['m'],
    auth: [apiKey()],
    translator: openaiChat(),
    executor: async ({ credential, request, signal }) => {
      const account = simulated.get(credential.account)
      if (!account) throw new Error(`no account ${credential.account}`)
      return await account.answer(request.stream, signal)
    },
  })
  const byok = await createIsolatedByok({
    plugins: [plugin],
    routing: { max_attempts: 100, timeout: '5m', ...routing },
    providers: {
      sim: {
        api_keys: Object.entries(accounts).map(([label, { weight }]) => ({ key: `key-${label}`, label, weight })),
      },
    },
  })
  return { byok, simulated }
}

async function ask(byok: Byok, n: number): Promise<Asked> {
  const start = Date.now()
  const body = { model: 'm', stream: n % 2 === 0, messages: [{ role: 'user', content: String(n) }] }
  const response = await byok.fetch(
    new Request('http://localhost/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  )
  const text = await response.text()
  return { start, end: Date.now(), status: response.status, text }
}

/** Asks `count` times at these moments and lets time pass until all is answered. */
async function run(byok: Byok, moments: number[]): Promise<Asked[]> {
  const all: Promise<Asked>[] = []
  for (const [n, moment] of moments.sort((a, b) => a - b).entries()) {
    await vi.advanceTimersByTimeAsync(Math.max(0, moment - Date.now()))
    all.push(ask(byok, n))
  }
  await vi.advanceTimersByTimeAsync(15 * MINUTE)
  return await Promise.all(all)
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2030, 0, 1) })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Twelve accounts with all that may befall them over `hours`. */
function accountsOf(seed: number, hours: number): Record<string, SimulatedAccount> {
  const random = randomFrom(seed)
  const start = Date.now()
  const hows: Outage['how'][] = [500, 503, 401, 403, 'empty', 'broken', 'silent']
  return Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => {
      const outages = Array.from({ length: 4 }, (): Outage => {
        const from = start + Math.floor(random() * hours * 60) * MINUTE
        const how = hows[Math.floor(random() * hows.length)] ?? 500
        return { from, to: from + Math.ceil(random() * 20) * MINUTE, how }
      })
      const slow = index % 4 === 0 ? 20 * SECOND : 2 * SECOND
      const account: SimulatedAccount = {
        weight: 1 + (index % 3),
        quota: 5 + Math.floor(random() * 30),
        window: (5 + Math.floor(random() * 25)) * MINUTE,
        outages,
        latency: () => 50 + Math.floor(random() * slow),
      }
      return [`account-${index}`, account]
    }),
  )
}

describe.each([
  ['priority', 1],
  ['round-robin', 2],
  ['least-busy', 3],
])('a day of many accounts, by %s', (strategy, seed) => {
  it(`serves whatever any account could have served (seed ${seed})`, { timeout: 120_000 }, async () => {
    const hours = 3
    const { byok, simulated } = await world(accountsOf(seed, hours), { strategy })
    const random = randomFrom(seed + 100)
    const start = Date.now()
    const asked = await run(
      byok,
      Array.from({ length: 2500 }, () => start + Math.floor(random() * hours * 60 * MINUTE)),
    )
    const failed = asked.filter(({ status }) => status !== 200)

    // There is enough trouble for this to mean something.
    const calls = [...simulated.values()].flatMap((account) => account.calls)
    expect(calls.filter(({ spent }) => spent).length).toBeGreaterThan(50)
    expect(calls.length - asked.length).toBeGreaterThan(50)
    expect(asked.length - failed.length).toBeGreaterThan(1000)

    for (const { start: from, end, status, text } of failed) {
      const able = [...simulated].filter(([, account]) => account.could(from, end)).map(([label]) => label)
      expect(able, `${status} ${text}`).toEqual([])
    }
    for (const account of simulated.values()) expectRespected(account.calls)
    await byok.close()
  })
})

/** Nobody calls a spent account before its time, and then one goes ahead of the others. */
function expectRespected(calls: readonly Call[]): void {
  for (const { spent } of calls) {
    if (!spent) continue
    const early = calls.filter(({ start }) => start > spent.at && start < spent.until)
    expect(early).toEqual([])
    const [probe, ...others] = calls.filter(({ start }) => start >= spent.until)
    const beside = others.filter(({ start }) => start < (probe?.end ?? Infinity))
    expect(beside).toEqual([])
  }
}

it('load follows the weights, and finds back to them after an outage', { timeout: 60_000 }, async () => {
  const start = Date.now()
  const healthy = (weight: number, outages: Outage[] = []): SimulatedAccount => ({
    weight,
    quota: 1e9,
    window: 60 * MINUTE,
    outages,
    latency: () => 500,
  })
  const outage: Outage = { from: start + 10 * MINUTE, to: start + 20 * MINUTE, how: 503 }
  const { byok, simulated } = await world(
    { a: healthy(5), b: healthy(3, [outage]), c: healthy(2) },
    { strategy: 'round-robin' },
  )
  const served = () => [...simulated.values()].map((account) => account.served)
  const every = (count: number) => Array.from({ length: count }, (_, n) => Date.now() + n * 100)

  await run(byok, every(1000))
  expect(served()).toEqual([500, 300, 200])

  // Now 15 minutes on and within the outage.
  const before = served()
  expect((await run(byok, every(700))).every(({ status }) => status === 200)).toBe(true)
  const meanwhile = served().map((count, index) => count - (before[index] ?? 0))
  expect(meanwhile[1]).toBe(0)
  expect((meanwhile[0] ?? 0) / (meanwhile[2] ?? 1)).toBeCloseTo(2.5, 1)

  const after = served()
  await run(byok, every(1000))
  for (const [index, share] of [500, 300, 200].entries()) {
    expect(Math.abs((served()[index] ?? 0) - (after[index] ?? 0) - share)).toBeLessThan(10)
  }
  await byok.close()
})

it('an account that hangs does not hold up the request for good', async () => {
  const facts = { weight: 1, quota: 1e9, window: MINUTE, latency: () => 100 }
  const silent: Outage = { from: 0, to: Infinity, how: 'silent' }
  const { byok } = await world({ a: { ...facts, outages: [silent] }, b: { ...facts, outages: [] } }, { timeout: '2m' })
  const [asked] = await run(byok, [Date.now()])
  expect(asked?.status).toBe(200)
  expect((asked?.end ?? 0) - (asked?.start ?? 0)).toBe(MINUTE + 100)
  await byok.close()
})
