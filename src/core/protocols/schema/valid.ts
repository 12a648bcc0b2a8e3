import { isObject, listOf } from '../json.ts'
import type { JsonObject } from '../json.ts'

/** Names of types by what they mean: JSON Schema's own, and others that servers of tools write. Any other name says nothing. */
const TYPES = new Map<string, string>([
  ...['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'].map((name): [string, string] => [
    name,
    name,
  ]),
  ['int', 'integer'],
  ['long', 'integer'],
  ['float', 'number'],
  ['double', 'number'],
  ['bool', 'boolean'],
  ['str', 'string'],
  ['text', 'string'],
  ['list', 'array'],
  ['dict', 'object'],
  ['map', 'object'],
])

/** What else a keyword must be. Draft 2020-12, json-schema.org/draft/2020-12/schema and the vocabularies it names. */
const TEXTS = ['title', 'description', 'format', 'pattern', '$ref', '$schema', '$id', '$comment']
const NUMBERS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']
const COUNTS = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties']
const FLAGS = ['uniqueItems', 'deprecated', 'readOnly', 'writeOnly']
const LISTS = ['enum', 'examples']
const SCHEMAS = ['items', 'additionalProperties', 'contains', 'propertyNames', 'not', 'if', 'then', 'else']
const SCHEMA_LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems']
const SCHEMA_MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']

/**
 * A schema that is one by draft 2020-12, as Claude and OpenAI demand: they refuse a request for one keyword of one tool that is not as it
 * must be. Older drafts' words are written anew (tuples, exclusive bounds, `required` on a property); what nobody can read is left out.
 * Itself where all is well, as nearly always.
 *
 * Sources: kintone/mcp-server issue 553 (tuples, in Claude's words), zanetworker/mcp-docling issue 5 and blurrah/mcp-graphql issue 14 (types,
 * in Claude's and OpenAI's), smallmain/vscode-unify-chat-provider issue 162 and CherryHQ/cherry-studio issue 4188 (a property that is a text, and
 * `required: true`, in OpenAI's).
 */
export function validSchema(schema: JsonObject): JsonObject {
  const changes = Object.entries(schema).flatMap(([name, value]) => changed(name, value, schema))
  const required = requiredIn(schema)
  if (required !== schema['required']) changes.push(['required', required])
  if (changes.length === 0) return schema
  const all = { ...schema, ...Object.fromEntries(changes) }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

type Change = [name: string, value: unknown]

/** What a keyword becomes, and any beside it; nothing where it may stay. */
function changed(name: string, value: unknown, schema: JsonObject): Change[] {
  const leftOut: Change[] = [[name, undefined]]
  if (name === 'type') return differing(name, value, typeOf(value))
  if (name === 'items' && Array.isArray(value)) {
    return [
      ['prefixItems', value.map(validPart)],
      ['items', within(schema['additionalItems'])],
      ['additionalItems', undefined],
    ]
  }
  if ((name === 'exclusiveMinimum' || name === 'exclusiveMaximum') && typeof value === 'boolean') {
    const bound = schema[name === 'exclusiveMinimum' ? 'minimum' : 'maximum']
    return value && typeof bound === 'number' ? [[name, bound]] : leftOut
  }
  if (TEXTS.includes(name)) return typeof value === 'string' ? [] : leftOut
  if (NUMBERS.includes(name)) return typeof value === 'number' ? [] : leftOut
  if (COUNTS.includes(name)) return Number.isInteger(value) ? [] : leftOut
  if (FLAGS.includes(name)) return typeof value === 'boolean' ? [] : leftOut
  if (LISTS.includes(name)) return Array.isArray(value) ? [] : leftOut
  if (SCHEMAS.includes(name)) return differing(name, value, within(value))
  if (SCHEMA_LISTS.includes(name)) {
    return Array.isArray(value) && value.length > 0
      ? differing(name, value, same(value, value.map(validPart)))
      : leftOut
  }
  if (!SCHEMA_MAPS.includes(name)) return []
  if (!isObject(value)) return leftOut
  const inner = Object.entries(value).map(([key, part]): Change => [key, validPart(part)])
  return inner.every(([key, part]) => part === value[key]) ? [] : [[name, Object.fromEntries(inner)]]
}

function differing(name: string, before: unknown, after: unknown): Change[] {
  return before === after ? [] : [[name, after]]
}

function same(before: unknown[], after: unknown[]): unknown[] {
  return after.every((value, index) => value === before[index]) ? before : after
}

/** A schema within, or nothing where it is none. */
function within(value: unknown): unknown {
  return isObject(value) || typeof value === 'boolean' ? validPart(value) : undefined
}

/** A schema where one has to stand. One of draft 3 says of itself whether it is required, which {@link requiredIn} reads. */
function validPart(value: unknown): unknown {
  if (typeof value === 'boolean') return value
  return isObject(value) ? validSchema(value) : {}
}

function typeOf(value: unknown): unknown {
  if (typeof value === 'string') return TYPES.get(value.toLowerCase())
  if (!Array.isArray(value)) return undefined
  const known = value.map((name) => (typeof name === 'string' ? TYPES.get(name.toLowerCase()) : undefined))
  // One that may be anything makes the whole that.
  if (known.length === 0 || known.includes(undefined)) return undefined
  const names = [...new Set(known)]
  return names.length === value.length ? same(value, names) : names
}

/** The names that an object requires: those it lists, each once, and those of properties that say so of themselves. */
function requiredIn({ required, properties }: JsonObject): unknown {
  const listed = listOf(required)
  const own = isObject(properties)
    ? Object.entries(properties).filter(([, part]) => isObject(part) && part['required'] === true)
    : []
  const names = [...new Set([...listed.filter((name) => typeof name === 'string'), ...own.map(([name]) => name)])]
  if (Array.isArray(required) && names.length === required.length && own.length === 0) return required
  return names.length > 0 ? names : undefined
}
