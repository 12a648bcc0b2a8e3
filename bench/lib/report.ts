import Table from 'cli-table3'

/** Prints a titled table. */
export function report(title: string, head: string[], rows: string[][]): void {
  const table = new Table({
    head,
    style: { head: [], border: [] },
    colAligns: head.map((_, i) => (i ? 'right' : 'left')),
  })
  table.push(...rows)
  console.log(`\n${title}\n${table.toString()}`)
}
