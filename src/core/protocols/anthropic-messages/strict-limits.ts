import type { ChatRequest } from '../../chat/index.ts'
import { isObject, listOf } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { referred } from '../schema/reference.ts'

/**
 * How much one request may hold Claude to, all its strict tools and the format of its answer together: "Too many strict tools (21). The
 * maximum number of strict tools supported is 20", "Schemas contains too many optional parameters (25) … (limit: 24)", "Schemas contains too
 * many parameters with union types (17 parameters with type arrays or anyOf) … (limit: 16 parameters with unions)". OpenAI's own strict
 * schemas say by such a union what is optional.
 *
 * Sources: camel-ai/camel pull request 4171, elizaOS/eliza issue 16499, vercel/ai pull request 17268. That schemas that hold themselves are refused:
 * platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations.
 */
const MOST = { tools: 20, optional: 24, unions: 16 }

interface Size {
  optional: number
  unions: number
}

/**
 * Whether Claude can be held to the format of the answer, and to the schemas of tools beside it. Else the format is told in words, and the
 * tools are offered as others are.
 */
export function strictRoom({ responseFormat, tools = [] }: ChatRequest): { format: boolean; tools: boolean } {
  const asked = responseFormat?.type === 'json_schema' ? responseFormat.schema : undefined
  const format = asked === undefined || fits([asked])
  const strict = tools.flatMap((tool) =>
    tool.type === 'function' && tool.strict === true ? [tool.parameters ?? {}] : [],
  )
  const beside = asked !== undefined && format ? [asked] : []
  return { format, tools: strict.length <= MOST.tools && fits([...beside, ...strict]) }
}

function fits(schemas: JsonObject[]): boolean {
  const size: Size = { optional: 0, unions: 0 }
  for (const schema of schemas) measure(schema, size)
  if (size.optional > MOST.optional || size.unions > MOST.unions) return false
  return !schemas.some((schema) => holdsItself(schema, schema, new Set(), new Set()))
}

function measure(value: unknown, size: Size): void {
  if (Array.isArray(value)) return value.forEach((part) => measure(part, size))
  if (!isObject(value)) return
  const { type, anyOf, oneOf, properties, required } = value
  if (Array.isArray(type) || Array.isArray(anyOf) || Array.isArray(oneOf)) size.unions++
  if (isObject(properties)) {
    const needed = listOf(required)
    size.optional += Object.keys(properties).filter((name) => !needed.includes(name)).length
  }
  for (const inner of schemasIn(value)) measure(inner, size)
}

function holdsItself(value: unknown, root: JsonObject, open: ReadonlySet<string>, done: Set<string>): boolean {
  if (Array.isArray(value)) return value.some((part) => holdsItself(part, root, open, done))
  if (!isObject(value)) return false
  const { $ref: reference } = value
  if (typeof reference === 'string' && !done.has(reference)) {
    if (reference === '#' || open.has(reference)) return true
    if (holdsItself(referred(reference, root), root, new Set([...open, reference]), done)) return true
    done.add(reference)
  }
  return schemasIn(value).some((inner) => holdsItself(inner, root, open, done))
}

const MAPS = ['properties', '$defs', 'definitions']

/** The schemas within one, single ones and lists of them. */
function schemasIn(schema: JsonObject): unknown[] {
  const named = MAPS.flatMap((name) => (isObject(schema[name]) ? Object.values(schema[name]) : []))
  const { items, prefixItems, anyOf, oneOf, allOf, additionalProperties } = schema
  return [...named, items, prefixItems, anyOf, oneOf, allOf, additionalProperties]
}
