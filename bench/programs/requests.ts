/** Requests a second: chats from 32 clients, each of which asks again at once. */
import { lane, loadInTurn, withField } from '../lib/field.ts'
import { report } from '../lib/report.ts'
import { median, spread } from '../lib/stats.ts'
import type { Work } from '../lib/work.ts'

const CONNECTIONS = 32
const ROUNDS = 5
const SECONDS = 3
const FLOOR = 'node:http pipe'
/** Who does the same work in Portkey. */
const PEERS: Record<string, string> = {
  'byok, fast path': 'Portkey, OpenAI',
  'byok to Claude': 'Portkey to Claude',
  'byok to Gemini': 'Portkey to Gemini',
}

export const requests = () => compare('small JSON', 'small')
export const shortStreams = () => compare('short streams', 'stream')
export const agents = () => compare("agents' turns of 250 KB", 'agent')

async function compare(what: string, work: Work): Promise<void> {
  const results = await withField({ peers: true }, async ({ direct, pipe, byok, peers }) => {
    if (!peers) throw new Error('the peers did not start')
    const { h3, portkey } = peers
    const lanes = [
      lane('the vendor itself', direct),
      lane(FLOOR, pipe),
      lane('h3 with undici', h3),
      lane('byok, fast path', byok),
      lane('byok to Claude', byok, 'claude'),
      lane('byok to Gemini', byok, 'gemini'),
      lane('byok to Kiro', byok, 'kiro'),
      // As npm installs it today, Portkey's gateway answers these two with a 500 of its own (`TypeError: immutable`, of headers).
      ...(work === 'stream' ? [] : [lane('Portkey, OpenAI', portkey), lane('Portkey to Claude', portkey, 'claude')]),
      lane('Portkey to Gemini', portkey, 'gemini'),
    ]
    return await loadInTurn(lanes, ROUNDS, { connections: CONNECTIONS, seconds: SECONDS, work })
  })
  const ratesOf = (name: string) => (results.get(name) ?? []).map(({ rate }) => rate)
  const against = (name: string, peer: string | undefined, digits: number) =>
    peer === undefined || !results.has(peer) ? '' : (median(ratesOf(name)) / median(ratesOf(peer))).toFixed(digits)
  report(
    `Requests a second, ${what}, ${CONNECTIONS} connections, ${ROUNDS} rounds of ${SECONDS} s; median (lowest to highest)`,
    ['', 'requests/s', 'µs of CPU each', 'x pipe', 'x Portkey'],
    [...results].map(([name, runs]) => [
      name,
      spread(ratesOf(name)),
      spread(runs.map(({ cost }) => cost)),
      against(name, FLOOR, 2),
      against(name, PEERS[name], 1),
    ]),
  )
}
