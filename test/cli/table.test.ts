import { expect, it } from 'vitest'
import { tableOf } from '../../src/cli/table.ts'

it('shows nothing that a terminal obeys', async () => {
  const table = await tableOf(['Name', 'Count'], [['a\u001b[2J\u0007b\u009b', 3]], (column) => column === 1)
  expect(table).toContain('│ a\\u001b[2J\\u0007b\\u009b │     3 │')
})
