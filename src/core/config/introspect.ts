import type { z } from 'zod'
import { orList } from '../text/or-list.ts'
import { kinds } from './fields.ts'

export type Schema = z.core.$ZodType

/** A schema without what stands around it: defaults, transforms, `optional`. It is the side that config is written in. */
export function unwrap(schema: Schema): z.core.$ZodTypes {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return unwrap(def.innerType)
    case 'pipe':
      return unwrap((def.in as z.core.$ZodTypes)._zod.def.type === 'transform' ? def.out : def.in)
    case 'lazy':
      return unwrap(def.getter())
    default:
      return schema as z.core.$ZodTypes
  }
}

/** The schema of what stands under `part`, if anything may. */
export function schemaUnder(schema: Schema | undefined, part: PropertyKey): Schema | undefined {
  if (!schema) return undefined
  const { def } = unwrap(schema)._zod
  switch (def.type) {
    case 'object':
      return Object.hasOwn(def.shape, part) ? def.shape[String(part)] : undefined
    case 'record':
      return def.valueType
    case 'array':
      return def.element
    case 'union':
      return def.options.map((option) => schemaUnder(option, part)).find((found) => found !== undefined)
    default:
      return undefined
  }
}

export function schemaAt(schema: Schema | undefined, path: readonly PropertyKey[]): Schema | undefined {
  return path.reduce(schemaUnder, schema)
}

/** The names that may stand under a schema; none for a record, where any may. */
export function namesOf(schema: Schema | undefined): string[] {
  if (!schema) return []
  const { def } = unwrap(schema)._zod
  if (def.type === 'object') return Object.keys(def.shape)
  return def.type === 'union' ? def.options.flatMap((option) => namesOf(option)) : []
}

/** Whether a schema, or one of a union's options, is of a type. */
export function accepts(schema: Schema | undefined, ...types: z.core.$ZodTypeDef['type'][]): boolean {
  if (!schema) return false
  const { def } = unwrap(schema)._zod
  return types.includes(def.type) || (def.type === 'union' && def.options.some((option) => accepts(option, ...types)))
}

/** What people call a schema's type: `number`, `list of text`, `"a" or "b"`. */
export function typeName(schema: Schema): string {
  const kind = kindOf(schema)
  if (kind !== undefined) return kind
  const { def } = unwrap(schema)._zod
  switch (def.type) {
    case 'string':
      return 'text'
    case 'number':
      return 'number'
    case 'boolean':
      return 'true or false'
    case 'array':
      return `list of ${typeName(def.element)}`
    case 'record':
      return `name: ${typeName(def.valueType)}`
    case 'object':
      return 'settings'
    case 'enum':
      return orList(Object.values(def.entries).map((value) => `\`${value}\``))
    case 'literal':
      return orList(def.values.map((value) => `\`${String(value)}\``))
    case 'union':
      return [...new Set(def.options.map((option) => typeName(option)))].join(' or ')
    default:
      return def.type
  }
}

/** The word a field was registered with, wherever in its wrapping that was. */
function kindOf(schema: Schema): string | undefined {
  const own = kinds.get(schema as z.ZodType)?.kind
  if (own !== undefined) return own
  const { def } = (schema as z.core.$ZodTypes)._zod
  if ('innerType' in def) return kindOf(def.innerType)
  return def.type === 'pipe' ? kindOf(def.in) : undefined
}

/** Whether what stands there, or one of the things that may, is a secret. */
export function isSecretField(schema: Schema): boolean {
  if (kindOf(schema) === 'secret') return true
  const { def } = unwrap(schema)._zod
  return def.type === 'union' && def.options.some((option) => isSecretField(option))
}
