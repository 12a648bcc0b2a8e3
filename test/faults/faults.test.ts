import { readFile } from 'node:fs/promises'
import { expect, it, vi } from 'vitest'
import { DOC, faultsDoc } from '../../scripts/faults-doc.ts'
import { faults } from './faults.ts'
import { machineFaults } from './machine.ts'

vi.setConfig({ testTimeout: 60_000 })

it.each([...faults, ...machineFaults].map((one) => [one.fault, one] as const))('%s', async (_, { run }) => {
  await run()
})

it('docs/faults.md is made of these; `npm run docs:faults` writes it', async () => {
  expect(await readFile(DOC, 'utf8')).toBe(await faultsDoc())
})
