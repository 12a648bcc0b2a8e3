import { afterAll, describe, it } from 'vitest'
import { conformance } from '../../src/testing/index.ts'
import { nameOf, targets } from './targets.ts'

/* Every provider, in every case of the conformance table. */

describe.each(targets.map((target) => [nameOf(target), target] as const))('%s', (_, target) => {
  const { tests, close } = conformance(target)
  afterAll(close)
  for (const { name, run } of tests) it(name, run)
})
