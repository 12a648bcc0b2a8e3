import { UnreadableSettings } from './tool.ts'

/** A line of meaning in a TOML file. */
export interface TomlStatement {
  kind: 'table' | 'array-table' | 'pair'
  /** Of a pair, from the table it stands in. */
  path: string[]
  start: number
  /** Where a pair's value begins. */
  value: number
  /** Before what may follow on the line. */
  end: number
}

/** By how many brackets one begins with. */
const KINDS = ['pair', 'table', 'array-table'] as const

const BLANK = /[ \t]*/y
const COMMENT = /#[^\n]*/y
const NEWLINE = /\r?\n/y
const OPENING = /\[{0,2}/y
const BARE_KEY = /[A-Za-z0-9_-]+/y
/** As toml.io/en/v1.0.0 has strings. The long ones first, for `""` begins them too; up to two quotes may stand before their end. */
const STRING = /"""(?:\\[^]|[^\\])*?"{3,5}(?!")|'''[^]*?'{3,5}(?!')|"(?:\\[^\n]|[^"\\\n])*"|'[^'\n]*'/y
/** Numbers, dates and words, up to whatever ends a value. */
const PLAIN = /[^\s,[\]{}"'#=][^,[\]{}"'#=\r\n]*/y

/**
 * Tells the statements of a TOML file apart, so that it can be edited as text: a row of an array is no table, and `"model"` is `model`.
 * Of values it only knows where they end.
 * @throws {UnreadableSettings} where it is no TOML.
 */
export function tomlStatements(text: string): TomlStatement[] {
  const statements: TomlStatement[] = []
  let at = text.startsWith('\uFEFF') ? 1 : 0

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    at += found?.length ?? 0
    return found
  }
  const fail = (): never => {
    throw new UnreadableSettings(`line ${text.slice(0, at).split('\n').length} is no valid TOML`)
  }
  const expect = (word: string) => {
    if (!text.startsWith(word, at)) fail()
    at += word.length
  }
  /** What may stand between a line and the next, or between the values of an array. */
  const skipLines = () => {
    do {
      take(BLANK)
      take(COMMENT)
    } while (take(NEWLINE) !== undefined)
  }
  const key = (): string[] => {
    const path: string[] = []
    do {
      take(BLANK)
      path.push(take(BARE_KEY) ?? quoted(take(STRING)) ?? fail())
      take(BLANK)
    } while (text[at] === '.' && ++at)
    return path
  }
  const value = (): void => {
    if (text[at] === '[') return list(']', value)
    if (text[at] === '{') {
      return list('}', () => {
        key()
        expect('=')
        take(BLANK)
        value()
      })
    }
    if (take(STRING) === undefined && take(PLAIN) === undefined) fail()
  }
  const list = (close: string, item: () => void): void => {
    at++
    skipLines()
    while (text[at] !== close) {
      item()
      skipLines()
      if (text[at] !== close) expect(',')
      skipLines()
    }
    at++
  }

  for (skipLines(); at < text.length; skipLines()) {
    const start = at
    const brackets = take(OPENING)?.length ?? 0
    const path = key()
    let from = at
    if (brackets > 0) expect(']'.repeat(brackets))
    else {
      expect('=')
      take(BLANK)
      from = at
      value()
    }
    const end = from + text.slice(from, at).trimEnd().length
    statements.push({ kind: KINDS[brackets] ?? fail(), path, start, value: from, end })
    take(BLANK)
    take(COMMENT)
    if (at < text.length && !/^\r?\n/.test(text.slice(at, at + 2))) fail()
  }
  return statements
}

/** What a quoted key is; undefined where it is none. */
function quoted(string: string | undefined): string | undefined {
  if (string === undefined || /^(?:"""|''')/.test(string)) return undefined
  if (string.startsWith("'")) return string.slice(1, -1)
  try {
    const read: unknown = JSON.parse(
      string.replace(/\\U([0-9A-Fa-f]{8})/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16))),
    )
    return typeof read === 'string' ? read : undefined
  } catch {
    return undefined
  }
}
