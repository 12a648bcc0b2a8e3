import type { JsonObject } from '../../core/json.ts'
import { isObject } from '../../core/json.ts'

/** The fields of a schema that hold schemas: by names, in a list, and alone. */
const MAPS = ['properties', '$defs', 'definitions']
const LISTS = ['items', 'anyOf', 'oneOf', 'allOf']
const ONES = ['items', 'additionalProperties']

/** What tells a schema's shape without a type. */
const SHAPES = ['anyOf', 'oneOf', 'allOf', 'not', 'if', 'then', 'else', '$ref']

/** Keywords that only one type has; the first that is there tells it. */
const KEYWORDS: readonly [type: string, keywords: readonly string[]][] = [
  [
    'object',
    [
      'properties',
      'additionalProperties',
      'patternProperties',
      'propertyNames',
      'required',
      'minProperties',
      'maxProperties',
    ],
  ],
  ['array', ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems', 'contains']],
  ['string', ['minLength', 'maxLength', 'pattern', 'format']],
  ['number', ['minimum', 'maximum', 'multipleOf', 'exclusiveMinimum', 'exclusiveMaximum']],
]

/**
 * A tool's parameters with a type on every property: Kimi answers 400 `At path 'properties.X': type is not defined` to one without,
 * which JSON Schema allows and many MCP servers send.
 *
 * Source: MoonshotAI/kimi-cli, packages/kosong/src/kosong/utils/jsonschema.py, `ensure_property_types`: where it looks, what it
 * leaves alone, and what tells a type. It resolves references first; byok keeps them, and gives types to what they name.
 */
export function withTypes(schema: JsonObject): JsonObject {
  const typed = { ...schema }
  for (const name of MAPS) {
    const map = schema[name]
    if (isObject(map)) typed[name] = Object.fromEntries(Object.entries(map).map(([key, value]) => [key, typeOn(value)]))
  }
  for (const name of LISTS) {
    const list = schema[name]
    if (Array.isArray(list)) typed[name] = list.map(typeOn)
  }
  for (const name of ONES) if (isObject(schema[name])) typed[name] = typeOn(schema[name])
  return typed
}

function typeOn(schema: unknown): unknown {
  if (!isObject(schema)) return schema
  const typed = withTypes(schema)
  return 'type' in schema || SHAPES.some((name) => name in schema) ? typed : { type: typeOf(schema), ...typed }
}

function typeOf(schema: JsonObject): string {
  const { enum: values } = schema
  if (Array.isArray(values) && values.length > 0) return typeOfValues(values)
  if ('const' in schema) return typeOfValues([schema['const']])
  return KEYWORDS.find(([, keywords]) => keywords.some((name) => name in schema))?.[0] ?? 'string'
}

/** Kimi does not hold values of several types against `string`. */
function typeOfValues(values: unknown[]): string {
  const types = new Set(values.map(typeOfValue))
  if (types.has('number')) types.delete('integer')
  const [type, ...more] = types
  return type !== undefined && more.length === 0 ? type : 'string'
}

function typeOfValue(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}
