import { isObject, listOf } from '../../../kit.ts'
import type { JsonObject } from '../../../kit.ts'
import { hasType } from './types.ts'

/** What may stand beside `anyOf`: words for people, and what belongs to the whole. */
const BESIDE = ['description', 'title', '$defs', '$id']

/** What says nothing of which values are right. Beside a reference it is left out: the reference has its own. */
const NOTES = ['type', 'examples', 'deprecated', 'readOnly', 'writeOnly', '$comment', '$schema', 'nullable']

/**
 * A schema whose `anyOf` stands alone: what stood beside it is in each of the alternatives. Kimi refuses it otherwise: "when using anyOf,
 * type should be defined in anyOf items instead of the parent schema", "conflicting keywords found in anyOf with parent". MCP servers
 * send such (`{type: 'object', properties, anyOf: [{required}, {required}]}`): MoonshotAI/kimi-code issue 2661, openclaw/openclaw pull
 * request 113462.
 *
 * Source: MoonshotAI/walle, validator.go `TraverseSchema`, `CheckAnyOfConflicts`; keyword_validators.go `ValidateAnyOf`.
 */
export function withAlternativesAlone(schema: JsonObject): JsonObject {
  const { anyOf, default: preset, ...rest } = schema
  if (!Array.isArray(anyOf)) return schema
  const alternatives = anyOf.filter(isObject)
  if (alternatives.length === 0) return { ...rest, ...(preset !== undefined && { default: preset }) }
  const [beside, shared] = split(rest)
  const distributed = alternatives.map((alternative) => both(shared, alternative))
  return { ...beside, anyOf: preset === undefined ? distributed : withDefault(distributed, preset) }
}

/** The first that takes it has it. */
function withDefault(alternatives: JsonObject[], preset: unknown): JsonObject[] {
  const home = alternatives.findIndex(({ type }) => typeof type === 'string' && hasType(preset, type))
  return alternatives.map((alternative, index) => (index === home ? { default: preset, ...alternative } : alternative))
}

function split(schema: JsonObject): [beside: JsonObject, shared: JsonObject] {
  const entries = Object.entries(schema)
  const isBeside = ([name]: [string, unknown]) => BESIDE.includes(name)
  return [Object.fromEntries(entries.filter(isBeside)), Object.fromEntries(entries.filter((entry) => !isBeside(entry)))]
}

/** What fulfils one and the other; where both speak of the same, `alternative` says it more closely. */
export function both(shared: JsonObject, alternative: JsonObject): JsonObject {
  const { type: _, ...untyped } = shared
  const typed = ['type', 'anyOf', '$ref'].some((name) => name in alternative)
  const common = typed && !('anyOf' in alternative) ? untyped : shared
  if ('$ref' in alternative && Object.keys(common).every((name) => NOTES.includes(name))) return alternative
  const properties = merged(common['properties'], alternative['properties'])
  const required = [...listOf(common['required']), ...listOf(alternative['required'])]
  return {
    ...common,
    ...alternative,
    ...(properties && { properties }),
    ...(required.length > 0 && { required: [...new Set(required)] }),
  }
}

function merged(one: unknown, other: unknown): JsonObject | undefined {
  if (!isObject(one)) return isObject(other) ? other : undefined
  return isObject(other) ? { ...one, ...other } : one
}
