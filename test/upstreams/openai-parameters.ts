import { schemaFault } from './json-schema.ts'
import type { WireObject } from './openai-chat-check.ts'

/**
 * What OpenAI finds wrong with a function's parameters, in its words.
 *
 * Sources: nspady/google-calendar-mcp issue 39 (combinations at the root), ericc-ch/copilot-api pull request 192 (no `properties`),
 * ogx-ai/ogx pull request 3602 (no `items`), raine/claude-code-proxy issue 141 (patterns), vercel/ai pull request 21037 (those of strict
 * tools).
 */
export function parametersFault(name: string, parameters: WireObject, strict = false): string | undefined {
  const patterns = patternsIn(parameters)
  if (strict && patterns.some((pattern) => /\(\?<?[=!]/.test(pattern))) {
    return 'Invalid JSON schema: regex lookaround is not supported.'
  }
  // Python's `re` knows neither.
  const odd = patterns.find((pattern) => /\\p\{|\(\?<\w/.test(pattern))
  const fault = odd === undefined ? faultOf(parameters) : `'${odd}' is not a 'regex'.`
  return fault && `Invalid schema for function '${name}': ${fault}`
}

/** What OpenAI finds wrong with a schema that it is to hold a model to, in its words (BerriAI/litellm pull request 38211). */
export function strictFault(schema: unknown, path: string[] = []): string | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined
  const { type, properties, required = [], additionalProperties, items, anyOf = [] } = schema as WireObject
  const context = `In context=(${path.map((step) => `'${step}'`).join(', ')}), `
  if (type === 'object' && additionalProperties !== false) {
    return `${context}'additionalProperties' is required to be supplied and to be false.`
  }
  const optional = Object.keys(properties ?? {}).find((name) => !(required as string[]).includes(name))
  if (optional !== undefined) {
    return `${context}'required' is required to be supplied and to be an array including every key in properties. Missing '${optional}'.`
  }
  const within: [string[], unknown][] = [
    ...Object.entries(properties ?? {}).map(([name, one]): [string[], unknown] => [['properties', name], one]),
    ...(anyOf as unknown[]).map((one, index): [string[], unknown] => [['anyOf', String(index)], one]),
    [['items'], items],
  ]
  for (const [steps, one] of within) {
    const fault = strictFault(one, [...path, ...steps])
    if (fault !== undefined) return fault
  }
  return undefined
}

function patternsIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([name, value]: [string, unknown]) =>
    name === 'pattern' && typeof value === 'string' ? [value] : patternsIn(value),
  )
}

function faultOf(parameters: WireObject): string | undefined {
  if (parameters.type !== 'object') {
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${parameters.type}"'.`
  }
  if (['oneOf', 'anyOf', 'allOf', 'enum', 'not'].some((keyword) => keyword in parameters)) {
    return "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
  }
  if (parameters.properties === undefined) return 'In context=(), object schema missing properties.'
  const wrong = schemaFault(parameters)
  if (wrong !== undefined) return wrong
  const bare = bareList(parameters, [])
  return bare && `In context=(${bare.map((step) => `'${step}'`).join(', ')}), array schema missing items.`
}

function bareList(schema: unknown, path: string[]): string[] | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined
  const { type, items, properties = {}, anyOf = [] } = schema as WireObject
  if ([type].flat().includes('array') && items === undefined) return path
  const inner: [string[], unknown][] = [
    [[...path, 'items'], items],
    ...Object.entries(properties).map(([name, value]): [string[], unknown] => [[...path, 'properties', name], value]),
    ...[anyOf].flat().map((value: unknown, index): [string[], unknown] => [[...path, 'anyOf', String(index)], value]),
  ]
  for (const [to, value] of inner) {
    const found = bareList(value, to)
    if (found) return found
  }
  return undefined
}
