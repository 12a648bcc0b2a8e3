/** How many bytes of SSE pass through in a second: four streams as fast as they are read, in big chunks. */
import { interleave, streamLanes, withField } from '../lib/field.ts'
import { report } from '../lib/report.ts'
import { median, spread } from '../lib/stats.ts'
import { readStream, streamAgent } from '../lib/stream-client.ts'

const PARALLEL = 4
const ROUNDS = 3
const EVENTS = 200_000
/** Events in a chunk: about 64 KB. */
const TIMES = 400

export async function throughput(): Promise<void> {
  const agent = streamAgent()
  const results = await withField({}, (field) =>
    interleave(streamLanes(field), ROUNDS, async ({ contestant, endpoint }) => {
      const start = performance.now()
      const before = contestant.server.cpuSeconds()
      const plan = `bench-${EVENTS}-0-${TIMES}`
      const all = await Promise.all(Array.from({ length: PARALLEL }, () => readStream(endpoint, { plan, agent })))
      const seconds = (performance.now() - start) / 1000
      const bytes = all.reduce((sum, one) => sum + one.bytes, 0)
      const cpu = contestant.server.cpuSeconds() - before
      return {
        rate: bytes / seconds / 1e6,
        events: (EVENTS * PARALLEL) / seconds,
        cost: (cpu / (EVENTS * PARALLEL)) * 1e6,
      }
    }),
  )
  await agent.close()
  const floor = median((results.get('node:http pipe') ?? []).map(({ rate }) => rate))
  report(
    `${PARALLEL} streams of ${EVENTS.toLocaleString('en')} events as fast as they are read, ${ROUNDS} rounds`,
    ['', 'MB/s read', 'x pipe', 'events/s', 'µs of CPU an event'],
    [...results].map(([name, runs]) => {
      const rates = runs.map(({ rate }) => rate)
      return [
        name,
        spread(rates),
        (median(rates) / floor).toFixed(2),
        spread(runs.map(({ events }) => events)),
        median(runs.map(({ cost }) => cost)).toFixed(2),
      ]
    }),
  )
}
