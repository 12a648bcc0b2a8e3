import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DOC, providersDoc } from '../../scripts/providers-doc.ts'
import { conformance } from '../../src/testing/index.ts'
import { nameOf, targets } from './targets.ts'

/* Every provider, in every case of the conformance table. */

const suites = targets.map((target) => ({ target, ...conformance(target) }))

describe.each(suites.map((suite) => [nameOf(suite.target), suite] as const))('%s', (_, { tests, close }) => {
  // A vendor may tell when its limit ends in whole seconds of the clock: none may begin before byok reads that.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => void vi.useRealTimers())
  afterAll(close)
  for (const { name, run } of tests) it(name, run)
})

// What ran above is not run again; alone, it runs everything.
it('docs/providers.md tells what was found; `npm run docs:providers` writes it', { timeout: 300_000 }, async () => {
  const written = await readFile(DOC, 'utf8')
  expect(written).toBe(await providersDoc(suites))
  for (const { close } of suites) await close()
})
