/** What a stream takes of the heap while it runs: 1,000 in parallel, garbage collected before and meanwhile. */
import { interleave, streamLanes, withField } from '../lib/field.ts'
import { PROBED, withHeaps } from '../lib/heap.ts'
import { report } from '../lib/report.ts'
import { median } from '../lib/stats.ts'
import { readStream, streamAgent } from '../lib/stream-client.ts'

const PARALLEL = 1000
const ROUNDS = 3
/** 60 events, 100 ms apart. */
const PLAN = 'bench-60-100-1'
/** After so many chunks of each, a stream takes what it will take. */
const SETTLED = 25 * PARALLEL

export async function memory(): Promise<void> {
  const agent = streamAgent()
  const results = await withHeaps((heapOf) =>
    withField({ node: PROBED }, (field) =>
      interleave(
        streamLanes(field).filter(({ contestant }) => contestant !== field.direct),
        ROUNDS,
        async ({ contestant: { server }, endpoint }) => {
          const before = await heapOf(server)
          let chunks = 0
          let settled = () => {}
          const settling = new Promise<void>((resolve) => (settled = resolve))
          const onChunk = () => {
            if (++chunks === SETTLED) settled()
          }
          const all = Promise.all(
            Array.from({ length: PARALLEL }, () => readStream(endpoint, { plan: PLAN, agent, onChunk })),
          )
          // A stream that fails would else be waited for in vain.
          await Promise.race([settling, all])
          const during = await heapOf(server)
          await all
          return (during - before) / PARALLEL / 1024
        },
      ),
    ),
  )
  await agent.close()
  const floor = median(results.get('node:http pipe') ?? [])
  report(
    `Heap of one of ${PARALLEL} parallel streams, ${ROUNDS} rounds`,
    ['', 'KB', 'KB over the pipe'],
    [...results].map(([name, runs]) => [name, median(runs).toFixed(1), (median(runs) - floor).toFixed(1)]),
  )
}
