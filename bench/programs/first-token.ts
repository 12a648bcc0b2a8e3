/** Time to the first token: 64 streams at a time, asked for together. */
import { interleave, streamLanes, withField } from '../lib/field.ts'
import { report } from '../lib/report.ts'
import { median, quantile } from '../lib/stats.ts'
import { readStream, streamAgent } from '../lib/stream-client.ts'

const PARALLEL = 64
const ROUNDS = 15
/** Ten events, 20 ms apart. */
const PLAN = 'bench-10-20-1'

export async function firstToken(): Promise<void> {
  const agent = streamAgent()
  const results = await withField({}, (field) =>
    interleave(streamLanes(field), ROUNDS, async ({ endpoint }) => {
      const streams = Array.from({ length: PARALLEL }, () => readStream(endpoint, { plan: PLAN, agent }))
      return (await Promise.all(streams)).map(({ firstChunk }) => firstChunk)
    }),
  )
  await agent.close()
  const direct = (results.get('the vendor itself') ?? []).flat()
  const ms = (value: number) => `${value.toFixed(2)} ms`
  report(
    `Time to the first token, ${PARALLEL} streams asked for at once, ${ROUNDS} rounds`,
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
