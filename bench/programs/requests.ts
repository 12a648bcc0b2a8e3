/** Requests a second: small JSON chats from 32 clients. */
import { startByok, startDirect, startPipe, startPortkey, startUpstream } from '../lib/contestants.ts'
import type { Contestant, Route } from '../lib/contestants.ts'
import { requestsASecond } from '../lib/load.ts'
import { report } from '../lib/report.ts'
import { median, spread } from '../lib/stats.ts'

const CONNECTIONS = 32

interface Lane {
  name: string
  contestant: Contestant
  route: Route
  /** The lane that does the same work in Portkey. */
  peer?: string
  rates: number[]
  /** Microseconds of the contestant's processor time a request. */
  costs: number[]
}

export async function requests({ rounds = 3, seconds = 2 } = {}): Promise<void> {
  const upstream = await startUpstream()
  const byok = await startByok(upstream)
  const portkey = await startPortkey(upstream)
  const contestants = [await startDirect(upstream), await startPipe(upstream), byok, portkey]
  const lane = (name: string, contestant: Contestant, route: Route, peer?: string): Lane => ({
    name,
    contestant,
    route,
    peer,
    rates: [],
    costs: [],
  })
  const [direct, pipe] = contestants
  if (!direct || !pipe) throw new Error('no contestants')
  const lanes = [
    lane('the vendor itself', direct, 'openai'),
    lane('node:http pipe', pipe, 'openai'),
    lane('byok, fast path', byok, 'openai', 'Portkey, OpenAI'),
    lane('byok to Claude', byok, 'claude', 'Portkey to Claude'),
    lane('byok to Gemini', byok, 'gemini', 'Portkey to Gemini'),
    lane('byok to Kiro', byok, 'kiro'),
    lane('Portkey, OpenAI', portkey, 'openai'),
    lane('Portkey to Claude', portkey, 'claude'),
    lane('Portkey to Gemini', portkey, 'gemini'),
  ]
  const load = async ({ contestant, route }: Lane, duration: number) => {
    const endpoint = contestant.endpoint(route)
    if (!endpoint) throw new Error(`${contestant.name} has no way to ${route}`)
    const before = contestant.server.cpuSeconds()
    const rate = await requestsASecond(endpoint, { connections: CONNECTIONS, seconds: duration })
    return { rate, cost: ((contestant.server.cpuSeconds() - before) / (rate * duration)) * 1e6 }
  }
  try {
    // Machine code is made for what runs often: nobody is measured before theirs is there.
    for (const one of lanes) await load(one, seconds)
    for (let round = 0; round < rounds; round++) {
      for (const one of lanes) {
        const { rate, cost } = await load(one, seconds)
        one.rates.push(rate)
        one.costs.push(cost)
      }
    }
  } finally {
    for (const { server } of contestants) await server.stop()
    await upstream.stop()
  }
  const rateOf = (name: string) => median(lanes.find((one) => one.name === name)?.rates ?? [])
  report(
    `Requests a second, ${CONNECTIONS} connections, ${rounds} rounds of ${seconds} s; median (lowest to highest)`,
    ['', 'requests/s', 'CPU µs each', 'x the pipe', 'x Portkey'],
    lanes.map(({ name, rates, costs, peer }) => [
      name,
      spread(rates),
      spread(costs),
      (median(rates) / rateOf('node:http pipe')).toFixed(2),
      peer === undefined ? '' : (median(rates) / rateOf(peer)).toFixed(1),
    ]),
  )
}
