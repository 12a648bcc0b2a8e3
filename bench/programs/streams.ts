/** Many streams for a while: 1,000 in parallel, 50 events a second each, which the vendor sends one by one. */
import { interleave, streamLanes, withField } from '../lib/field.ts'
import { report } from '../lib/report.ts'
import { median } from '../lib/stats.ts'
import { readStream, streamAgent } from '../lib/stream-client.ts'

const PARALLEL = 1000
const SECONDS = 5
const A_SECOND = 50
const ROUNDS = 1
/** A stream that says nothing for so long, 20 times what it should take, has stalled. */
const STALLED = 1000

export async function streams(): Promise<void> {
  const agent = streamAgent()
  const results = await withField({}, (field) =>
    interleave(streamLanes(field), ROUNDS, async ({ contestant, endpoint }) => {
      const { server } = contestant
      const before = server.cpuSeconds()
      const start = performance.now()
      let chunks = 0
      const all = await Promise.all(
        Array.from({ length: PARALLEL }, () =>
          readStream(endpoint, {
            plan: `bench-${SECONDS * A_SECOND}-${1000 / A_SECOND}-1`,
            agent,
            onChunk: () => void chunks++,
          }),
        ),
      )
      const seconds = (performance.now() - start) / 1000
      return {
        seconds,
        events: (PARALLEL * SECONDS * A_SECOND) / seconds,
        pieces: chunks / seconds / PARALLEL,
        cores: (server.cpuSeconds() - before) / seconds,
        gap: Math.max(...all.map(({ longestGap }) => longestGap)),
        stalled: all.filter(({ longestGap }) => longestGap > STALLED).length,
      }
    }),
  )
  await agent.close()
  report(
    `${PARALLEL} parallel streams of ${SECONDS} s, ${A_SECOND} events a second each`,
    ['', 'took', 'events/s', 'pieces/s of a stream', 'cores', 'µs/event', 'longest gap', 'stalled'],
    [...results].map(([name, runs]) => [
      name,
      `${median(runs.map(({ seconds }) => seconds)).toFixed(1)} s`,
      median(runs.map(({ events }) => events)).toFixed(0),
      median(runs.map(({ pieces }) => pieces)).toFixed(0),
      median(runs.map(({ cores }) => cores)).toFixed(2),
      median(runs.map(({ cores, events }) => (cores / events) * 1e6)).toFixed(0),
      `${median(runs.map(({ gap }) => gap)).toFixed(0)} ms`,
      String(Math.max(...runs.map(({ stalled }) => stalled))),
    ]),
  )
}
