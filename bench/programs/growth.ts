/** What grows with what: the cost of a chunk with its stream's length, and of a request with what byok knows and has done. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTokenStore } from '../../src/core/store/index.ts'
import { Secret } from '../../src/core/secret.ts'
import { UsageDatabase } from '../../src/core/usage/database.ts'
import { recordOf } from '../../src/core/usage/record.ts'
import type { UsageRecord } from '../../src/core/usage/record.ts'
import { cpuOf, lane, loadFor, withField } from '../lib/field.ts'
import type { FieldOptions } from '../lib/field.ts'
import { requestsASecond } from '../lib/load.ts'
import { report } from '../lib/report.ts'
import { readStream, streamAgent } from '../lib/stream-client.ts'

const LENGTHS = [1_000, 10_000, 100_000]
const COUNTS = [1, 100, 10_000]

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

  const accounts: string[] = []
  const models: string[] = []
  const history: string[] = []
  for (const count of COUNTS) {
    accounts.push(await requestCost({ logins: count, config: { routing: { strategy: 'round-robin' } } }))
    const ids = Array.from({ length: count }, (_, i) => `model-${i}`)
    models.push(await requestCost({ config: { models: Object.fromEntries(ids.map((id) => [id, 'claude/bench'])) } }))
    history.push(await requestCost({}, count))
  }
  report(
    'µs of CPU a request (Claude, JSON), by how many there are',
    ['', ...COUNTS.map((n) => n.toLocaleString('en'))],
    [
      ['logins that take turns', ...accounts],
      ['models', ...models],
      ['earlier requests', ...history],
    ],
  )
  report('The token store', ['', 'time'], await storeTimes())
}

async function requestCost(options: FieldOptions, earlier = 0): Promise<string> {
  return await withField(options, async ({ byok }) => {
    const one = lane('', byok, 'claude')
    await requestsASecond(one.endpoint, { connections: 8, seconds: 2 })
    if (earlier > 0) await requestsASecond(one.endpoint, { connections: Math.min(8, earlier), amount: earlier })
    const { cost } = await loadFor(one, { connections: 8, seconds: 3 })
    return cost.toFixed(0)
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

function usageRecord(number: number): UsageRecord {
  const now = Date.now()
  const record = recordOf({
    id: `req_${number}`,
    method: 'POST',
    path: '/v1/chat/completions',
    startedAt: now,
    protocol: 'openai-chat',
    model: 'claude/bench',
    provider: 'claude',
    account: 'key 1',
    upstreamModel: 'bench',
    status: 200,
    outcome: 'ok',
    stream: true,
    usage: { input: 9, output: 12 },
  })
  if (!record) throw new Error('no record was made')
  return record
}
