type Schema = Record<string, unknown>

const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']
const MAPS = ['properties', '$defs', 'definitions', 'patternProperties']

/**
 * What in a schema is not as draft 2020-12 has it, in the words of Python's `jsonschema`, which OpenAI gives on
 * (smallmain/vscode-unify-chat-provider issue 162, blurrah/mcp-graphql issue 14, CherryHQ/cherry-studio issue 4188).
 */
export function schemaFault(value: unknown): string | undefined {
  if (typeof value === 'boolean') return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `${JSON.stringify(value)} is not of type 'object', 'boolean'`
  }
  const schema = value as Schema
  const { type, required, anyOf } = schema
  const types: unknown[] = [type ?? []].flat()
  const stranger = types.find((name) => typeof name !== 'string' || !TYPES.includes(name))
  if (stranger !== undefined) return `${JSON.stringify(stranger)} is not valid under any of the given schemas`
  if (required !== undefined && !Array.isArray(required)) return `${JSON.stringify(required)} is not of type 'array'`
  if (Array.isArray(required) && new Set(required).size < required.length) {
    return `${JSON.stringify(required)} has non-unique elements`
  }
  for (const name of ['exclusiveMinimum', 'exclusiveMaximum', 'minimum', 'maximum']) {
    if (name in schema && typeof schema[name] !== 'number') return `${String(schema[name])} is not of type 'number'`
  }
  for (const name of ['description', 'title', 'format', 'pattern']) {
    if (name in schema && typeof schema[name] !== 'string') return `${String(schema[name])} is not of type 'string'`
  }
  if (Array.isArray(anyOf) && anyOf.length === 0) return '[] should be non-empty'
  const maps = MAPS.flatMap((name) => (name in schema ? Object.values(schema[name] as Schema) : []))
  const lists = ['anyOf', 'oneOf', 'allOf', 'prefixItems'].flatMap((name) => schema[name] ?? [])
  const alone = ['items', 'additionalProperties', 'not'].flatMap((name) => (name in schema ? [schema[name]] : []))
  // A list among them stands where a schema must: a tuple of older drafts.
  for (const inner of [...maps, ...lists, ...alone]) {
    const fault = schemaFault(inner)
    if (fault !== undefined) return fault
  }
  return undefined
}
