import type { JsonSchema } from '../../chat/index.ts'
import { isObject } from '../json.ts'
import { camelCase } from './reader.ts'

/** Counts that proto3 writes as text, being 64 bits wide. */
const COUNTS = new Set(['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties'])

/**
 * Gemini's `Schema` as the JSON Schema it stands for, which is what every other vendor takes: type names in lower case, `nullable`
 * as the type `null`, counts as numbers.
 */
export function jsonSchema(schema: Record<string, unknown>): JsonSchema {
  const out: JsonSchema = {}
  for (const [written, value] of Object.entries(schema)) {
    const name = camelCase(written)
    if (name === 'nullable') continue
    if (name === 'type' && typeof value === 'string') {
      if (value !== 'TYPE_UNSPECIFIED') out['type'] = value.toLowerCase()
    } else if (name === 'properties' && isObject(value)) {
      out['properties'] = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inward(inner)]))
    } else if (name === 'items') out['items'] = inward(value)
    else if (name === 'anyOf' && Array.isArray(value)) out['anyOf'] = value.map(inward)
    else if (COUNTS.has(name) && typeof value === 'string') out[name] = Number(value)
    else if (name === 'example') out['examples'] = [value]
    else if (name === 'format' && value === 'enum') continue
    else out[name] = value
  }
  const { type, enum: values } = out
  if (Array.isArray(values) && (type === 'integer' || type === 'number')) out['enum'] = values.map(Number)
  if (schema['nullable'] !== true) return out
  if (typeof type === 'string') out['type'] = [type, 'null']
  else if (Array.isArray(out['anyOf'])) out['anyOf'] = [...(out['anyOf'] as unknown[]), { type: 'null' }]
  if (Array.isArray(out['enum'])) out['enum'] = [...(out['enum'] as unknown[]), null]
  return out
}

function inward(value: unknown): unknown {
  return isObject(value) ? jsonSchema(value) : value
}
