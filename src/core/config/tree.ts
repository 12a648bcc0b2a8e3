import type { ConfigProblem, Origin, Path } from './problem.ts'
import { formatPath, isUnsafeName } from './problem.ts'

/**
 * Config before it is checked: plain values, each with the place it was written. Layers of it are merged, so that an error
 * in the merged whole still names file and line.
 */
export type Tree = MapTree | ListTree | ValueTree

export interface MapTree {
  kind: 'map'
  origin: Origin
  /** `origin` is the key's own place. */
  entries: Map<string, { origin: Origin; value: Tree }>
  /** What a lower layer has in its place, and is no map: whether it may be is the schema's to say. */
  outranked?: ListTree | ValueTree
}

interface ListTree {
  kind: 'list'
  origin: Origin
  items: Tree[]
}

interface ValueTree {
  kind: 'value'
  origin: Origin
  value: unknown
  /** Whether it came as text whatever its type (an environment variable, a flag), so that the schema says how to read it. */
  isText: boolean
}

/** Far beyond any real config; a stop for what refers to itself. */
const DEEPEST = 30

export interface Growing {
  originOf: (path: Path) => Origin
  isText: boolean
  problems: ConfigProblem[]
}

/** Plain values as a tree. Absent where `value` is `undefined`, which says nothing. */
export function treeOf(value: unknown, growing: Growing, path: Path = []): Tree | undefined {
  const origin = growing.originOf(path)
  const fault = (message: string, at: Path = path): undefined => {
    growing.problems.push({ ...origin, key: formatPath(at), message })
  }
  if (value === undefined) return undefined
  if (path.length > DEEPEST) return fault('is nested too deep')
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, index) => treeOf(item ?? null, growing, [...path, index]))
    return { kind: 'list', origin, items: items.filter((item) => item !== undefined) }
  }
  if (!isPlainObject(value))
    return { kind: 'value', origin, value, isText: growing.isText && typeof value === 'string' }
  const map: MapTree = { kind: 'map', origin, entries: new Map() }
  for (const [name, child] of Object.entries(value)) {
    const at = [...path, name]
    if (isUnsafeName(name)) fault('is not allowed as a name', at)
    else {
      const tree = treeOf(child, growing, at)
      if (tree) map.entries.set(name, { origin: growing.originOf(at), value: tree })
    }
  }
  return map
}

export function emptyMap(origin: Origin): MapTree {
  return { kind: 'map', origin, entries: new Map() }
}

/** A map of one value. */
export function treeAt(path: readonly string[], value: Tree): Tree {
  return path.reduceRight<Tree>(
    (inner, name) => ({
      kind: 'map',
      origin: value.origin,
      entries: new Map([[name, { origin: value.origin, value: inner }]]),
    }),
    value,
  )
}

/** `over` outranks `under`. Maps are merged; lists and values replace what they outrank. An empty key outranks nothing. */
export function mergeTrees(under: Tree | undefined, over: Tree | undefined): Tree | undefined {
  if (!under || !over) return over ?? under
  if (isNothing(over)) return under
  if (over.kind !== 'map') return over
  if (under.kind !== 'map') return isNothing(under) ? over : { ...over, outranked: over.outranked ?? under }
  const entries = new Map(under.entries)
  for (const [name, entry] of over.entries) {
    const beneath = entries.get(name)
    const value = mergeTrees(beneath?.value, entry.value) ?? entry.value
    entries.set(name, { origin: beneath && value === beneath.value ? beneath.origin : entry.origin, value })
  }
  const outranked = over.outranked ?? under.outranked
  return { kind: 'map', origin: over.origin, entries, ...(outranked && { outranked }) }
}

/** Each map that stands over something else, with its path. */
export function* outrankings(tree: Tree, path: Path = []): Generator<{ path: Path; outranked: Tree }> {
  if (tree.kind !== 'map') return
  if (tree.outranked) yield { path, outranked: tree.outranked }
  for (const [name, { value }] of tree.entries) yield* outrankings(value, [...path, name])
}

/** A key that is there without a value. */
export function isNothing(tree: Tree): boolean {
  return tree.kind === 'value' && tree.value === null
}

export function childOf(tree: Tree | undefined, part: PropertyKey): Tree | undefined {
  if (tree?.kind === 'map') return tree.entries.get(String(part))?.value
  return tree?.kind === 'list' ? tree.items[Number(part)] : undefined
}

export function descend(tree: Tree | undefined, path: readonly PropertyKey[]): Tree | undefined {
  return path.reduce<Tree | undefined>(childOf, tree)
}

/** Where `path` was written, or the nearest thing around it that was. Undefined where nothing of it was. */
export function locate(tree: Tree, path: readonly PropertyKey[]): Origin {
  let origin = tree.origin
  let current: Tree | undefined = tree
  for (const part of path) {
    const entry: { origin: Origin; value: Tree } | undefined =
      current.kind === 'map' ? current.entries.get(String(part)) : undefined
    current = entry?.value ?? childOf(current, part)
    if (!current) return origin
    origin = entry?.origin ?? current.origin
  }
  return origin
}

/** Every list and value with its path and its place, in order. */
export function* leaves(
  tree: Tree,
  path: (string | number)[] = [],
  origin: Origin = tree.origin,
): Generator<{ path: Path; origin: Origin }> {
  if (tree.kind === 'map') {
    for (const [name, entry] of tree.entries) yield* leaves(entry.value, [...path, name], entry.origin)
    return
  }
  yield { path, origin }
  if (tree.kind === 'list') {
    for (const [index, item] of tree.items.entries()) yield* leaves(item, [...path, index])
  }
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
