import { UnreadableSettings } from './tool.ts'
import { checkTomlKeys } from './toml-keys.ts'
import { tomlStatements } from './toml-statements.ts'
import type { TomlStatement } from './toml-statements.ts'

/**
 * Sets top-level keys and one table of a TOML file, as text, so that all else stays as it is. Top-level keys must stand before the
 * first table.
 */
export function mergeToml(
  text: string,
  top: Record<string, string | number>,
  table: string,
  fields: Record<string, string>,
): string {
  const statements = tomlStatements(text)
  checkTomlKeys(statements)
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const edits: Edit[] = []
  const set = (pairs: TomlStatement[], values: Record<string, string | number>): string[] => {
    const missing: string[] = []
    for (const [name, value] of Object.entries(values)) {
      const pair = pairs.find(({ path }) => isPath(path, [name]))
      if (pair) edits.push({ start: pair.value, end: pair.end, text: JSON.stringify(value) })
      else missing.push(`${name} = ${JSON.stringify(value)}`)
    }
    return missing
  }

  const added = set(pairsFrom(statements, 0), top)
  if (added.length > 0) {
    const start = text.startsWith('\uFEFF') ? 1 : 0
    edits.push({ start, end: start, text: [...added, ...(text === '' ? [''] : ['', ''])].join(eol) })
  }
  const header = statements.findIndex(({ kind, path }) => kind === 'table' && isPath(path, table.split('.')))
  if (header === -1) {
    const body = [`[${table}]`, ...set([], fields)]
    const gap = text === '' || text.endsWith('\n') ? [''] : ['', '']
    edits.push({ start: text.length, end: text.length, text: [...gap, ...body, ''].join(eol) })
  } else {
    const pairs = pairsFrom(statements, header + 1)
    const last = (pairs.at(-1) ?? statements[header])?.end ?? text.length
    const lineEnd = last + (/^[^\r\n]*/.exec(text.slice(last))?.[0].length ?? 0)
    const missing = set(pairs, fields)
    edits.push({ start: lineEnd, end: lineEnd, text: missing.map((line) => eol + line).join('') })
  }
  return sound(applied(text, edits), `${Object.keys(top).join(', ')} or ${table}`)
}

export interface Edit {
  start: number
  end: number
  text: string
}

/** The pairs from a statement on, up to the next table. */
function pairsFrom(statements: TomlStatement[], from: number): TomlStatement[] {
  const rest = statements.slice(from)
  const end = rest.findIndex(({ kind }) => kind !== 'pair')
  return end === -1 ? rest : rest.slice(0, end)
}

function isPath(path: string[], wanted: string[]): boolean {
  return path.length === wanted.length && path.every((part, index) => part === wanted[index])
}

/** The text with parts of it replaced, none of which overlap. */
export function applied(text: string, edits: Edit[]): string {
  let from = 0
  let now = ''
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    now += text.slice(from, edit.start) + edit.text
    from = edit.end
  }
  return now + text.slice(from)
}

/** The text itself, once read anew: a table may be there in another form, as in `model_providers = { … }`. */
function sound(text: string, names: string): string {
  try {
    checkTomlKeys(tomlStatements(text))
  } catch (error) {
    if (!(error instanceof UnreadableSettings)) throw error
    throw new UnreadableSettings(`it has ${names} in a form that byok does not edit`)
  }
  return text
}
