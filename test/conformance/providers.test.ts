import { readFile } from 'node:fs/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { DOC, providersDoc } from '../../scripts/providers-doc.ts'
import { conformance } from '../../src/testing/index.ts'
import { nameOf, targets } from './targets.ts'

/* Every provider, in every case of the conformance table. */

const suites = targets.map((target) => ({ target, ...conformance(target) }))

describe.each(suites.map((suite) => [nameOf(suite.target), suite] as const))('%s', (_, { tests, close }) => {
  afterAll(close)
  for (const { name, run } of tests) it(name, run)
})

// What ran above is not run again; alone, it runs everything.
it('docs/providers.md tells what was found; `npm run docs:providers` writes it', { timeout: 300_000 }, async () => {
  const written = await readFile(DOC, 'utf8')
  expect(written).toBe(await providersDoc(suites))
  for (const { close } of suites) await close()
})
