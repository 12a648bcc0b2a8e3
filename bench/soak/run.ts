/**
 * The soak: `npm run soak -- [MINUTES]` (10 unless said). Clients come, ask, and often go before they are answered; the vendor fails in
 * every way it can; logins expire and config is written anew, all the while. At the end nothing may be wrong, and nothing left.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Agent } from 'undici'
import { stringify } from 'yaml'
import { report } from '../lib/report.ts'
import type { Holdings } from './byok.ts'
import { ask } from './clients.ts'
import type { Ask, Outcome } from './clients.ts'
import { FAILURES, startVendor } from './vendor.ts'

const CLIENTS = 48
/** How much more byok may hold at the end than after the first tenth: figures of a heap are never quite the same. */
const ROOM_BYTES = 8 * 1024 * 1024
/** Connections to vendors are kept for a few seconds in case another request comes. */
const SETTLE_MS = 20_000

const minutes = Number(process.argv[2] ?? 10)
const folder = mkdtempSync(join(tmpdir(), 'byok-soak-'))
const config = join(folder, 'byok.yaml')
const vendor = await startVendor()

const STRATEGIES = ['priority', 'round-robin', 'least-busy']
let reloads = 0
function writeConfig(): void {
  const strategy = STRATEGIES[reloads++ % STRATEGIES.length]
  writeFileSync(
    config,
    stringify({
      log: { level: 'silent' },
      routing: { strategy, min_cooldown: 20, max_cooldown: 100 },
      upstream: { retries: 1, retry_delay: 5 },
      providers: {
        claude: { api_keys: ['sk-ant-1', 'sk-ant-2'], base_url: vendor.url, models: [{ id: 'words' }] },
      },
      models: { [`alias-${reloads % 2}`]: 'soak/words' },
    }),
  )
}
writeConfig()

const child = fork(new URL('byok.ts', import.meta.url), [config, folder, vendor.url], {
  execArgv: ['--expose-gc', '--import', import.meta.resolve('tsx')],
})
const gone = once(child, 'exit')
const [started] = (await once(child, 'message')) as [{ url: string }]

async function holdings(): Promise<Holdings> {
  const answer = once(child, 'message')
  child.send('holdings')
  const [held] = (await answer) as [Holdings]
  return held
}

const before = await holdings()
const end = Date.now() + minutes * 60_000
const counts: Record<Outcome, number> = { whole: 0, refused: 0, 'broke off': 0, 'went away': 0 }
const unasked = { whole: 0, other: 0 }
const wrong: string[] = []
const agent = new Agent({ connections: CLIENTS, keepAliveTimeout: 2000 })
let lastId = 0

const chance = (share: number) => Math.random() < share
const oneOf = <T>(all: readonly [T, ...T[]]): T => all[Math.floor(Math.random() * all.length)] ?? all[0]

function nextAsk(): Ask {
  const stream = chance(0.8)
  const words = Math.ceil(Math.random() * (chance(0.1) ? 2000 : 200))
  return {
    id: ++lastId,
    words,
    failure: chance(0.85) ? 'none' : oneOf(FAILURES),
    protocol: oneOf(['openai', 'anthropic']),
    model: oneOf(['soak/words', 'claude/words']),
    stream,
    patience: stream && chance(0.15) ? Math.floor(Math.random() * words) : undefined,
  }
}

async function client(): Promise<void> {
  while (Date.now() < end && child.exitCode === null) {
    const asked = nextAsk()
    try {
      const outcome = await ask(started.url, asked, agent)
      counts[outcome]++
      if (asked.failure === 'none' && asked.patience === undefined) unasked[outcome === 'whole' ? 'whole' : 'other']++
    } catch (error) {
      wrong.push(`${error instanceof Error ? error.message : String(error)}`)
      if (wrong.length > 20) return
    }
  }
}

const rows: string[][] = []
const megabytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1)
const open = ({ handles }: Holdings) => Object.values(handles).reduce((sum, count) => sum + count, 0)
function note(when: string, held: Holdings): void {
  rows.push([
    when,
    megabytes(held.heap),
    megabytes(held.resident),
    String(open(held)),
    String(lastId),
    String(vendor.chunks),
  ])
}
note('before', before)

const writing = setInterval(writeConfig, 5000)
const clients = Array.from({ length: CLIENTS }, client)
let warm: Holdings | undefined
for (let tenth = 1; tenth <= 10; tenth++) {
  await delay((minutes * 60_000) / 10)
  const held = await holdings()
  warm ??= held
  note(`${tenth * 10} %`, held)
}
await Promise.all(clients)
clearInterval(writing)
await agent.close()

// What is left once the connections that are kept for a while are closed.
let after = await holdings()
for (const until = Date.now() + SETTLE_MS; Date.now() < until && leaked(after).length > 0;) {
  await delay(500)
  after = await holdings()
}
note('after', after)
child.kill('SIGTERM')
await gone
await vendor.close()
rmSync(folder, { recursive: true, force: true })

report(`${minutes} minutes`, ['', 'heap MB', 'resident MB', 'handles', 'requests', 'chunks'], rows)
report(
  'Answers',
  ['', 'count'],
  [
    ...Object.entries(counts).map(([name, count]) => [name, String(count)]),
    ['wrong', String(wrong.length)],
    ['of those that nothing befell: whole', String(unasked.whole)],
    ['of those that nothing befell: not', String(unasked.other)],
    ['logins renewed', String(vendor.renewed)],
    ['configs', String(reloads)],
  ],
)
const faults = [
  ...wrong,
  ...leaked(after).map((kind) => `left over: ${kind}`),
  ...(after.heap > (warm?.heap ?? Infinity) + ROOM_BYTES ? ['the heap has grown'] : []),
]
for (const fault of faults) console.error(fault)
console.log(faults.length === 0 ? 'Nothing wrong, nothing left.' : `${faults.length} faults.`)
process.exitCode = faults.length === 0 ? 0 : 1

/** The kinds of handles there are more of than before the first request. */
function leaked({ handles }: Holdings): string[] {
  return Object.entries(handles)
    .filter(([kind, count]) => count > (before.handles[kind] ?? 0))
    .map(([kind, count]) => `${kind} (${count}, before ${before.handles[kind] ?? 0})`)
}
