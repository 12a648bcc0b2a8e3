/** Requests a second of `byok serve` alone and with two workers, which have all cores between them and the load. */
import { interleave, lane, withByoks } from '../lib/field.ts'
import { load } from '../lib/load.ts'
import { report } from '../lib/report.ts'
import { median, spread } from '../lib/stats.ts'

const CONNECTIONS = 32
const ROUNDS = 5
const SECONDS = 3
const COUNTS = [1, 2]

export async function workers(): Promise<void> {
  const options = COUNTS.map((workers) => ({ config: { server: { workers } }, pinned: false }))
  await withByoks(options, async (byoks) => {
    const lanes = byoks.map((byok, index) => lane(`${COUNTS[index]} workers`, byok))
    const results = await interleave(lanes, ROUNDS, async ({ endpoint }) => {
      const { rate } = await load(endpoint, { connections: CONNECTIONS, seconds: SECONDS })
      return rate
    })
    const [alone = []] = results.values()
    report(
      `Requests a second by workers, ${CONNECTIONS} connections, ${ROUNDS} rounds of ${SECONDS} s; median (lowest to highest)`,
      ['', 'requests/s', 'x one'],
      [...results].map(([name, rates]) => [name, spread(rates), (median(rates) / median(alone)).toFixed(2)]),
    )
  })
}
