import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Document, Node, YAMLError, YAMLMap } from 'yaml'
import type { Env } from './env.ts'
import { interpolate } from './interpolate.ts'
import type { ConfigProblem, Origin, Path } from './problem.ts'
import { formatPath, isUnsafeName } from './problem.ts'
import { emptyMap, isNothing } from './tree.ts'
import type { MapTree, Tree } from './tree.ts'

/*
 * c12, which the layers once came from, gives values without their places and brought jiti along; byok reads YAML itself. The yaml
 * package's messages are not passed on: some quote the text, which may be a key.
 */
const FAULTS: Record<string, string> = {
  BAD_ALIAS: 'an alias (*name) has no anchor before it',
  BAD_DQ_ESCAPE: 'a double-quoted text holds an unknown escape. Use single quotes',
  BAD_INDENT: 'the indentation is wrong, or a bracket is not closed',
  BAD_SCALAR_START: 'a value begins with a character that YAML reserves. Put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a nested key stands where a value was begun on the same line',
  DUPLICATE_KEY: 'the key is there twice',
  MISSING_CHAR: 'a colon, quote, bracket or comma is missing',
  MULTILINE_IMPLICIT_KEY: 'a key goes over more than one line. Is a colon missing?',
  MULTIPLE_DOCS: 'there is more than one document (---)',
  TAB_AS_INDENT: 'a tab is used for indentation. Use spaces',
  TAG_RESOLVE_FAILED: 'the tag (!name) is unknown',
  UNEXPECTED_TOKEN: 'something is out of place here',
}

const OPENS_MAP = 'within brackets, ${NAME} has to be in quotes: "${NAME}"'

/** Aliases can make a small file into a vast tree. */
const MOST_NODES = 20_000

/** A config file's text as a tree. Faults go to `problems`; `broken` says whether the text could not be read as a whole. */
export function readYaml(
  content: string,
  source: string,
  env: Env,
  problems: ConfigProblem[],
): { tree: MapTree; broken: boolean } {
  const lines = new LineCounter()
  const start: Origin = { source, line: 1, column: 1 }
  const empty = emptyMap(start)
  // What the byte order mark of UTF-16 is in UTF-8: Windows' PowerShell writes it by `>`.
  if (content.startsWith('\uFFFD\uFFFD')) {
    problems.push({ ...start, key: '', message: 'this is UTF-16. Save it as UTF-8' })
    return { tree: empty, broken: true }
  }
  let document: Document.Parsed
  try {
    document = parseDocument(content, { lineCounter: lines, prettyErrors: false, merge: true, logLevel: 'error' })
  } catch {
    problems.push({ ...start, key: '', message: 'this cannot be read as YAML' })
    return { tree: empty, broken: true }
  }
  const faults = [...document.errors, ...document.warnings]
  if (faults.length > 0) {
    for (const { code, pos } of apartFrom(faults)) {
      const { line, col } = lines.linePos(pos[0])
      const key = code === 'DUPLICATE_KEY' ? /^[\w.-]{1,60}/.exec(content.slice(pos[0]))?.[0] : undefined
      const fault = opensMap(content, pos[0]) ? OPENS_MAP : (FAULTS[code] ?? 'the syntax is wrong')
      problems.push({ source, line, column: col, key: key ?? '', message: `bad YAML: ${fault}` })
    }
    return { tree: empty, broken: true }
  }
  const reader = new Reader(document, lines, source, env, problems)
  const tree = reader.read(document.contents, [])
  if (!tree || isNothing(tree)) return { tree: empty, broken: reader.tooLarge }
  if (tree.kind === 'map') return { tree, broken: reader.tooLarge }
  problems.push({ ...tree.origin, key: '', message: 'expected `key: value` lines' })
  return { tree: empty, broken: true }
}

/** Of faults of the syntax the first: the others mostly follow from it. */
function apartFrom(faults: YAMLError[]): YAMLError[] {
  const [first] = faults.filter(({ code }) => code !== 'DUPLICATE_KEY').sort((a, b) => a.pos[0] - b.pos[0])
  return faults.filter((fault) => fault === first || fault.code === 'DUPLICATE_KEY')
}

/** Whether a fault is that a bare `${NAME}` stands in `{ … }` or `[ … ]`, where its bracket opens a map. Those of `${` itself are none. */
function opensMap(content: string, at: number): boolean {
  const line = content.slice(content.lastIndexOf('\n', at - 1) + 1).split('\n', 1)[0] ?? ''
  return /(?<!\$)[[{](?:[^"']|"[^"]*"|'[^']*')*\$\{\w+/.test(line)
}

class Reader {
  tooLarge = false
  #count = 0
  readonly #open = new Set<Node>()

  constructor(
    readonly document: Document.Parsed,
    readonly lines: LineCounter,
    readonly source: string,
    readonly env: Env,
    readonly problems: ConfigProblem[],
  ) {}

  read(node: Node | null, path: Path): Tree | undefined {
    if (!node || this.tooLarge) return undefined
    if (++this.#count > MOST_NODES) {
      this.tooLarge = true
      return this.#fault(node, path, 'is too large')
    }
    if (isAlias(node)) {
      const target = node.resolve(this.document)
      if (!target) return this.#fault(node, path, `bad YAML: ${FAULTS['BAD_ALIAS']}`)
      if (this.#open.has(target)) return this.#fault(node, path, 'an alias (*name) refers to itself')
      return this.read(target, path)
    }
    this.#open.add(node)
    const tree = this.#readValue(node, path)
    this.#open.delete(node)
    return tree
  }

  #readValue(node: Node, path: Path): Tree | undefined {
    const origin = this.#originOf(node)
    if (isMap(node)) return this.#readMap(node, path)
    if (isSeq(node)) {
      const items = node.items.map((item, index) => this.read(item as Node | null, [...path, index]))
      return { kind: 'list', origin, items: items.filter((item) => item !== undefined) }
    }
    const value: unknown = isScalar(node) ? node.value : undefined
    if (typeof value !== 'string') return { kind: 'value', origin, value, isText: false }
    const result = interpolate(value, this.env)
    if ('fault' in result) return this.#fault(node, path, result.fault)
    return { kind: 'value', origin, value: result.text, isText: result.replaced }
  }

  #readMap(map: YAMLMap, path: Path): MapTree {
    const tree = emptyMap(this.#originOf(map))
    for (const { key, value } of map.items as { key: Node; value: Node | null }[]) {
      if (!isScalar(key)) {
        this.#fault(key, path, 'a name must be plain text')
        continue
      }
      if (key.value === '<<' || typeof key.value === 'symbol') {
        this.#mergeInto(tree, value, path)
        continue
      }
      const name = key.source ?? String(key.value)
      if (isUnsafeName(name)) {
        this.#fault(key, [...path, name], 'is not allowed as a name')
        continue
      }
      const child = this.read(value, [...path, name]) ?? (value ? undefined : this.#nothing(key))
      if (child) tree.entries.set(name, { origin: this.#originOf(key), value: child })
    }
    return tree
  }

  /** `<<: *anchor`: the anchor's keys stand in for those that are not written out. */
  #mergeInto(tree: MapTree, value: Node | null, path: Path): void {
    const merged = this.read(value, path)
    for (const source of merged?.kind === 'list' ? merged.items : [merged]) {
      if (source?.kind !== 'map') continue
      for (const [name, entry] of source.entries) if (!tree.entries.has(name)) tree.entries.set(name, entry)
    }
  }

  #nothing(key: Node): Tree {
    return { kind: 'value', origin: this.#originOf(key), value: null, isText: false }
  }

  #originOf(node: Node): Origin {
    const { line, col } = this.lines.linePos(node.range?.[0] ?? 0)
    return { source: this.source, line, column: col }
  }

  #fault(node: Node, path: Path, message: string): undefined {
    this.problems.push({ ...this.#originOf(node), key: formatPath(path), message })
  }
}
