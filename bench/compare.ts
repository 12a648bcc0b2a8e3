/**
 * Compares what a request costs here with what it costs another built copy of byok, such as a clone of an earlier commit:
 * `npm run bench:compare -- FOLDER [openai|claude|gemini|kiro]… [stream|agent]`
 *
 * `stream`: what a short stream costs; `agent`: the turn of a coding agent, of 250 KB.
 * The two take turns of a second, so that an hour in which the machine is slow is one for both. Each is started several times.
 */
import { resolve } from 'node:path'
import { isRoute, pinLoad, ROOT, ROUTES, startByok, startUpstream } from './lib/contestants.ts'
import type { Contestant, Route } from './lib/contestants.ts'
import { lane, loadInTurn } from './lib/field.ts'
import { report } from './lib/report.ts'
import { median, spread } from './lib/stats.ts'
import { workIn } from './lib/work.ts'

const CONNECTIONS = 32
/** Pairs of processes, of which now the one is started first and now the other. */
const PAIRS = 3
const TURNS = 8
const SECONDS = 1

const [folder, ...words] = process.argv.slice(2)
const { work, others: asked } = workIn(words)
if (folder === undefined) throw new Error('Name the folder of another built copy of byok.')
const unknown = asked.find((route) => !isRoute(route))
if (unknown !== undefined) throw new Error(`No route ${unknown}. There are: ${ROUTES.join(', ')}`)
const routes = asked.length > 0 ? asked.filter(isRoute) : ROUTES

interface Measured {
  there: number[]
  here: number[]
}

pinLoad()
const upstream = await startUpstream()
const measured = new Map<Route, Measured>(routes.map((route) => [route, { there: [], here: [] }]))
/** Of a pair's turns the median, for each route and pair. */
const ratios = new Map<Route, number[]>(routes.map((route) => [route, []]))
for (let pair = 0; pair < PAIRS; pair++) {
  const roots = { there: resolve(folder), here: ROOT }
  const names = pair % 2 === 0 ? (['there', 'here'] as const) : (['here', 'there'] as const)
  const started = new Map<keyof Measured, Contestant>()
  for (const name of names) started.set(name, await startByok(upstream, { root: roots[name] }))
  for (const route of routes) await compare(route, started)
  for (const { server } of started.values()) await server.stop()
}
await upstream.stop()
report(
  `µs of processor a request, ${PAIRS} pairs of processes; median (lowest to highest)`,
  ['', folder, 'here', 'here x there'],
  routes.map((route) => {
    const { there = [], here = [] } = measured.get(route) ?? {}
    return [route, spread(there), spread(here), spread(ratios.get(route) ?? [], 2)]
  }),
)

async function compare(route: Route, started: Map<keyof Measured, Contestant>): Promise<void> {
  const lanes = Array.from(started, ([name, contestant]) => lane(name, contestant, route))
  const results = await loadInTurn(lanes, TURNS, { connections: CONNECTIONS, seconds: SECONDS, work })
  const costsOf = (name: keyof Measured) => (results.get(name) ?? []).map(({ cost }) => cost)
  const [there, here] = [costsOf('there'), costsOf('here')]
  measured.get(route)?.there.push(...there)
  measured.get(route)?.here.push(...here)
  ratios.get(route)?.push(median(here.map((cost, turn) => cost / (there[turn] ?? NaN))))
}
