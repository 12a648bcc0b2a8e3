import type { RecordedRequest } from '../../src/testing/fake-server.ts'
import { checkMessages } from './anthropic-check-messages.ts'
import { invalid } from './anthropic-failures.ts'
import type { AnthropicError } from './anthropic-failures.ts'
import { checkStrictness } from './anthropic-strictness.ts'
import { schemaFault } from './json-schema.ts'

/** A JSON object off the wire, whose shape the checks are there to find out. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = Record<string, any>

export interface AnthropicAuth {
  key: string
  token: string
}

/** `MessageCreateParamsBase` of @anthropic-ai/sdk, and what betas add. */
const FIELDS = [
  'max_tokens',
  'messages',
  'model',
  'cache_control',
  'container',
  'diagnostics',
  'inference_geo',
  'metadata',
  'output_config',
  'service_tier',
  'speed',
  'stop_sequences',
  'stream',
  'system',
  'temperature',
  'thinking',
  'tool_choice',
  'tools',
  'top_k',
  'top_p',
]
const BETA_FIELDS: Record<string, string> = {
  context_management: 'context-management-',
  fallbacks: 'server-side-fallback-',
  mcp_servers: 'mcp-client-',
}
const COUNT_FIELDS = [
  'messages',
  'model',
  'cache_control',
  'output_config',
  'speed',
  'system',
  'thinking',
  'tool_choice',
  'tools',
]

/** Models that take `thinking: {type: adaptive}` alone, and no sampling. */
const ADAPTIVE_ONLY = /^claude-(?:opus-4-[78]|(?:opus|sonnet|fable|haiku)-5)/
/** Models that take a budget alone. */
const BUDGET_ONLY = /^claude-\w+-4-5/
const ALWAYS_THINKS = /^claude-(?:opus-5-5|sonnet-5-5|fable-5)/
const NO_FORCED_TOOLS = /^claude-(?:opus-5-5|sonnet-5-5|fable-5-[12])/
const NO_PREFILL = /^claude-(?:\w+-4[-.][678]|\w+-5)/

/** Checks the key or login, as Anthropic does before it looks at anything else. */
export function checkAuth(request: RecordedRequest, { key, token }: AnthropicAuth): AnthropicError | undefined {
  const { authorization, 'x-api-key': given, 'anthropic-beta': beta = '' } = request.headers
  const denied = (message: string) => ({ status: 401, type: 'authentication_error', message })
  if (given !== undefined) return given === key ? undefined : denied('invalid x-api-key')
  if (authorization === undefined) return denied('x-api-key header is required')
  if (!String(beta).split(',').includes('oauth-2025-04-20')) {
    return denied('OAuth authentication is currently not supported.')
  }
  return authorization === `Bearer ${token}` ? undefined : denied('Invalid bearer token')
}

/**
 * Checks a request as Anthropic would, before any model is asked. `issued` are the thinking blocks it signed itself; `body` is the
 * request's unless it goes on from a conversation that is held.
 */
export function checkRequest(
  request: RecordedRequest,
  issued: ReadonlyMap<string, string>,
  { counting = false, body: given = request.json }: { counting?: boolean; body?: unknown } = {},
): AnthropicError | undefined {
  if (request.headers['anthropic-version'] !== '2023-06-01') return invalid('anthropic-version: header is required')
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return invalid('Content-Type must be application/json')
  }
  const body = given as Json | undefined
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return invalid('The request body is not valid JSON: unexpected character: line 1 column 1 (char 0)')
  }
  // anthropics/claude-code issue 60394. JSON is written with escapes for half characters alone.
  if (JSON.stringify(body).replaceAll('\\\\', '').includes('\\ud')) {
    return invalid('The request body is not valid JSON: no low surrogate in string: line 1 column 1 (char 0)')
  }
  const beta = String(request.headers['anthropic-beta'] ?? '')
  for (const name of Object.keys(body)) {
    const needed = BETA_FIELDS[name]
    if ((counting ? COUNT_FIELDS : FIELDS).includes(name) || (needed !== undefined && beta.includes(needed))) continue
    return extra(name)
  }
  for (const name of counting ? ['messages', 'model'] : ['max_tokens', 'messages', 'model']) {
    if (body[name] === undefined) return invalid(`${name}: Field required`)
  }
  return (
    checkNumbers(body) ??
    checkThinking(body) ??
    checkTools(body) ??
    checkOutput(body) ??
    checkStrictness(body) ??
    checkMessages(body, issued) ??
    checkPrefill(body) ??
    checkBreakpoints(request.text)
  )
}

function checkNumbers(body: Json): AnthropicError | undefined {
  const {
    max_tokens: max,
    temperature,
    top_p: topP,
    top_k: topK,
    stop_sequences: stop,
    metadata,
    service_tier: tier,
  } = body
  if (max !== undefined && (!Number.isInteger(max) || max < 0))
    return invalid('max_tokens: Input should be a valid integer')
  const most = maxOutput(body.model)
  if (max > most) {
    return invalid(
      `max_tokens: ${max} > ${most}, which is the maximum allowed number of output tokens for ${body.model}`,
    )
  }
  if (temperature !== undefined && (temperature < 0 || temperature > 1)) {
    return invalid('temperature: Input should be less than or equal to 1')
  }
  if (ADAPTIVE_ONLY.test(body.model) && [temperature, topP, topK].some((value) => value !== undefined)) {
    return invalid('`temperature`, `top_p` and `top_k` are not supported for this model.')
  }
  if (temperature !== undefined && topP !== undefined) {
    return invalid('`temperature` and `top_p` cannot both be specified for this model. Please use only one.')
  }
  if (stop !== undefined && !(Array.isArray(stop) && stop.every((word) => typeof word === 'string'))) {
    return invalid('stop_sequences: Input should be a valid list')
  }
  if ((stop as string[] | undefined)?.some((word) => word.trim() === '')) {
    return invalid('stop_sequences: each stop sequence must contain non-whitespace')
  }
  const unknown = Object.keys(metadata ?? {}).find((name) => name !== 'user_id')
  if (unknown !== undefined) return extra(`metadata.${unknown}`)
  const user: unknown = metadata?.user_id
  // BerriAI/litellm issue 10106.
  if (typeof user === 'string' && /\S@\S/.test(user)) {
    return invalid(
      'metadata.user_id: user_id appears to contain an email address. Please send a uuid or hash value instead.',
    )
  }
  if (typeof user === 'string' && user.length > 256) {
    return invalid('metadata.user_id: String should have at most 256 characters')
  }
  if (tier !== undefined && tier !== 'auto' && tier !== 'standard_only') {
    return invalid("service_tier: Input should be 'auto' or 'standard_only'")
  }
  return undefined
}

export function maxOutput(model: string): number {
  if (/4-5/.test(model)) return 64_000
  return 128_000
}

function checkThinking({ model, max_tokens: max, thinking, temperature, top_p: topP, tool_choice: choice }: Json) {
  if (thinking === undefined) return undefined
  const { type, budget_tokens: budget } = thinking
  if (type === 'disabled' || type === 'between_tools') {
    const takes = type === 'between_tools' ? /^claude-sonnet-5-5/.test(model) : !ALWAYS_THINKS.test(model)
    return takes ? undefined : invalid(`"thinking.type.${type}" is not supported for this model.`)
  }
  if (type === 'adaptive' && (BUDGET_ONLY.test(model) || budget !== undefined)) {
    return budget === undefined
      ? invalid('adaptive thinking is not supported on this model')
      : extra('thinking.adaptive.budget_tokens')
  }
  if (type === 'enabled') {
    if (ADAPTIVE_ONLY.test(model)) {
      return invalid(
        '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" ' +
          'to control thinking behavior.',
      )
    }
    if (!Number.isInteger(budget)) return invalid('thinking.enabled.budget_tokens: Field required')
    if (budget < 1024) {
      return invalid('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024')
    }
    if (max !== undefined && max <= budget)
      return invalid('`max_tokens` must be greater than `thinking.budget_tokens`.')
  } else if (type !== 'adaptive') {
    return invalid(
      `thinking: Input tag '${type}' found using 'type' does not match any of the expected tags: 'adaptive', 'disabled', 'enabled'`,
    )
  }
  if (temperature !== undefined && temperature !== 1) {
    return invalid('`temperature` may only be set to 1 when thinking is enabled.')
  }
  if (topP !== undefined && topP < 0.95) {
    return invalid('`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.')
  }
  if (choice?.type === 'any' || choice?.type === 'tool') {
    return invalid('Thinking may not be enabled when tool_choice forces tool use.')
  }
  return undefined
}

const TOOL_FIELDS = [
  'name',
  'description',
  'input_schema',
  'type',
  'strict',
  'cache_control',
  'allowed_callers',
  'defer_loading',
  'eager_input_streaming',
  'input_examples',
]

function checkTools({ model, tools, tool_choice: choice }: Json): AnthropicError | undefined {
  if (tools === undefined) {
    if (choice === undefined || choice.type === 'none') return undefined
    return invalid('tool_choice: `tool_choice` may only be specified while providing `tools`.')
  }
  if (!Array.isArray(tools)) return invalid('tools: Input should be a valid list')
  for (const [index, tool] of tools.entries()) {
    // A versioned type is one of Anthropic's own tools.
    if (tool.type !== undefined && tool.type !== 'custom') continue
    const path = `tools.${index}.custom`
    if (!/^[\w-]{1,128}$/.test(tool.name ?? '')) {
      return invalid(`${path}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`)
    }
    if (tool.input_schema === undefined) return invalid(`${path}.input_schema: Field required`)
    if (tool.input_schema.type !== 'object') return invalid(`${path}.input_schema.type: Input should be 'object'`)
    // anthropics/claude-code issue 5319.
    if (['oneOf', 'allOf', 'anyOf'].some((name) => name in tool.input_schema)) {
      return invalid(`${path}.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level`)
    }
    // beautyfree/appstore-connect-mcp issue 2.
    if (Object.keys(tool.input_schema.properties ?? {}).some((name) => !/^[\w.-]{1,64}$/.test(name))) {
      return invalid(`${path}.input_schema.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'`)
    }
    // anthropics/claude-code issue 586.
    if (schemaFault(tool.input_schema) !== undefined) {
      return invalid(
        `${path}.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12).`,
      )
    }
    const unknown = Object.keys(tool).find((name) => !TOOL_FIELDS.includes(name))
    if (unknown !== undefined) return extra(`${path}.${unknown}`)
    const open = tool.strict === true ? checkSchema(tool.input_schema, `${path}.input_schema`) : undefined
    if (open) return open
  }
  const names: string[] = (tools as Json[]).map((tool) => String(tool['name']))
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) return invalid('tools: Tool names must be unique.')
  if (choice === undefined) return undefined
  if (!['auto', 'any', 'tool', 'none'].includes(choice.type)) {
    return invalid(`tool_choice: Input tag '${choice.type}' found using 'type' does not match any of the expected tags`)
  }
  if (choice.type === 'tool' && !names.includes(choice.name)) {
    return invalid(`tool_choice: Tool '${choice.name}' not found in provided tools`)
  }
  if ((choice.type === 'any' || choice.type === 'tool') && NO_FORCED_TOOLS.test(model)) {
    return invalid('tool_choice: forced tool use is not supported for this model.')
  }
  const fields = { auto: ['disable_parallel_tool_use'], any: ['disable_parallel_tool_use'], none: [] as string[] }
  const allowed = ['type', 'name', ...(fields[choice.type as 'auto'] ?? ['disable_parallel_tool_use'])]
  const unknown = Object.keys(choice).find((name) => !allowed.includes(name))
  return unknown === undefined ? undefined : extra(`tool_choice.${choice.type}.${unknown}`)
}

function checkOutput({ model, output_config: output }: Json): AnthropicError | undefined {
  if (output === undefined) return undefined
  const unknown = Object.keys(output).find((name) => name !== 'effort' && name !== 'format' && name !== 'task_budget')
  if (unknown !== undefined) return extra(`output_config.${unknown}`)
  const { effort, format } = output
  if (effort !== undefined) {
    const words = ['low', 'medium', 'high', ...(ADAPTIVE_ONLY.test(model) ? ['xhigh'] : []), 'max']
    if (!words.includes(effort)) {
      return invalid(`output_config.effort: Input should be ${words.map((word) => `'${word}'`).join(', ')}`)
    }
    if (/^claude-(?:haiku|sonnet)-4-5/.test(model)) return invalid('This model does not support the effort parameter.')
  }
  if (format === undefined) return undefined
  if (format.type !== 'json_schema') return invalid("output_config.format.type: Input should be 'json_schema'")
  const more = Object.keys(format).find((name) => name !== 'type' && name !== 'schema')
  if (more !== undefined) return extra(`output_config.format.${more}`)
  return checkSchema(format.schema, 'output_config.format.schema')
}

const NOT_IN_SCHEMAS = ['minimum', 'maximum', 'multipleOf', 'minLength', 'maxLength', 'pattern', 'maxItems', 'oneOf']

/** Constrained output takes a part of JSON Schema, and closed objects alone. */
function checkSchema(schema: unknown, path: string): AnthropicError | undefined {
  if (Array.isArray(schema)) return firstFault(schema.map((part) => checkSchema(part, path)))
  if (typeof schema !== 'object' || schema === null) return undefined
  const { type, additionalProperties, properties, $defs, ...keywords } = schema as Json
  if (type === 'object' && additionalProperties !== false) {
    return invalid(`${path}: For 'object' type, 'additionalProperties' must be explicitly set to false`)
  }
  const wrong = NOT_IN_SCHEMAS.find((name) => name in keywords)
  if (wrong !== undefined) return invalid(`${path}: For '${type}' type, property '${wrong}' is not supported`)
  const inner = [...Object.values(properties ?? {}), ...Object.values($defs ?? {}), ...Object.values(keywords)]
  return firstFault(inner.map((part) => checkSchema(part, path)))
}

function firstFault(faults: (AnthropicError | undefined)[]): AnthropicError | undefined {
  return faults.find((fault) => fault !== undefined)
}

function checkPrefill({ model, messages }: Json): AnthropicError | undefined {
  if ((messages as Json[]).at(-1)?.['role'] !== 'assistant' || !NO_PREFILL.test(model)) return undefined
  return invalid(
    'This model does not support assistant message prefill. The conversation must end with a user message.',
  )
}

function checkBreakpoints(text: string): AnthropicError | undefined {
  const found = text.split('"cache_control":{').length - 1
  return found > 4 ? invalid(`A maximum of 4 blocks with cache_control may be provided. Found ${found}.`) : undefined
}

export function extra(path: string): AnthropicError {
  return invalid(`${path}: Extra inputs are not permitted`)
}
