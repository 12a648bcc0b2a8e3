/**
 * Compares what a request costs here with what it costs another built copy of byok, such as a clone of an earlier commit:
 * `npm run bench:compare -- FOLDER [openai|claude|gemini|kiro]… [stream|agent]`
 *
 * `stream`: what a short stream costs; `agent`: the turn of a coding agent, of 250 KB.
 * The two take turns of a second, so that an hour in which the machine is slow is one for both.
 */
import { resolve } from 'node:path'
import { isRoute, pinLoad, ROUTES, startByok, startUpstream } from './lib/contestants.ts'
import { interleave, lane, loadFor } from './lib/field.ts'
import type { Lane } from './lib/field.ts'
import { report } from './lib/report.ts'
import { median, spread } from './lib/stats.ts'
import { workIn } from './lib/work.ts'

const CONNECTIONS = 32
const TURNS = 40
const SECONDS = 1
/** Until its functions are compiled a process costs more. */
const WARM_UP_SECONDS = 3

const [folder, ...words] = process.argv.slice(2)
const { work, others: asked } = workIn(words)
if (folder === undefined) throw new Error('Name the folder of another built copy of byok.')
const unknown = asked.find((route) => !isRoute(route))
if (unknown !== undefined) throw new Error(`No route ${unknown}. There are: ${ROUTES.join(', ')}`)
const routes = asked.length > 0 ? asked.filter(isRoute) : ROUTES

pinLoad()
const upstream = await startUpstream()
const there = await startByok(upstream, { root: resolve(folder) })
const here = await startByok(upstream)
const rows: string[][] = []
for (const route of routes) {
  const lanes = [lane('there', there, route), lane('here', here, route)]
  const load = (one: Lane, seconds: number) => loadFor(one, { connections: CONNECTIONS, seconds, work })
  for (const one of lanes) await load(one, WARM_UP_SECONDS)
  const results = await interleave(lanes, TURNS, (one) => load(one, SECONDS))
  const costsOf = (name: string) => (results.get(name) ?? []).map(({ cost }) => cost)
  const [before, now] = [costsOf('there'), costsOf('here')]
  const ratios = now.map((cost, turn) => cost / (before[turn] ?? NaN))
  rows.push([route, spread(before), spread(now), median(ratios).toFixed(3)])
}
for (const { server } of [there, here, { server: upstream }]) await server.stop()
report('µs of processor a request; median (lowest to highest)', ['', folder, 'here', 'here x there'], rows)
