import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fuzzCallback, targets } from '../scripts/fuzz/targets.ts'

/** Few, for the sake of time: `npm run fuzz -- --runs 1000000` is the long run, with
 * a seed of its own each time; here the same inputs are tried each time. */
const RUNS = 40

it.each(targets.map((target) => [target.name, target] as const))(
  '%s refuses what it must, and breaks on nothing',
  async (_, target) => {
    const found = await fc.check(target.property, { numRuns: Math.ceil(RUNS * (target.share ?? 1)), seed: 20_261_124 })
    expect(found.failed ? fc.defaultReportMessage(found) : '').toBe('')
  },
)

it('the callback listener gives no code away', async () => {
  expect(await fuzzCallback(20)).toBe(20)
})
