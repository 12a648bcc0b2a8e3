import { isObject, listOf } from '../json.ts'
import type { JsonObject } from '../json.ts'

/**
 * Keywords that constrained output does not take. They are told in the description instead, so that the model still knows
 * them.
 *
 * Source: platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations; `transformJSONSchema`
 * in anthropics/anthropic-sdk-typescript src/lib/transform-json-schema.ts.
 */
const TOLD = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'maxItems',
  'uniqueItems',
  'minContains',
  'maxContains',
  'contains',
  'minProperties',
  'maxProperties',
  'patternProperties',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
] as const

const FORMATS = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid']

/** A schema in the subset that `output_config.format` and `strict` tools take. Every object is closed, as they demand. */
export function strictSchema(schema: JsonObject): JsonObject {
  const told: JsonObject = {}
  const written: JsonObject = {}
  for (const [name, value] of Object.entries(schema)) {
    if ((TOLD as readonly string[]).includes(name)) told[name] = value
    else if (name === 'format' && typeof value === 'string' && !FORMATS.includes(value)) told[name] = value
    else if (name === 'minItems' && value !== 0 && value !== 1) told[name] = value
    else if (name === 'oneOf' || name === 'anyOf') written['anyOf'] = [...listOf(written['anyOf']), ...schemas(value)]
    else if (name === 'allOf' || name === 'prefixItems') written[name] = schemas(value)
    else if (name === 'properties' || name === '$defs' || name === 'definitions') written[name] = named(value)
    else if (name === 'items') written[name] = Array.isArray(value) ? schemas(value) : nested(value)
    else if (name !== 'additionalProperties') written[name] = value
  }
  const open = schema['additionalProperties']
  if (isObject(open) || (open === true && !isObject(schema['properties']))) told['additionalProperties'] = open
  if (schema['type'] === 'object' || isObject(schema['properties'])) written['additionalProperties'] = false
  const words = Object.entries(told).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  if (words.length > 0) {
    const { description } = schema
    written['description'] = [...(typeof description === 'string' ? [description] : []), `{${words.join(', ')}}`].join(
      '\n',
    )
  }
  return written
}

function nested(value: unknown): unknown {
  return isObject(value) ? strictSchema(value) : value
}

function schemas(value: unknown): unknown[] {
  return listOf(value).map(nested)
}

function named(value: unknown): unknown {
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, nested(schema)]))
}
