import { listOf } from './gemini-wire.ts'
import type { Json } from './gemini-wire.ts'

/** Fields of `Schema`, of ai.google.dev/api/caching#Schema. */
const SCHEMA = new Set([
  'type',
  'format',
  'title',
  'description',
  'nullable',
  'enum',
  'maxItems',
  'minItems',
  'properties',
  'required',
  'minProperties',
  'maxProperties',
  'minLength',
  'maxLength',
  'pattern',
  'example',
  'anyOf',
  'propertyOrdering',
  'default',
  'items',
  'minimum',
  'maximum',
])

export interface UnknownName {
  name: string
  at: string
  why?: string
}

/** Everything in a `Schema` that is none of its fields, with the path Google gives. */
export function unknownInSchema(schema: Json, at: string): UnknownName[] {
  const found: UnknownName[] = []
  for (const [name, value] of Object.entries(schema)) {
    if (!SCHEMA.has(name)) found.push({ name, at })
    else if (name === 'type' && Array.isArray(value)) {
      found.push({ name, at, why: 'Proto field is not repeating, cannot start list.' })
    }
  }
  Object.values<Json>(schema.properties ?? {}).forEach((inner, index) => {
    found.push(...unknownInSchema(inner, `${at}.properties[${index}].value`))
  })
  if (schema.items) found.push(...unknownInSchema(schema.items, `${at}.items`))
  listOf(schema.anyOf).forEach((inner, index) => {
    found.push(...unknownInSchema(inner, `${at}.any_of[${index}]`))
  })
  return found
}

/** What a `Schema` of known fields may still have wrong. */
export function faultInSchema(schema: Json, at: string): string | undefined {
  const values: unknown[] = schema.enum ?? []
  const wrong = values.findIndex((value) => typeof value !== 'string')
  if (wrong !== -1) return `Invalid value at '${at}.enum[${wrong}]' (TYPE_STRING), ${JSON.stringify(values[wrong])}`
  // sbroenne/mcp-server-excel issue 607.
  const empty = values.indexOf('')
  if (empty !== -1) return `* GenerateContentRequest.${at}.enum[${empty}]: cannot be empty`
  const properties: Json = schema.properties ?? {}
  if (typeOf(schema) === 'object' && schema.properties && Object.keys(properties).length === 0) {
    return `* GenerateContentRequest.${at}.properties: should be non-empty for OBJECT type`
  }
  if (typeOf(schema) === 'array' && !schema.items) {
    return `* GenerateContentRequest.${at}.items: missing field.`
  }
  for (const [index, name] of ((schema.required ?? []) as string[]).entries()) {
    if (!(name in properties)) return `* GenerateContentRequest.${at}.required[${index}]: property is not defined`
  }
  for (const [name, inner] of Object.entries<Json>(properties)) {
    const fault = faultInSchema(inner, `${at}.properties[${name}]`)
    if (fault) return fault
  }
  return schema.items ? faultInSchema(schema.items, `${at}.items`) : undefined
}

function typeOf({ type }: Json): string {
  return String(type).toLowerCase()
}

/** What `responseJsonSchema` and `parametersJsonSchema` understand (GenerateContentConfig.responseJsonSchema in @google/genai). */
const JSON_SCHEMA = new Set([
  // Not among those, and nothing to heed: which JSON Schema it is. @ai-sdk/google 4 has it in its tools.
  '$schema',
  '$id',
  '$defs',
  '$ref',
  '$anchor',
  'type',
  'format',
  'title',
  'description',
  'enum',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'anyOf',
  'oneOf',
  'properties',
  'additionalProperties',
  'required',
  'propertyOrdering',
])

/**
 * Keywords outside of that. The API takes them and does as if they were not there; here they are a fault, for whoever sends them
 * believes they count.
 */
export function ignoredKeywords(schema: unknown, at: string): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { properties = {}, items, prefixItems = [], anyOf = [], additionalProperties } = schema as Json
  const own = Object.keys(schema).filter((name) => !JSON_SCHEMA.has(name))
  return [
    ...own.map((name) => `${at}.${name}`),
    ...Object.entries(properties as Json).flatMap(([name, inner]) => ignoredKeywords(inner, `${at}.${name}`)),
    ...[items, ...prefixItems, ...anyOf, additionalProperties].flatMap((inner) => ignoredKeywords(inner, at)),
  ]
}
