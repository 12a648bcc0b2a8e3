import { parametersFault, strictFault } from './openai-parameters.ts'
import type { RecordedRequest } from '../../src/testing/fake-server.ts'
import { badRequest } from './openai-chat-failures.ts'
import type { VendorError } from './openai-chat-failures.ts'

/** How a server that follows OpenAI's format differs from OpenAI. */
export interface OpenAIChatDialect {
  /** Top-level fields it takes beyond OpenAI's. */
  fields?: string[]
  /** Top-level fields of OpenAI's that it does not know. */
  lacks?: readonly string[]
  /** Fields of messages it takes beyond OpenAI's. */
  messageFields?: string[]
  /** Part types of tool messages beyond `text`. */
  toolParts?: string[]
  /** Part types of user messages beyond OpenAI's. */
  userParts?: string[]
  /** The scheme of URLs of files that it holds itself. */
  scheme?: string
  /** Types of tools beyond OpenAI's, which have rules of their own. */
  toolTypes?: string[]
  /** Whether it takes fields that it does not know. Default: no. */
  lenient?: boolean
  /** Whether it has rules of its own for schemas. Default: OpenAI's. */
  ownSchemas?: boolean
  /** The field its answers carry reasoning in. Default: none, as OpenAI, which only counts it. */
  reasoning?: 'reasoning_content' | 'reasoning' | 'reasoning_details'
  /** `format` of its `reasoning_details`. */
  reasoningFormat?: string
  /**
   * Where streams carry usage: in a chunk of its own when asked for (OpenAI), always on the chunk with the finish reason, or
   * always within the choice that ends (Moonshot).
   */
  usage?: 'own-chunk' | 'finish-chunk' | 'choice'
}

/** The fields of the request, of openai/resources/chat/completions/completions.d.ts (openai-node 6). */
const FIELDS = new Set([
  'messages',
  'model',
  'audio',
  'frequency_penalty',
  'function_call',
  'functions',
  'logit_bias',
  'logprobs',
  'max_completion_tokens',
  'max_tokens',
  'metadata',
  'modalities',
  'moderation',
  'n',
  'parallel_tool_calls',
  'prediction',
  'presence_penalty',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'reasoning_effort',
  'response_format',
  'safety_identifier',
  'seed',
  'service_tier',
  'stop',
  'store',
  'stream',
  'stream_options',
  'temperature',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'user',
  'verbosity',
  'web_search_options',
])

/** Those that are about OpenAI's own service and models. */
export const OPENAI_ALONE = [
  'metadata',
  'moderation',
  'prediction',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
  'service_tier',
  'store',
  'verbosity',
  'web_search_options',
]

const MESSAGE_FIELDS: Record<string, string[]> = {
  system: ['content', 'name'],
  developer: ['content', 'name'],
  user: ['content', 'name'],
  assistant: ['content', 'name', 'refusal', 'audio', 'function_call', 'tool_calls', 'annotations'],
  tool: ['content', 'name', 'tool_call_id'],
  function: ['content', 'name'],
}

const PARTS: Record<string, string[]> = {
  system: ['text'],
  developer: ['text'],
  user: ['text', 'image_url', 'input_audio', 'file'],
  assistant: ['text', 'refusal'],
  tool: ['text'],
  function: [],
}

/** A JSON object off the wire, whose shape the checks below are there to find out. */
// oxlint-disable-next-line typescript/no-explicit-any
export type WireObject = Record<string, any>
type Json = WireObject

/** Checks `Authorization: Bearer <key>`, and says what OpenAI says where it is missing or wrong. */
export function checkBearer(request: RecordedRequest, key: string): VendorError | undefined {
  const header = request.headers.authorization
  if (header === undefined || header === '') {
    return {
      status: 401,
      error: {
        message:
          "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth " +
          '(i.e. Authorization: Bearer YOUR_KEY).',
        type: 'invalid_request_error',
        param: null,
        code: null,
      },
    }
  }
  if (header === `Bearer ${key}`) return undefined
  return {
    status: 401,
    error: {
      message:
        'Incorrect API key provided: sk-****wxyz. You can find your API key at https://platform.openai.com/account/api-keys.',
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_api_key',
    },
  }
}

/** Checks a request as OpenAI would, before any model is asked. */
export function checkChatRequest(request: RecordedRequest, dialect: OpenAIChatDialect = {}): VendorError | undefined {
  const contentType = request.headers['content-type'] ?? ''
  if (!/^application\/json\b/i.test(contentType)) {
    return badRequest(
      `Unsupported content type: '${contentType}'. This API method only accepts 'application/json' requests.`,
      null,
      'unsupported_content_type',
    )
  }
  const body = request.json as Json | undefined
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return badRequest('We could not parse the JSON body of your request.')
  }
  if (typeof body.model !== 'string' || body.model === '') return badRequest('you must provide a model parameter')
  const { fields = [], lacks = [] } = dialect
  const known = (name: string) => (FIELDS.has(name) && !lacks.includes(name)) || fields.includes(name)
  const unknown = Object.keys(body).filter((name) => !known(name))
  if (unknown.length > 0 && !dialect.lenient) {
    const words = unknown.length === 1 ? 'argument' : 'arguments'
    return badRequest(`Unrecognized request ${words} supplied: ${unknown.join(', ')}`)
  }
  return (
    checkParameters(body, dialect) ??
    checkTools(body, dialect) ??
    checkReasoningTools(body) ??
    checkMessages(body.messages, dialect)
  )
}

/** OpenAI's models that refuse sampling. */
const REASONS = /^(?:o\d|gpt-[5-9])/

/** Models that cannot but reason; the sources are those of src/core/protocols/openai-chat/always-reasons.ts. */
export const ALWAYS_REASONS = /^gpt-6(?:\.\d)?-astra|^gpt-6\.[12]-sol|codex/

/** Of the efforts, what some models take: kaitranntt/ccs issue 344 (GPT-5 mini), The-PR-Agent/pr-agent issue 3237 (before GPT-5.6). */
const EFFORTS: [RegExp, string][] = [
  [/^gpt-5(?:-mini)?$/, "'minimal', 'low', 'medium', and 'high'"],
  [/^gpt-5\.[2-5]$/, "'none', 'low', 'medium', 'high', and 'xhigh'"],
]

/** What a model takes, in OpenAI's words, where it does not take this. */
export function otherEfforts(model: string, effort: unknown): string | undefined {
  const [, efforts] = EFFORTS.find(([pattern]) => pattern.test(model)) ?? []
  return typeof effort === 'string' && efforts?.includes(`'${effort}'`) === false ? efforts : undefined
}

/**
 * Tools beside reasoning, of GPT-5.4 and later. GPT-5.4 does not reason unasked, and refuses even `none` by name (livekit/agents
 * issue 5084); later ones reason unless told `none` (BerriAI/litellm pull request 34569, jeffdafoe/llm-memory-api pull request 178), or
 * whatever they are told (bolna-ai/bolna pull request 1019).
 */
function checkReasoningTools({ model, tools, functions, reasoning_effort: effort }: Json): VendorError | undefined {
  const later = /^gpt-(?:5\.(?:[5-9]|\d\d)|[6-9])/.test(model)
  const told = later ? effort !== 'none' : /^gpt-5\.4/.test(model) && given(effort)
  const reasons = told || ALWAYS_REASONS.test(model)
  if (!reasons || !given(tools ?? functions)) return undefined
  return badRequest(
    `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. To use function tools, use ` +
      "/v1/responses or set reasoning_effort to 'none'.",
    'reasoning_effort',
  )
}

function checkParameters(
  body: Json,
  { ownSchemas = false, lacks, lenient }: OpenAIChatDialect,
): VendorError | undefined {
  const { model, reasoning_effort: effort } = body
  if (ALWAYS_REASONS.test(model) && ['none', 'minimal'].includes(effort)) {
    return badRequest(
      `Unsupported value: 'reasoning_effort' does not support '${effort}' with this model. Supported values are: 'low', 'medium', ` +
        "'high', and 'xhigh'.",
      'reasoning_effort',
      'unsupported_value',
    )
  }
  const efforts = otherEfforts(model, effort)
  if (efforts !== undefined) {
    return badRequest(
      `Unsupported value: 'reasoning_effort' does not support '${effort}' with this model. Supported values are: ${efforts}.`,
      'reasoning_effort',
      'unsupported_value',
    )
  }
  const numbers = { temperature: 2, top_p: 1 }
  for (const [name, most] of Object.entries(numbers)) {
    const value = body[name]
    if (value === undefined || value === null) continue
    if (typeof value !== 'number') return invalidType(name, 'a decimal', value)
    if (value !== 1 && REASONS.test(body.model)) {
      return badRequest(
        `Unsupported value: '${name}' does not support ${value} with this model. Only the default (1) value is supported.`,
        name,
        'unsupported_value',
      )
    }
    if (value < 0 || value > most) {
      return badRequest(`Invalid '${name}': decimal out of range.`, name, 'decimal_above_max_value')
    }
  }
  for (const name of ['max_tokens', 'max_completion_tokens', 'n', 'seed', 'top_logprobs']) {
    const value = body[name]
    if (value !== undefined && value !== null && !Number.isInteger(value)) return invalidType(name, 'an integer', value)
  }
  const fault = checkUser(body) ?? checkTier(body)
  if (fault) return fault
  // huggingface/smolagents issue 1893, crewAIInc/crewAI pull request 5144.
  if (given(body.stop) && REASONS.test(body.model)) {
    const words = "Unsupported parameter: 'stop' is not supported with this model."
    return badRequest(words, 'stop', 'unsupported_parameter')
  }
  // continuedev/continue issue 1572; of the servers that follow OpenAI some take more.
  const stops = Array.isArray(body.stop) ? body.stop.length : 1
  if (stops > 4 && !lacks && !lenient) {
    const words = `array too long. Expected an array with maximum length 4, but got an array with length ${stops} instead.`
    return badRequest(`Invalid 'stop': ${words}`, 'stop', 'array_above_max_length')
  }
  // anomalyco/opencode issue 5421; Copilot: caozhiyuan/copilot-api issue 172.
  if (given(body.max_tokens) && REASONS.test(body.model)) {
    return badRequest(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      'max_tokens',
      'unsupported_parameter',
    )
  }
  if (given(body.max_tokens) && given(body.max_completion_tokens)) {
    return badRequest(
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      'max_tokens',
      'invalid_parameter_combination',
    )
  }
  if (given(body.stream_options) && body.stream !== true) {
    return badRequest("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options')
  }
  if (given(body.top_logprobs) && body.logprobs !== true) {
    return badRequest("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", 'top_logprobs')
  }
  const format = body.response_format
  if (given(format) && !['text', 'json_object', 'json_schema'].includes(format.type)) {
    return badRequest(`Invalid value: '${format.type}'.`, 'response_format.type', 'invalid_value')
  }
  // ultimatejimmy/xray.koplugin issue 33.
  if (format?.type === 'json_object' && !/json/i.test(JSON.stringify(body.messages))) {
    return badRequest(
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      'messages',
    )
  }
  if (format?.type === 'json_schema' && typeof format.json_schema?.name !== 'string') {
    return missing('response_format.json_schema.name')
  }
  const { name, strict, schema } = format?.json_schema ?? {}
  const loose = strict === true && !ownSchemas ? strictFault(schema) : undefined
  if (loose === undefined) return undefined
  return badRequest(`Invalid schema for response_format '${name}': ${loose}`, 'response_format', null)
}

/** maximhq/bifrost pull request 1000; the error as BerriAI/litellm's tests quote it. */
export function checkUser({ user }: Json): VendorError | undefined {
  if (!given(user)) return undefined
  if (typeof user !== 'string') return invalidType('user', 'a string', user)
  if (user.length <= 64) return undefined
  return badRequest(
    `Invalid 'user': string too long. Expected a string with maximum length 64, but got a string with length ${user.length} instead.`,
    'user',
    'string_above_max_length',
  )
}

/** `service_tier` of openai-node, resources/chat/completions/completions.d.ts and resources/responses/responses.d.ts. */
export function checkTier({ service_tier: tier }: Json): VendorError | undefined {
  if (!given(tier) || ['auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast'].includes(tier))
    return undefined
  return badRequest(
    `Invalid value: '${tier}'. Supported values are: 'auto', 'default', 'flex', 'scale', and 'priority'.`,
    'service_tier',
    'invalid_value',
  )
}

function checkTools(
  { tools, tool_choice: choice, parallel_tool_calls: parallel }: Json,
  { ownSchemas = false, toolTypes = [] }: OpenAIChatDialect,
): VendorError | undefined {
  if (!given(tools)) {
    if (given(choice) && choice !== 'none') {
      return badRequest(
        "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
        'tool_choice',
      )
    }
    if (given(parallel)) {
      return badRequest(
        "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified.",
        'parallel_tool_calls',
      )
    }
    return undefined
  }
  if (!Array.isArray(tools)) return invalidType('tools', 'an array of objects', tools)
  if (tools.length === 0) {
    return badRequest(
      "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'tools',
      'empty_array',
    )
  }
  for (const [index, tool] of tools.entries()) {
    if (toolTypes.includes(tool.type)) continue
    if (tool.type !== 'function' && tool.type !== 'custom') {
      return badRequest(
        `Invalid value: '${tool.type}'. Supported values are: 'function' and 'custom'.`,
        `tools[${index}].type`,
        'invalid_value',
      )
    }
    const { name, parameters, strict } = tool[tool.type] ?? {}
    if (typeof name !== 'string') return missing(`tools[${index}].${tool.type}.name`)
    if (!/^[\w-]{1,64}$/.test(name)) {
      return badRequest(
        `Invalid 'tools[${index}].function.name': string does not match pattern.`,
        `tools[${index}].function.name`,
        'invalid_value',
      )
    }
    const fault =
      parameters === undefined || ownSchemas ? undefined : parametersFault(name, parameters, strict === true)
    if (fault) return badRequest(fault, `tools[${index}].function.parameters`, 'invalid_function_parameters')
    const loose = strict === true && !ownSchemas ? strictFault(parameters) : undefined
    if (loose !== undefined) {
      return badRequest(
        `Invalid schema for function '${name}': ${loose}`,
        `tools[${index}].function.parameters`,
        'invalid_function_parameters',
      )
    }
  }
  const named =
    typeof choice === 'object' && choice !== null ? (choice[choice.type]?.name as string | undefined) : undefined
  if (named !== undefined && !tools.some((tool) => tool[tool.type]?.name === named)) {
    return badRequest(`Tool choice '${named}' not found in 'tools' parameter.`, 'tool_choice')
  }
  return undefined
}

function checkMessages(messages: unknown, dialect: OpenAIChatDialect): VendorError | undefined {
  if (messages === undefined) return missing('messages')
  if (!Array.isArray(messages)) return invalidType('messages', 'an array of objects', messages)
  if (messages.length === 0) {
    return badRequest(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'messages',
      'empty_array',
    )
  }
  for (const [index, message] of messages.entries()) {
    const fault = checkMessage(message, index, dialect)
    if (fault) return fault
  }
  return checkPairs(messages)
}

function checkMessage(message: Json, index: number, dialect: OpenAIChatDialect): VendorError | undefined {
  const path = `messages[${index}]`
  const allowed = MESSAGE_FIELDS[message.role]
  if (message.role === undefined) return missing(`${path}.role`)
  if (!allowed) {
    return badRequest(
      `Invalid value: '${message.role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.`,
      `${path}.role`,
      'invalid_value',
    )
  }
  for (const name of Object.keys(message)) {
    if (name === 'role' || allowed.includes(name) || dialect.messageFields?.includes(name) || dialect.lenient) continue
    return badRequest(`Unknown parameter: '${path}.${name}'.`, `${path}.${name}`, 'unknown_parameter')
  }
  if (message.role === 'tool' && typeof message.tool_call_id !== 'string') return missing(`${path}.tool_call_id`)
  const strict = !dialect.lenient && !dialect.messageFields
  const mayBeEmpty =
    message.role === 'function' ||
    (message.role === 'assistant' &&
      given(message.tool_calls ?? message.function_call ?? message.refusal ?? message.audio))
  if (!given(message.content)) {
    if (mayBeEmpty) return checkCalls(message, path, strict)
    return badRequest("Invalid value for 'content': expected a string, got null.", `messages.[${index}].content`)
  }
  return checkContent(message, path, dialect) ?? checkCalls(message, path, strict)
}

function checkContent({ role, content }: Json, path: string, dialect: OpenAIChatDialect): VendorError | undefined {
  if (typeof content === 'string') return undefined
  if (!Array.isArray(content)) return invalidType(`${path}.content`, 'one of a string or array of objects', content)
  const more = role === 'tool' ? dialect.toolParts : role === 'user' ? dialect.userParts : undefined
  const types = [...(PARTS[role] ?? []), ...(more ?? [])]
  for (const [index, part] of content.entries()) {
    const at = `${path}.content[${index}]`
    if (typeof part?.type !== 'string') return missing(`${at}.type`)
    if (!types.includes(part.type)) {
      const list = types.map((type) => `'${type}'`).join(', ')
      return badRequest(`Invalid value: '${part.type}'. Supported values are: ${list}.`, `${at}.type`, 'invalid_value')
    }
    if (part.type === 'text' && typeof part.text !== 'string') return missing(`${at}.text`)
    const media = (part.image_url ?? part.video_url)?.url ?? ''
    const held = dialect.scheme !== undefined && String(media).startsWith(`${dialect.scheme}://`)
    const kind = part.type === 'image_url' ? 'image' : part.type === 'video_url' ? 'video' : undefined
    if (kind && !held && !new RegExp(`^(https?://|data:${kind}/[\\w.+-]+;base64,)`).test(media)) {
      return badRequest(
        "Invalid 'messages[0].content[1].image_url.url'. Expected a base64-encoded data URL with an image MIME type.",
        `${at}.image_url.url`,
        'invalid_value',
      )
    }
    // openai-node `ChatCompletionContentPartImage.ImageURL`.
    const detail: unknown = part.image_url?.detail
    if (given(detail) && !['auto', 'low', 'high'].includes(String(detail))) {
      const words = `Invalid value: '${String(detail)}'. Supported values are: 'auto', 'low', and 'high'.`
      return badRequest(words, `${at}.image_url.detail`, 'invalid_value')
    }
    if (part.type === 'input_audio' && !['wav', 'mp3'].includes(part.input_audio?.format)) {
      return badRequest('Invalid value.', `${at}.input_audio.format`, 'invalid_value')
    }
    const { file_data: data, file_id: id, filename } = part.file ?? {}
    if (part.type === 'file' && id === undefined && !/^data:[^,]+;base64,/.test(data ?? '')) {
      return badRequest(
        `Invalid '${at}.file.file_data'. Expected a base64-encoded data URL.`,
        `${at}.file.file_data`,
        'invalid_value',
      )
    }
    if (part.type === 'file' && id === undefined) {
      // openai/openai-agents-python pull request 1513.
      if (typeof filename !== 'string') return missing(`${at}.file.file_id`)
      if (!data.startsWith('data:application/pdf;')) {
        return badRequest(
          `Invalid file data: '${at}.file.file_data'. Expected a base64-encoded data URL with an application/pdf MIME type ` +
            `(e.g. 'data:application/pdf;base64,SGVsbG8sIFdvcmxkIQ=='), but got unsupported MIME type '${/^data:([^;,]*)/.exec(data)?.[1]}'.`,
          `${at}.file.file_data`,
          'invalid_value',
        )
      }
    }
  }
  return undefined
}

function checkCalls({ tool_calls: calls }: Json, path: string, strict: boolean): VendorError | undefined {
  if (!given(calls)) return undefined
  if (!Array.isArray(calls) || calls.length === 0) {
    return badRequest(`Invalid '${path}.tool_calls': empty array.`, `${path}.tool_calls`, 'empty_array')
  }
  for (const [index, call] of calls.entries()) {
    const at = `${path}.tool_calls[${index}]`
    if (typeof call.id !== 'string') return missing(`${at}.id`)
    if (call.id.length > 40) {
      const words = `string too long. Expected a string with maximum length 40, but got a string with length ${call.id.length} instead.`
      return badRequest(`Invalid '${at}.id': ${words}`, `${at}.id`, 'string_above_max_length')
    }
    if (call.type !== 'function' && call.type !== 'custom') return missing(`${at}.type`)
    // OpenAI looks at these as at all else, and takes a call's place in a stream (langchain-ai/langchain issue 20264: refused for a week).
    const other = Object.keys(call).find((name) => !['id', 'type', 'function', 'custom', 'index'].includes(name))
    if (other !== undefined && strict) {
      return badRequest(`Unknown parameter: '${at}.${other}'.`, `${at}.${other}`, 'unknown_parameter')
    }
    const text = call.type === 'function' ? call.function?.arguments : call.custom?.input
    if (typeof text !== 'string')
      return missing(`${at}.${call.type === 'function' ? 'function.arguments' : 'custom.input'}`)
  }
  return undefined
}

/** Every result answers a call right before it, and every call is answered before anything else is said. */
function checkPairs(messages: Json[]): VendorError | undefined {
  let open = new Set<string>()
  let asked = -1
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (open.delete(message.tool_call_id)) continue
      return badRequest(
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        `messages.[${index}].role`,
      )
    }
    if (open.size > 0) return unanswered(open, asked)
    const calls: Json[] = message.tool_calls ?? []
    open = new Set(calls.map((call) => String(call.id)))
    asked = index
  }
  return open.size > 0 ? unanswered(open, asked) : undefined
}

function unanswered(open: Set<string>, index: number): VendorError {
  return badRequest(
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The " +
      `following tool_call_ids did not have response messages: ${[...open].join(', ')}`,
    `messages.[${index + 1}].role`,
  )
}

function given(value: unknown): boolean {
  return value !== undefined && value !== null
}

function missing(param: string): VendorError {
  return badRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter')
}

function invalidType(param: string, expected: string, got: unknown): VendorError {
  const name = Array.isArray(got) ? 'an array' : typeof got === 'number' ? 'an integer' : `a ${typeof got}`
  return badRequest(
    `Invalid type for '${param}': expected ${expected}, but got ${name} instead.`,
    param,
    'invalid_type',
  )
}
