import { isObject, schemaAt, stepsOf } from '../../../kit.ts'
import type { JsonObject } from '../../../kit.ts'

const PREFIX = '#/$defs/'

/** The name that a reference has among the definitions. */
export function nameOf(reference: unknown): string | undefined {
  return typeof reference === 'string' && reference.startsWith(PREFIX) ? reference.slice(PREFIX.length) : undefined
}

/**
 * A schema all of whose references are to its own `$defs`, the only ones Kimi takes ("references must start with #/$defs/"): older
 * drafts have `definitions`, and generators refer to wherever a schema stood first (`#/properties/from`).
 *
 * Source: MoonshotAI/walle, keyword_validators.go `ValidateRef`, `ValidateDefs`.
 */
export function withDefinitions(root: JsonObject): JsonObject {
  const { definitions, $defs, ...rest } = root
  const found = new Map<string, unknown>()
  const own = { ...(isObject(definitions) && definitions), ...(isObject($defs) && $defs) }
  for (const [name, schema] of Object.entries(own)) found.set(safe(name), schema)
  // What is found on the way may refer to more.
  const body = renamed(rest, root, found)
  const defs: JsonObject = {}
  for (const [name, schema] of found) defs[name] = renamed(schema, root, found)
  return found.size > 0 ? { ...(body as JsonObject), $defs: defs } : (body as JsonObject)
}

/** Names have no slash: "$defs property name '…' cannot contain '/' character". */
const safe = (name: string) => name.replaceAll('/', '_')

function renamed(value: unknown, root: JsonObject, found: Map<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, root, found))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (key !== '$ref' || typeof inner !== 'string') return [[key, renamed(inner, root, found)]]
      const reference = referenceTo(inner, root, found)
      return reference === undefined ? [] : [[key, reference]]
    }),
  )
}

/** Nothing where it leads nowhere, or out of the document. */
function referenceTo(reference: string, root: JsonObject, found: Map<string, unknown>): string | undefined {
  if (reference === '#') return reference
  const steps = stepsOf(reference) ?? []
  const [first, ...path] = steps
  if (first === undefined) return undefined
  const isDefinition = (first === '$defs' || first === 'definitions') && path.length === 1
  const name = safe(isDefinition ? (path[0] ?? '') : steps.join('_'))
  if (!found.has(name)) {
    const schema = schemaAt(steps, root)
    if (!schema) return undefined
    found.set(name, schema)
  }
  return `${PREFIX}${name}`
}
