import { isObject } from '../../../kit.ts'
import type { JsonObject } from '../../../kit.ts'

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
 * A schema within another one, with a type: Kimi answers 400 `At path 'properties.X': type is not defined` to one without, which JSON
 * Schema allows and many MCP servers send.
 *
 * Source: MoonshotAI/kimi-cli, packages/kosong/src/kosong/utils/jsonschema.py, `ensure_property_types`: what it leaves alone, and what
 * tells a type.
 */
export function withType(schema: JsonObject): JsonObject {
  return 'type' in schema || SHAPES.some((name) => name in schema) ? schema : { type: typeOf(schema), ...schema }
}

function typeOf(schema: JsonObject): string | string[] {
  const { enum: values } = schema
  if (Array.isArray(values) && values.length > 0) return typeOfValues(values)
  if ('const' in schema) return typeOfValues([schema['const']])
  return KEYWORDS.find(([, keywords]) => keywords.some((name) => name in schema))?.[0] ?? 'string'
}

function typeOfValues(values: unknown[]): string | string[] {
  const types = new Set(values.map(typeOfValue))
  if (types.has('number')) types.delete('integer')
  const [type = 'string', ...more] = types
  return more.length === 0 ? type : [type, ...more]
}

function typeOfValue(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

/** Whether a value is of a type; an integer is a number too. */
export function hasType(value: unknown, type: string): boolean {
  return type === typeOfValue(value) || (type === 'number' && typeof value === 'number')
}

/** What each type of a list of types keeps of the words beside it, where they tell it at all. */
function ofType(type: string, beside: JsonObject): JsonObject {
  const kind = type === 'integer' ? 'number' : type
  const others = KEYWORDS.flatMap(([name, keywords]) => (name === kind ? [] : keywords))
  const own = Object.entries(beside).filter(([name]) => !others.includes(name))
  const { enum: values, default: preset, ...rest } = Object.fromEntries(own)
  return {
    type,
    ...rest,
    ...(Array.isArray(values) && { enum: values.filter((value) => hasType(value, type)) }),
    ...(preset !== undefined && hasType(preset, type) && { default: preset }),
  }
}

/** A tool's parameters are an object, where they do not say. */
export function withRootType(schema: JsonObject): JsonObject {
  return 'type' in schema || SHAPES.some((name) => name in schema) ? schema : { type: 'object', ...schema }
}

/**
 * A schema whose `type` is one, or a list with nothing beside it but words for people; any other list is alternatives, and an `enum` has
 * values of its own type alone. Kimi refuses what else there is: "keyword … is not allowed in combination with multiple types", "enum value
 * (…) does not match any type".
 *
 * Source: MoonshotAI/walle, validator.go `validateTypeAndKeywords`, keyword_validators.go `ValidateEnum`.
 */
export function withOneType(schema: JsonObject): JsonObject {
  const { type, description, title, ...beside } = schema
  if ('anyOf' in schema) return schema
  if (typeof type === 'string') return withOwnValues(schema, type)
  if (!Array.isArray(type)) return schema
  const types = [...new Set(type.filter((name) => typeof name === 'string'))]
  const [first, ...more] = types
  if (first === undefined) return schema
  if (more.length === 0) return withOwnValues({ ...schema, type: first }, first)
  const told = { ...(description !== undefined && { description }), ...(title !== undefined && { title }) }
  if (Object.keys(beside).length === 0) return { type: types, ...told }
  const { enum: values } = beside
  const possible = Array.isArray(values) ? types.filter((name) => values.some((value) => hasType(value, name))) : types
  const [only, ...others] = possible.map((name) => ofType(name, beside))
  if (!only) return { ...told, ...withoutValues(schema), type: first }
  return others.length === 0 ? { ...told, ...only } : { ...told, anyOf: [only, ...others] }
}

/** An `enum` that says nothing of its own type says nothing. */
function withOwnValues(schema: JsonObject, type: string): JsonObject {
  const { enum: values } = schema
  if (values === undefined) return schema
  const own = Array.isArray(values) ? values.filter((value) => hasType(value, type)) : []
  return own.length > 0 ? { ...schema, enum: own } : withoutValues(schema)
}

function withoutValues({ enum: _, ...schema }: JsonObject): JsonObject {
  return schema
}

/** `required` names properties that are there: "required property '…' is not defined in properties" (`ValidateRequired`). */
export function withKnownRequired(schema: JsonObject): JsonObject {
  const { required, ...rest } = schema
  if (required === undefined) return schema
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const known = Array.isArray(required) ? required.filter((name) => Object.hasOwn(properties, String(name))) : []
  return known.length > 0 ? { ...rest, required: [...new Set(known)] } : rest
}
