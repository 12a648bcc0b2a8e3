import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'

/** Fields that hold a schema, or some: alone, in a list, or by names. */
const SCHEMAS = ['items', 'additionalProperties', 'anyOf', 'oneOf', 'allOf', 'prefixItems', 'not']
const MAPS = ['properties', 'patternProperties', '$defs', 'definitions']

type Change = (schema: JsonObject) => JsonObject

/** A schema with all in it changed, itself too; the same where nothing is to be changed, as in nearly all. */
export function changeSchemas(schema: JsonObject, change: Change): JsonObject {
  let whole = change(schema)
  for (const name of SCHEMAS) {
    const inner = within(whole[name], change)
    if (inner !== whole[name]) whole = { ...whole, [name]: inner }
  }
  for (const name of MAPS) {
    const map = whole[name]
    if (!isObject(map)) continue
    const entries = Object.entries(map).map(([key, value]) => [key, within(value, change)] as const)
    if (entries.some(([key, value]) => value !== map[key])) whole = { ...whole, [name]: Object.fromEntries(entries) }
  }
  return whole
}

function within(value: unknown, change: Change): unknown {
  if (isObject(value)) return changeSchemas(value, change)
  if (!Array.isArray(value)) return value
  const list: unknown[] = value.map((item: unknown) => within(item, change))
  return list.some((item, index) => item !== value[index]) ? list : value
}
