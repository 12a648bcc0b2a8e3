import type { ChatRequest, ChatTool } from '../../chat/index.ts'
import { isObject, listOf, objects } from '../json.ts'
import type { JsonObject } from '../json.ts'

/**
 * What OpenAI's strict schemas may say (platform.openai.com/docs/guides/structured-outputs#supported-schemas). More is known of some models,
 * and refused by others.
 */
const WORDS = new Set([
  '$schema',
  'title',
  'description',
  'type',
  'enum',
  'const',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'anyOf',
  '$ref',
  '$defs',
  'definitions',
  'pattern',
  'format',
  'multipleOf',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minItems',
  'maxItems',
])

/** As in the same place. */
const FORMATS = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid']

/**
 * The request held to schemas only where OpenAI can be. Anthropic holds to others too, and its clients do not ask whether to: "Invalid
 * schema for response_format 'structured_output': In context=(), 'required' is required to be supplied and to be an array including every
 * key in properties. Missing 'nickname'." (BerriAI/litellm pull request 38211). Else the model is told of the schema. What OpenAI's own clients ask
 * for is theirs to get right.
 */
export function withOwnStrictness(chat: ChatRequest): ChatRequest {
  const { protocol, tools, responseFormat: format } = chat
  if (knowsOpenAI(protocol)) return chat
  const isLoose = format?.type === 'json_schema' && format.strict === true && !isStrict(format.schema)
  return {
    ...chat,
    ...(tools && { tools: tools.map(ownTool) }),
    ...(isLoose && { responseFormat: { ...format, strict: false } }),
  }
}

/** Whether a client writes by OpenAI's rules, so that it is its own affair to keep them. byok's own calls do. */
export function knowsOpenAI(protocol: string | undefined): boolean {
  return protocol === undefined || protocol.startsWith('openai-')
}

function ownTool(tool: ChatTool): ChatTool {
  return tool.type === 'function' && tool.strict === true && !isStrict(tool.parameters)
    ? { ...tool, strict: false }
    : tool
}

function isStrict(schema: JsonObject | undefined): boolean {
  return schema?.['type'] === 'object' && schema['anyOf'] === undefined && isHeldTo(schema)
}

function isHeldTo(schema: JsonObject): boolean {
  if (!Object.keys(schema).every((word) => WORDS.has(word))) return false
  const {
    type,
    properties,
    required,
    additionalProperties: more,
    format,
    items,
    anyOf,
    $ref,
    $defs,
    definitions,
  } = schema
  if ($ref !== undefined) return Object.keys(schema).length === 1
  if (format !== undefined && !(typeof format === 'string' && FORMATS.includes(format))) return false
  if (isObject(properties) || [type].flat().includes('object')) {
    const needed = listOf(required)
    const names = isObject(properties) ? Object.keys(properties) : []
    if (more !== false || !names.every((name) => needed.includes(name))) return false
  }
  const within = [properties, $defs, definitions].flatMap((map) => (isObject(map) ? Object.values(map) : []))
  return [...objects(within), ...objects(anyOf), ...objects([items])].every(isHeldTo)
}
