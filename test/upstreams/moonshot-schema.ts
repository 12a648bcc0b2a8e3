import type { WireObject } from './openai-chat.ts'

/**
 * What Moonshot's server finds wrong with a schema, in its words; nothing where it takes it.
 *
 * Source: MoonshotAI/walle, validator.go and keyword_validators.go, at the level `ultra`, with the stricter rule of references that was
 * there until June 2026 (97488ae), and `type is not defined` of MoonshotAI/kimi-cli, packages/kosong/src/kosong/utils/jsonschema.py.
 */
export function moonshotFault(schema: WireObject): string | undefined {
  const fault = faultIn(schema, [], schema)
  return fault && `tools.function.parameters is not a valid moonshot flavored json schema, details: <${fault}>`
}

const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']
const FOR_PEOPLE = ['description', 'title']
const FOR_THE_ROOT = ['$defs', '$id']
const RESERVED = ['$defs', '$ref', 'anyOf', 'required', 'additionalProperties']

function faultIn(schema: WireObject, path: string[], root: WireObject): string | undefined {
  const at = `At path '${path.length === 0 ? 'root' : path.join('.')}'`
  const { type, anyOf, $ref: ref, required, enum: values, properties, items, $defs: defs } = schema
  const beside = (name: string) =>
    Object.keys(schema).find(
      (key) => key !== name && !FOR_PEOPLE.includes(key) && !(path.length === 0 && FOR_THE_ROOT.includes(key)),
    )
  if (type !== undefined && anyOf !== undefined) {
    return `${at}: when using anyOf, type should be defined in anyOf items instead of the parent schema`
  }
  if (type !== undefined && ref !== undefined) {
    return `${at}: when using $ref, type should be defined in the referenced schema instead of the parent schema`
  }
  for (const name of ['anyOf', '$ref']) {
    const other = name in schema ? beside(name) : undefined
    if (other !== undefined) return `${at}: keyword '${other}' is not allowed at the same level as ${name}`
  }
  if (ref !== undefined) {
    if (ref !== '#' && !String(ref).startsWith('#/$defs/')) return `${at}: references must start with #/$defs/`
    const steps = String(ref).split('/').slice(1)
    const target = steps.reduce<WireObject | undefined>((at, step) => at?.[step], root)
    if (!target) return `${at}: invalid $ref path: ${ref}`
    const twice = FOR_PEOPLE.find((name) => name in schema && name in target)
    if (twice) return `${at}: conflicting keywords found after $ref expansion: ${twice}`
  }
  if (Array.isArray(type) && type.length > 1) {
    const other = beside('type')
    const ofValues = values !== undefined && type.length === 2 && type.includes('null')
    if (other !== undefined && !ofValues) {
      return `${at}: keyword ${other} is not allowed in combination with multiple types`
    }
  }
  if (type !== undefined && [type].flat().some((name) => !TYPES.includes(name))) return `${at}: invalid type`
  if (values !== undefined) {
    if (type === undefined) return `${at}: type is not defined`
    const strange = values.find((value: unknown) => ![type].flat().some((name) => hasType(value, name)))
    if (strange !== undefined)
      return `${at}: enum value (${strange}) does not match any type in [${[type].flat().join(' ')}]`
  }
  if (required !== undefined && required.length > 0) {
    if (String(type) !== 'object') return `${at}: required keyword must be used with object`
    const unknown = required.find((name: string) => !Object.hasOwn(properties ?? {}, name))
    if (unknown !== undefined) return `${at}: required property '${unknown}' is not defined in properties`
    if (new Set(required).size < required.length) return `${at}: duplicate items in required array`
  }
  if (items !== undefined && (Array.isArray(items) || typeof items !== 'object'))
    return `${at}: items must be an object`
  const reserved = Object.keys(properties ?? {}).find((name) => RESERVED.includes(name))
  if (reserved !== undefined) return `${at}: property name '${reserved}' is reserved for JSON Schema keywords`
  return faultBelow(schema, path, root, { defs })
}

function faultBelow(schema: WireObject, path: string[], root: WireObject, { defs }: { defs: WireObject | undefined }) {
  const { properties = {}, items, additionalProperties: rest, anyOf = [] } = schema
  const below: [kind: string, name: string, value: unknown][] = [
    ...Object.entries(defs ?? {}).map(([name, value]): [string, string, unknown] => ['$defs', name, value]),
    ...Object.entries(properties).map(([name, value]): [string, string, unknown] => ['properties', name, value]),
    ['', 'items', items],
    ['', 'additionalProperties', rest],
    ...anyOf.map((value: unknown, index: number): [string, string, unknown] => ['', `anyOf{${index}}`, value]),
  ]
  for (const [kind, name, value] of below) {
    const to = [...path, ...(kind === '' ? [] : [kind]), name]
    if (kind === 'properties' && (typeof value !== 'object' || value === null)) {
      return `At path '${to.join('.')}': property schema must be an object`
    }
    if (typeof value !== 'object' || value === null) continue
    if (kind === '$defs' && name.includes('/')) return `$defs property name '${name}' cannot contain '/' character`
    const isAny = kind === '' && name === 'additionalProperties' && Object.keys(value).length === 0
    if (!isAny && !SHAPES.some((name) => name in value)) return `At path '${to.join('.')}': type is not defined`
    const fault: string | undefined = faultIn(value, to, root)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** What tells a shape: one of these has to be there. */
const SHAPES = ['type', 'anyOf', 'oneOf', 'allOf', 'not', 'if', 'then', 'else', '$ref']

function hasType(value: unknown, type: string): boolean {
  if (value === null) return type === 'null'
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}
