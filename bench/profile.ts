/**
 * Profiles byok under load: `npm run bench:profile -- [openai|claude|gemini|kiro] [SECONDS] [stream|agent]`
 *
 * Writes a CPU profile and a heap snapshot to `bench/profiles/`, for Chrome's developer tools, and prints where the time went.
 */
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isRoute, ROOT, ROUTES, startByok, startUpstream } from './lib/contestants.ts'
import { load } from './lib/load.ts'
import { report } from './lib/report.ts'
import { workIn } from './lib/work.ts'

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[]
  samples: number[]
  timeDeltas: number[]
}

const { work, others } = workIn(process.argv.slice(2))
const [route = 'openai', seconds = '8'] = others
if (!isRoute(route)) throw new Error(`No route ${route}. There are: ${ROUTES.join(', ')}`)

const folder = join(ROOT, 'bench/profiles')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })

const upstream = await startUpstream()
const byok = await startByok(upstream, {
  node: ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--heapsnapshot-signal=SIGUSR2', `--diagnostic-dir=${folder}`],
})
const endpoint = byok.endpoint(route)
if (!endpoint) throw new Error(`byok has no way to ${route}`)
const { rate } = await load(endpoint, { connections: 32, seconds: Number(seconds), work })
process.kill(byok.server.pid, 'SIGUSR2')
// The snapshot is written before the next request is answered.
await fetch(endpoint.url, { method: 'OPTIONS' })
const gone = once(byok.server.child, 'exit')
process.kill(byok.server.pid, 'SIGTERM')
await gone
await byok.server.stop()
await upstream.stop()

const files = readdirSync(folder)
const name = files.find((file) => file.endsWith('.cpuprofile'))
if (!name) throw new Error('Node wrote no profile')
const { busy, self, total } = read(JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile)
const share = (time: number) => `${((100 * time) / busy).toFixed(1)} %`
const top = (times: Map<string, number>, count: number) =>
  [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([what, time]) => [what, share(time)])
console.log(`${rate.toFixed(0)} requests/s while profiled; in ${folder}: ${files.join(', ')}`)
report('Time in a function itself', ['function', 'share'], top(self, 30))
report('Time in a function and what it calls', ['function', 'share'], top(total, 60))

/** Microseconds that each function took. */
function read({ nodes, samples, timeDeltas }: Profile) {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const self = new Map<string, number>()
  const total = new Map<string, number>()
  let busy = 0
  const add = (times: Map<string, number>, what: string, time: number) => times.set(what, (times.get(what) ?? 0) + time)
  samples.forEach((sample, i) => {
    const time = timeDeltas[i] ?? 0
    const seen = new Set<string>()
    const node = byId.get(sample)
    if (!node || node.callFrame.functionName === '(idle)') return
    const stack: Profile['nodes'] = []
    for (let one: typeof node | undefined = node; one; one = byId.get(parents.get(one.id) ?? -1)) stack.push(one)
    // Neither the snapshot nor the loading of modules is byok's work under load.
    if (
      stack.some(
        ({ callFrame: { functionName: name, url } }) => name === 'writeHeapSnapshot' || /modules\/(esm|cjs)/.test(url),
      )
    )
      return
    busy += time
    add(self, nameOf(node), time)
    for (const one of stack) {
      const what = nameOf(one)
      if (!seen.has(what)) add(total, what, time)
      seen.add(what)
    }
  })
  return { busy, self, total }
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: Profile['nodes'][number]): string {
  const file = url.replace(/^.*node_modules\//, '').replace(/^.*\/dist\//, 'byok/')
  return `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`
}
