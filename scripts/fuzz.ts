/**
 * Feeds every decoder with what nobody should send: `npm run fuzz -- --runs N` for N inputs in all, spread over the
 * targets. A failure is printed with its seed and its smallest example, and ends the process with 1.
 */
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { fuzzCallback, targets } from './fuzz/targets.ts'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '100000' }, only: { type: 'string' } } })
const runs = Number(values.runs)
if (!Number.isInteger(runs) || runs < 1) throw new TypeError('--runs takes a whole number')
const chosen = targets.filter(({ name }) => values.only === undefined || name.includes(values.only))
const shares = chosen.reduce((sum, { share = 1 }) => sum + share, 0)

let done = 0
let failed = 0
for (const { name, property, share = 1 } of chosen) {
  const startedAt = performance.now()
  const found = await fc.check(property, { numRuns: Math.ceil((runs * share) / shares) })
  done += found.numRuns
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const memory = Math.round(process.memoryUsage().heapUsed / 1e6)
  console.log(`${found.failed ? 'FAILED' : 'ok'} ${name}: ${found.numRuns} inputs in ${seconds} s, heap ${memory} MB`)
  if (!found.failed) continue
  failed++
  console.log(fc.defaultReportMessage(found))
}
if (values.only === undefined) done += await fuzzCallback(Math.min(runs, 2000))
console.log(`${done} inputs, ${failed} of ${chosen.length} targets failed`)
process.exitCode = failed > 0 ? 1 : 0
