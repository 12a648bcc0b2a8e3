/**
 * Compares what a request costs here with what it costs another built copy of byok, such as a clone of an earlier commit:
 * `npm run bench:compare -- FOLDER [openai|claude|gemini|kiro]…`
 *
 * The two take turns of half a second, in either order, so that an hour in which the machine is slow is one for both.
 */
import { resolve } from 'node:path'
import { requestsASecond } from './lib/load.ts'
import { isRoute, pinLoad, ROOT, ROUTES, startByok, startUpstream } from './lib/contestants.ts'
import { report } from './lib/report.ts'
import { median, spread } from './lib/stats.ts'

const CONNECTIONS = 32
const TURNS = 40
const SECONDS = 0.5
/** Until its functions are compiled a process costs more. */
const WARM_UP_SECONDS = 3

const [folder, ...asked] = process.argv.slice(2)
if (folder === undefined) throw new Error('Name the folder of another built copy of byok.')
const unknown = asked.find((route) => !isRoute(route))
if (unknown !== undefined) throw new Error(`No route ${unknown}. There are: ${ROUTES.join(', ')}`)
const routes = asked.length > 0 ? asked.filter(isRoute) : ROUTES

pinLoad()
const upstream = await startUpstream()
const there = await startByok(upstream, { root: resolve(folder) })
const here = await startByok(upstream, { root: ROOT })
const rows: string[][] = []
for (const route of routes) {
  const costs = new Map([there, here].map((contestant) => [contestant, [] as number[]]))
  const turn = async (contestant: typeof here, seconds: number) => {
    const endpoint = contestant.endpoint(route)
    if (!endpoint) throw new Error(`byok has no way to ${route}`)
    const before = contestant.server.cpuSeconds()
    const rate = await requestsASecond(endpoint, { connections: CONNECTIONS, seconds })
    return ((contestant.server.cpuSeconds() - before) / (rate * seconds)) * 1e6
  }
  for (const contestant of [there, here]) await turn(contestant, WARM_UP_SECONDS)
  for (let round = 0; round < TURNS; round++) {
    const order = round % 2 ? [here, there] : [there, here]
    for (const contestant of order) costs.get(contestant)?.push(await turn(contestant, SECONDS))
  }
  const [before = [], now = []] = [costs.get(there), costs.get(here)]
  const ratios = now.map((cost, round) => cost / (before[round] ?? NaN))
  rows.push([route, spread(before), spread(now), median(ratios).toFixed(3)])
}
for (const { server } of [there, here, { server: upstream }]) await server.stop()
report('µs of processor a request; median (lowest to highest)', ['', folder, 'here', 'here x there'], rows)
