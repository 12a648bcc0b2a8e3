/** What grows with what: the cost of a chunk with its stream's length, and of a request with what byok knows and has done. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTokenStore } from '../../src/core/store/index.ts'
import { Secret } from '../../src/core/secrets/secret.ts'
import { UsageDatabase } from '../../src/core/usage/database.ts'
import type { ServerOptions } from '../lib/contestants.ts'
import { usageRecord } from '../lib/earlier.ts'
import { cpuOf, lane, loadInTurn, withByoks, withField } from '../lib/field.ts'
import { report } from '../lib/report.ts'
import { spread } from '../lib/stats.ts'
import { readStream, streamAgent } from '../lib/stream-client.ts'

const LENGTHS = [1_000, 10_000, 100_000]
const COUNTS = [1, 100, 10_000]
const TURNS = 12

export async function growth(): Promise<void> {
  const agent = streamAgent()
  const perChunk = await withField({}, async ({ byok }) => {
    const rows: string[][] = []
    for (const one of [lane('fast path', byok), lane('from Claude', byok, 'claude')]) {
      const costs: string[] = []
      await cpuOf(one, () => readStream(one.endpoint, { plan: `bench-100000-0-1`, agent }))
      for (const events of LENGTHS) {
        // As many events in all, whatever the length of the streams.
        const times = 200_000 / events
        const cpu = await cpuOf(one, async () => {
          for (let i = 0; i < times; i++) await readStream(one.endpoint, { plan: `bench-${events}-0-1`, agent })
        })
        costs.push(((cpu / 200_000) * 1e6).toFixed(2))
      }
      rows.push([one.name, ...costs])
    }
    return rows
  })
  await agent.close()
  report(
    'µs of CPU a chunk, by the length of the stream',
    ['', ...LENGTHS.map((n) => `${n.toLocaleString('en')} chunks`)],
    perChunk,
  )

  report(
    'µs of CPU a request (Claude, JSON), by how many there are; median (lowest to highest)',
    ['', ...COUNTS.map((n) => n.toLocaleString('en'))],
    [
      [
        'logins that take turns',
        ...(await requestCosts((logins) => ({ logins, config: { routing: { strategy: 'round-robin' } } }))),
      ],
      ['models', ...(await requestCosts((count) => ({ config: { models: namesFor(count) } })))],
      ['requests on record', ...(await requestCosts((earlier) => ({ earlier })))],
    ],
  )
  report('The token store', ['', 'time'], await storeTimes())
}

const namesFor = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, number) => [`model-${number}`, 'claude/bench']))

/** What a request costs where there is one, a hundred and ten thousand of something: three byoks that take turns. */
async function requestCosts(optionsOf: (count: number) => ServerOptions): Promise<string[]> {
  return await withByoks(COUNTS.map(optionsOf), async (byoks) => {
    const lanes = byoks.map((byok, index) => lane(String(COUNTS[index]), byok, 'claude'))
    const results = await loadInTurn(lanes, TURNS, { connections: 8, seconds: 1 })
    return [...results.values()].map((turns) => spread(turns.map(({ cost }) => cost)))
  })
}

/** A store of 10,000 logins: how long it takes to fill, and to list. */
async function storeTimes(): Promise<string[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'byok-bench-store-'))
  const open = () => openTokenStore({ path: join(folder, 'tokens.db'), keychain: false })
  const store = await open()
  const fresh = await open()
  const time = async (work: () => Promise<unknown>) => {
    const start = performance.now()
    await work()
    return `${(performance.now() - start).toFixed(0)} ms`
  }
  try {
    const fill = await time(async () => {
      for (let i = 0; i < 10_000; i++) {
        const tokens = { accessToken: new Secret(`access-${i}`), refreshToken: new Secret(`refresh-${i}`) }
        await store.put({ provider: 'claude', account: `user-${i}@example.com`, kind: 'oauth', tokens, metadata: {} })
      }
    })
    const usage = new UsageDatabase(join(folder, 'usage.db'))
    const records = Array.from({ length: 5000 }, (_, i) => usageRecord(i))
    const recording = await time(() => usage.add(records))
    await usage.close()
    return [
      ['10,000 logins stored one by one', fill],
      ['listing 10,000 logins for the first time', await time(() => fresh.list())],
      ['listing them again', await time(() => fresh.list())],
      ['finding one of them', await time(() => store.get('claude', 'user-5000@example.com'))],
      ['5,000 records of usage written', recording],
    ]
  } finally {
    await Promise.all([store.close(), fresh.close()])
    rmSync(folder, { recursive: true, force: true })
  }
}
