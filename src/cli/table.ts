import { plainText } from '../core/text/plain-text.ts'

/**
 * A table for people; in a terminal that is too narrow for it, a list, because lines that wrap make a table nobody can read.
 * @param right which columns are set to the right. Default: none.
 * @param room how many characters a line may have. Default: as many as the terminal shows; in a file or pipe any number.
 */
export async function tableOf(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  right: (column: number) => boolean = () => false,
  room: number = process.stdout.columns || Infinity,
): Promise<string> {
  const { default: Table } = await import('cli-table3')
  const cells = rows.map((row) => row.map((cell) => plainText(String(cell))))
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, column) => (right(column) ? 'right' : 'left')),
    style: { head: [], border: [] },
  })
  table.push(...cells)
  return table.width > room ? listOf(head, cells) : table.toString()
}

/** Each row by itself, a line for each of its cells. */
function listOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const indent = Math.max(...head.map((word) => word.length)) + 2
  const lineOf = (cell: string, column: number) =>
    `${(head[column] ?? '').padEnd(indent)}${cell.replaceAll('\n', `\n${' '.repeat(indent)}`)}`.trimEnd()
  return rows.map((row) => row.map(lineOf).join('\n')).join('\n\n')
}
