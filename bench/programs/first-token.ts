/** Time to the first token with 64 streams in parallel: asked for all at once, and one after another while the others run. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Agent } from 'undici'
import { interleave, streamLanes, withField } from '../lib/field.ts'
import type { Lane } from '../lib/field.ts'
import { report } from '../lib/report.ts'
import { median, quantile } from '../lib/stats.ts'
import { readStream, streamAgent } from '../lib/stream-client.ts'

const PARALLEL = 64
const ROUNDS = 15
/** Ten events, 20 ms apart. */
const PLAN = 'bench-10-20-1'

/** A stream as it is read: 50 events, 20 ms apart. */
const LONG = { plan: 'bench-50-20-1', milliseconds: 1000 }
const LONG_ROUNDS = 5
/** How many streams each of the parallel ones is followed by in a round. */
const FOLLOWERS = 3

export async function firstToken(): Promise<void> {
  const agent = streamAgent()
  const [burst, steady] = await withField({}, async (field) => {
    const lanes = streamLanes(field)
    return [
      await interleave(lanes, ROUNDS, (lane) => allAtOnce(lane, agent)),
      await interleave(lanes, LONG_ROUNDS, (lane) => oneAfterAnother(lane, agent)),
    ]
  })
  await agent.close()
  show(`${PARALLEL} streams asked for at once, ${ROUNDS} rounds`, burst)
  show(`${PARALLEL} streams under way, a new one where one ends, ${LONG_ROUNDS} rounds`, steady)
}

async function allAtOnce({ endpoint }: Lane, agent: Agent): Promise<number[]> {
  const streams = Array.from({ length: PARALLEL }, () => readStream(endpoint, { plan: PLAN, agent }))
  return (await Promise.all(streams)).map(({ firstToken }) => firstToken)
}

/** So many streams at any time, begun evenly over the time that one takes. Those count that begin when all are under way. */
async function oneAfterAnother({ endpoint }: Lane, agent: Agent): Promise<number[]> {
  const times: number[] = []
  const follow = async (place: number) => {
    await delay((place / PARALLEL) * LONG.milliseconds)
    await readStream(endpoint, { plan: LONG.plan, agent })
    for (let i = 0; i < FOLLOWERS; i++) {
      const { firstToken } = await readStream(endpoint, { plan: LONG.plan, agent })
      times.push(firstToken)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, (_, place) => follow(place)))
  return times
}

function show(what: string, results: Map<string, number[][]>): void {
  const direct = (results.get('the vendor itself') ?? []).flat()
  const ms = (value: number) => `${value.toFixed(2)} ms`
  report(
    `Time to the first token, ${what}`,
    ['', 'median', 'p99', 'median added', 'p99 added'],
    [...results].map(([name, rounds]) => {
      const all = rounds.flat()
      return [
        name,
        ms(median(all)),
        ms(quantile(all, 0.99)),
        ms(median(all) - median(direct)),
        ms(quantile(all, 0.99) - quantile(direct, 0.99)),
      ]
    }),
  )
}
