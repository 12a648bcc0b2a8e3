import { UnreadableSettings } from './tool.ts'
import type { TomlStatement } from './toml-statements.ts'

/**
 * Makes sure that no key is set twice, and none is a value in one place and a table in another: Codex ends where one is.
 * @throws {UnreadableSettings} which names the key.
 */
export function checkTomlKeys(statements: TomlStatement[]): void {
  /** A `table` stands above others and may get a header of its own; one that is `opened`, or made by a `dotted` key, may not. */
  const kinds = new Map<string, 'value' | 'table' | 'opened' | 'dotted'>()
  const rows = new Map<string, number>()
  let scope: string[] = []

  /** A path through the newest row of every list of tables in it. */
  const through = (path: string[]): string[] =>
    path.reduce<string[]>((whole, part) => {
      whole.push(part)
      const row = rows.get(whole.join('\0'))
      return row === undefined ? whole : [...whole, `\0${row}`]
    }, [])
  const define = (path: string[], kind: 'value' | 'opened') => {
    const within = kind === 'value' ? scope.length : path.length
    for (let length = 1; length < path.length; length++) {
      const above = path.slice(0, length).join('\0')
      const before = kinds.get(above)
      const dotted = length > within
      if (before === 'value' || (dotted && before !== undefined && before !== 'dotted')) twice(path)
      if (before === undefined) kinds.set(above, dotted ? 'dotted' : 'table')
    }
    const before = kinds.get(path.join('\0'))
    if (before !== undefined && (before !== 'table' || kind === 'value')) twice(path)
    kinds.set(path.join('\0'), kind)
  }

  for (const { kind, path } of statements) {
    if (kind === 'pair') define([...scope, ...path], 'value')
    else {
      const above = through(path.slice(0, -1))
      const whole = [...above, ...path.slice(-1)]
      if (kind === 'array-table') {
        const name = whole.join('\0')
        if (!rows.has(name) && kinds.has(name)) twice(whole)
        rows.set(name, (rows.get(name) ?? 0) + 1)
      } else if (rows.has(whole.join('\0'))) twice(whole)
      scope = kind === 'array-table' ? through(path) : whole
      define(scope, 'opened')
    }
  }
}

function twice(path: string[]): never {
  throw new UnreadableSettings(`it sets \`${path.filter((part) => !part.startsWith('\0')).join('.')}\` twice`)
}
