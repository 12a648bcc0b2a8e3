import { applied } from './edit-toml.ts'
import type { Edit } from './edit-toml.ts'
import { tomlStatements } from './toml-statements.ts'
import type { TomlStatement } from './toml-statements.ts'

/** As `takeOutJson`, of a TOML file. */
export function takeOutToml(now: string, written: string, before: string): string {
  const byoks = valuesOf(written)
  const old = valuesOf(before)
  const edits: Edit[] = []
  let open: TomlStatement | undefined
  const takeLine = ({ start, end }: TomlStatement) => {
    const from = now.lastIndexOf('\n', start) + 1
    edits.push({ start: from, end: end + (/^[^\n]*\n?/.exec(now.slice(end))?.[0].length ?? 0), text: '' })
  }
  for (const { name, statement, value } of named(now)) {
    const mine = byoks.get(name) === value && old.get(name) !== value
    if (statement.kind !== 'pair') {
      if (open) takeLine(open)
      open = mine ? statement : undefined
    } else if (!mine) open = undefined
    else if (old.has(name)) edits.push({ start: statement.value, end: statement.end, text: old.get(name) ?? '' })
    else takeLine(statement)
  }
  if (open) takeLine(open)
  if (edits.length === 0) return now
  const left = applied(now, edits).replace(/^(?:\r?\n)+/, '')
  return left.trim() === '' ? '' : `${left.trimEnd()}\n`
}

/** Statements by the full names of their keys, with the text of their values, which a table has none of. */
function named(text: string): { name: string; statement: TomlStatement; value: string }[] {
  let scope = ''
  return tomlStatements(text).map((statement) => {
    const { kind, path, value, end } = statement
    const own = JSON.stringify(path)
    if (kind !== 'pair') scope = kind + own
    return {
      name: kind === 'pair' ? scope + own : scope,
      statement,
      value: kind === 'pair' ? text.slice(value, end) : '',
    }
  })
}

function valuesOf(text: string): Map<string, string> {
  return new Map(named(text).map(({ name, value }) => [name, value]))
}
