import { expect, it } from 'vitest'
import { tableOf } from '../../src/cli/table.ts'

it('shows nothing that a terminal obeys', async () => {
  const table = await tableOf(['Name', 'Count'], [['a\u001b[2J\u0007b\u009b', 3]], (column) => column === 1)
  expect(table).toContain('│ a\\u001b[2J\\u0007b\\u009b │     3 │')
})

it('is a list where the terminal is too narrow for it', async () => {
  const head = ['Account', 'Health']
  const rows = [
    ['ada@example.com', 'needs login:\nbyok login claude'],
    ['bob@example.com', ''],
  ]
  const table = await tableOf(head, rows)
  const width = table.indexOf('\n')
  expect(await tableOf(head, rows, undefined, width)).toBe(table)
  expect(await tableOf(head, rows, undefined, width - 1)).toBe(
    [
      'Account  ada@example.com',
      'Health   needs login:',
      '         byok login claude',
      '',
      'Account  bob@example.com',
      'Health',
    ].join('\n'),
  )
})
