import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { protocolsTable, TABLE } from '../../../scripts/protocols-table.ts'

it('docs/protocols.md tells what the code does; `npx tsx scripts/protocols-table.ts` writes it', async () => {
  const table = await protocolsTable()
  expect(await readFile(TABLE, 'utf8')).toBe(table)
  // What everybody needs gets through from everywhere to everywhere.
  for (const line of table.split('\n')) {
    if (
      /^\| (?:system|instructions|image |tools|JSON schema|text|reasoning|a proof|tool calls|refusals|cached tokens)/.test(
        line,
      )
    )
      expect(line).not.toMatch(/left out|refused/)
  }
})
