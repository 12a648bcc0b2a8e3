import type { ComponentChildren } from 'preact'

export interface Column<Row> {
  title: string
  cell: (row: Row) => ComponentChildren
  /** Figures stand to the right. */
  figure?: boolean
}

interface TableProps<Row> {
  caption: string
  columns: Column<Row>[]
  rows: readonly Row[]
  keyOf: (row: Row) => string
  /** The class of a row. */
  look?: (row: Row) => string
}

/** A table that becomes a list of cards where there is no room for its columns; the first column names the row. */
export function Table<Row>({ caption, columns, rows, keyOf, look }: TableProps<Row>) {
  return (
    // Roles are given, because browsers drop those of tables that are laid out as something else.
    <table class="table" role="table" aria-label={caption}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ title, figure }) => (
            <th key={title} role="columnheader" scope="col" class={figure ? 'figure' : undefined}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={keyOf(row)} role="row" class={look?.(row)}>
            {columns.map(({ title, cell, figure }, index) =>
              index === 0 ? (
                <th key={title} role="rowheader" scope="row">
                  {cell(row)}
                </th>
              ) : (
                <td key={title} role="cell" data-title={title} class={figure ? 'figure' : undefined}>
                  {cell(row)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
