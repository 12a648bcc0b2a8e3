import { plainText } from '../core/plain-text.ts'

/**
 * A table for people.
 * @param right which columns are set to the right. Default: none.
 */
export async function tableOf(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  right: (column: number) => boolean = () => false,
): Promise<string> {
  const { default: Table } = await import('cli-table3')
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, column) => (right(column) ? 'right' : 'left')),
    style: { head: [], border: [] },
  })
  for (const row of rows) table.push(row.map((cell) => plainText(String(cell))))
  return table.toString()
}
