import { isObject } from '../../../kit.ts'
import type { JsonObject } from '../../../kit.ts'
import { both, withAlternativesAlone } from './alternatives.ts'
import { nameOf, withDefinitions } from './references.ts'
import { withKnownRequired, withOneType, withRootType, withType } from './types.ts'

/** Fields that hold lists of schemas. */
const LISTS = ['anyOf', 'oneOf', 'allOf']

/** So many schemas are rewritten at the most; the rest, of what no tool has, goes as it came. */
const MOST = 10_000

/**
 * JSON Schema as Moonshot has it: a tool's parameters, or an answer's format, that says the same within what Kimi takes. One that is
 * outside of it has the whole request refused: "tools.function.parameters is not a valid moonshot flavored json schema". What Kimi does not
 * know it passes over (`oneOf`, `const`, `format`), and that goes as it came.
 *
 * Source: MoonshotAI/walle, docs/mfjs-walle-vs-draft-2020-12.md, and validator.go at the level `ultra`, for what is refused.
 */
export function flavoured(schema: JsonObject): JsonObject {
  const { $schema: _, ...rest } = withDefinitions(schema)
  const definitions = isObject(rest['$defs']) ? rest['$defs'] : {}
  return rewritten(withRootType(rest), { definitions, open: new Set(), left: MOST })
}

interface Rewriting {
  definitions: JsonObject
  /** The definitions that are put in their references' places just now: one that holds itself is not, again. */
  open: Set<string>
  left: number
}

function rewritten(schema: JsonObject, rewriting: Rewriting): JsonObject {
  if (rewriting.left-- <= 0) return schema
  const { $ref: reference, ...beside } = schema
  if (reference !== undefined) {
    const name = nameOf(reference)
    const target = name === undefined ? undefined : rewriting.definitions[name]
    if (isObject(target) && name !== undefined && !rewriting.open.has(name) && contradicts(beside, target)) {
      rewriting.open.add(name)
      const inlined = rewritten(both(target, beside), rewriting)
      rewriting.open.delete(name)
      return inlined
    }
    return { $ref: reference, ...(isObject(target) && !contradicts(beside, target) && beside) }
  }
  return withKnownRequired(withSchemas(withAlternativesAlone(withOneType(schema)), rewriting))
}

/** Beside a reference there may be words that its target lacks: "conflicting keywords found after $ref expansion" (`CheckRefContext`). */
function contradicts(beside: JsonObject, target: JsonObject): boolean {
  return Object.keys(beside).some((name) => (name !== 'description' && name !== 'title') || name in target)
}

function withSchemas({ items, ...schema }: JsonObject, rewriting: Rewriting): JsonObject {
  const inner = (value: unknown): unknown => {
    if (value === true) return withType({})
    return isObject(value) ? rewritten(withType(value), rewriting) : value
  }
  /** What it holds of itself stays a reference. */
  const definition = (name: string, value: unknown): unknown => {
    rewriting.open.add(name)
    const done = inner(value)
    rewriting.open.delete(name)
    return done
  }
  const found: JsonObject = {}
  if (isObject(schema['properties'])) found['properties'] = mapped(schema['properties'], (_, value) => inner(value))
  if (isObject(schema['$defs'])) found['$defs'] = mapped(schema['$defs'], definition)
  for (const name of LISTS) {
    const list = schema[name]
    if (Array.isArray(list)) found[name] = list.map(inner)
  }
  const rest = schema['additionalProperties']
  if (isObject(rest)) found['additionalProperties'] = inner(rest)
  const element = oneOfItems(items)
  if (isObject(element)) found['items'] = inner(element)
  return { ...schema, ...found }
}

/** Without what is no object then: "property schema must be an object" (`ValidateProperties`). */
function mapped(schemas: JsonObject, change: (name: string, value: unknown) => unknown): JsonObject {
  const changed = Object.entries(schemas).map(([name, value]) => [name, change(name, value)] as const)
  return Object.fromEntries(changed.filter(([, value]) => isObject(value)))
}

/**
 * Elements by their place are elements of any of those: "items must be an object" (`ValidateItems`). Nothing where any element will do.
 */
function oneOfItems(items: unknown): unknown {
  if (!Array.isArray(items)) return items
  const texts = new Set(items.map((item) => JSON.stringify(item)))
  return texts.size > 1 ? { anyOf: items } : items.at(0)
}
