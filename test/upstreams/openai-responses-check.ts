import { parametersFault, strictFault } from './openai-parameters.ts'
import type { RecordedRequest } from '../../src/testing/fake-server.ts'
import { badRequest, checkTier, checkUser } from './openai-chat.ts'
import { ALWAYS_REASONS, otherEfforts } from './openai-chat-check.ts'
import type { VendorError } from './openai-chat.ts'
import { given, listOf, wordsOf } from './openai-responses-wire.ts'
import type { Json } from './openai-responses-wire.ts'

/**
 * The fields of the request, of openai/resources/responses/responses.d.ts `ResponseCreateParamsBase` (openai-node 7), and
 * `client_metadata`, which Codex sends with a key too (openai/codex codex-rs/codex-api/src/common.rs, `ResponsesApiRequest`).
 */
const FIELDS = new Set([
  'access_programs',
  'background',
  'background_options',
  'client_metadata',
  'context_management',
  'conversation',
  'image',
  'include',
  'input',
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'model',
  'moderation',
  'parallel_tool_calls',
  'previous_response_id',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'reasoning',
  'safety_identifier',
  'service_tier',
  'store',
  'stream',
  'stream_options',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
])

/** What Chat Completions calls otherwise; the messages are OpenAI's (aaif-goose/goose issue 2564). */
const MOVED: Record<string, string> = {
  messages: 'input',
  max_tokens: 'max_output_tokens',
  max_completion_tokens: 'max_output_tokens',
  response_format: 'text.format',
  reasoning_effort: 'reasoning.effort',
  verbosity: 'text.verbosity',
}

/** `ResponseIncludable`. */
const INCLUDABLE = new Set([
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'message.input_image.image_url',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
  'reasoning.encrypted_content',
  'message.output_text.logprobs',
])

const INPUT_PARTS = ['input_text', 'input_image', 'input_file']
const PARTS: Record<string, string[]> = {
  user: INPUT_PARTS,
  system: INPUT_PARTS,
  developer: INPUT_PARTS,
  assistant: ['output_text', 'refusal'],
}

/** What an `ImageGenerationCall` of openai-node may say beside its image. */
const IMAGE_FACTS = ['action', 'background', 'output_format', 'quality', 'revised_prompt', 'size']
const OWN_ITEMS =
  /^(?:web_search_call|file_search_call|code_interpreter_call|mcp_|computer_call|local_shell_call|shell_call|apply_patch_call|tool_search|additional_tools)/
const OWN_TOOLS =
  /^(?:web_search|file_search|code_interpreter|image_generation|mcp|computer|local_shell|shell|apply_patch|tool_search)/

/** Checks a request as OpenAI would, before any model is asked. `issued` are the encrypted contents it gave out. */
export function checkResponsesRequest(request: RecordedRequest, issued: ReadonlySet<string>): VendorError | undefined {
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
  for (const name of Object.keys(body)) {
    const moved = MOVED[name]
    if (moved !== undefined) {
      return badRequest(
        `Unsupported parameter: '${name}'. In the Responses API, this parameter has moved to '${moved}'. Try again with the ` +
          'new parameter. See the API documentation for more information: ' +
          'https://platform.openai.com/docs/api-reference/responses/create.',
        null,
        'unsupported_parameter',
      )
    }
    if (!FIELDS.has(name)) return unknown(name)
  }
  if (typeof body['model'] !== 'string' || body['model'] === '') return missing('model')
  if (body['background_options'] && body['background'] !== true)
    return badRequest('`background_options` without `background`.')
  return checkParameters(body) ?? checkTools(body) ?? checkInput(body, issued)
}

function checkParameters(body: Json): VendorError | undefined {
  const { max_output_tokens: limit, temperature, top_p: topP, include, model, previous_response_id: previous } = body
  // The fake stores nothing.
  if (given(previous)) {
    const message = `Previous response with id '${previous}' not found.`
    return badRequest(message, 'previous_response_id', 'previous_response_not_found')
  }
  if (given(limit) && !Number.isInteger(limit)) return invalidType('max_output_tokens', 'an integer')
  if (given(limit) && limit < 16) {
    return badRequest(
      `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${limit} instead.`,
      'max_output_tokens',
      'integer_below_min_value',
    )
  }
  const reasons = /^(?:o\d|gpt-[5-9]|codex)/.test(model as string)
  for (const [name, value] of Object.entries({ temperature, top_p: topP })) {
    if (!given(value)) continue
    if (typeof value !== 'number') return invalidType(name, 'a decimal')
    if (reasons) return notWithModel(`'${name}'`, name)
  }
  for (const [index, value] of wordsOf(include).entries()) {
    if (!INCLUDABLE.has(value)) return badRequest(`Invalid value: '${value}'.`, `include[${index}]`, 'invalid_value')
    if (value === 'reasoning.encrypted_content' && !reasons) {
      return badRequest('Encrypted content is not supported with this model.', 'include')
    }
  }
  if (given(body['reasoning']?.effort) && !reasons) return notWithModel("'reasoning.effort'", 'reasoning.effort')
  const effort = body['reasoning']?.effort as string | undefined
  if ((effort === 'none' || effort === 'minimal') && ALWAYS_REASONS.test(model as string)) {
    return badRequest(
      `Unsupported value: '${effort}' is not supported with the '${model}' model. Supported values are: 'low', 'medium', 'high', ` +
        "'xhigh', and 'max'.",
      'reasoning.effort',
      'unsupported_value',
    )
  }
  const efforts = otherEfforts(model as string, effort)
  if (efforts !== undefined) {
    return badRequest(
      `Unsupported value: 'reasoning.effort' does not support '${effort}' with this model. Supported values are: ${efforts}.`,
      'reasoning.effort',
      'unsupported_value',
    )
  }
  for (const name of Object.keys(body['reasoning'] ?? {})) {
    if (!['effort', 'summary', 'generate_summary', 'context', 'mode'].includes(name))
      return unknown(`reasoning.${name}`)
  }
  if (given(body['stream_options']) && body['stream'] !== true) {
    return badRequest("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options')
  }
  return checkUser(body) ?? checkTier(body) ?? checkText(body)
}

function checkText({ text, input }: Json): VendorError | undefined {
  for (const name of Object.keys(text ?? {})) {
    if (name !== 'format' && name !== 'verbosity') return unknown(`text.${name}`)
  }
  const format = text?.['format']
  if (!given(format)) return undefined
  if (!['text', 'json_object', 'json_schema'].includes(format.type)) {
    return badRequest(
      `Invalid value: '${format.type}'. Supported values are: 'json_object', 'json_schema', and 'text'.`,
      'text.format.type',
      'invalid_value',
    )
  }
  // As Chat Completions says it (ultimatejimmy/xray.koplugin issue 33), of the input.
  if (format.type === 'json_object' && !/json/i.test(JSON.stringify(input))) {
    return badRequest(
      "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
      'input',
    )
  }
  if (format.type !== 'json_schema') return undefined
  if (typeof format.name !== 'string') return missing('text.format.name')
  if (typeof format.schema !== 'object') return missing('text.format.schema')
  const fault = format.strict === true ? strictFault(format.schema) : undefined
  if (fault === undefined) return undefined
  return badRequest(
    `Invalid schema for response_format '${format.name}': ${fault}`,
    'text.format.schema',
    'invalid_json_schema',
  )
}

function checkTools({ tools, tool_choice: choice }: Json): VendorError | undefined {
  const names = new Set<string>()
  for (const [index, tool] of listOf(tools).entries()) {
    const fault = checkTool(tool, `tools[${index}]`, names)
    if (fault) return fault
  }
  if (typeof choice === 'string') {
    if (!['none', 'auto', 'required'].includes(choice)) {
      return badRequest(`Invalid value: '${choice}'.`, 'tool_choice', 'invalid_value')
    }
    if (choice === 'required' && names.size === 0) {
      return badRequest("Tool choice 'required' must be specified with 'tools' parameter.", 'tool_choice')
    }
    return undefined
  }
  const wanted: Json[] = choice?.type === 'allowed_tools' ? listOf(choice.tools) : given(choice) ? [choice] : []
  const lost = wanted.find(({ type, name }) => (type === 'function' || type === 'custom') && !names.has(name))
  if (!lost) return undefined
  if (lost['name'] === undefined) return missing('tool_choice.name')
  return badRequest(`Tool choice '${lost['name']}' not found in 'tools' parameter.`, 'tool_choice')
}

function checkTool(tool: Json, at: string, names: Set<string>): VendorError | undefined {
  const { type, name, parameters, strict, format } = tool
  if (type === undefined) return missing(`${at}.type`)
  if (type === 'namespace') {
    for (const [index, inner] of listOf(tool['tools']).entries()) {
      const fault = checkTool(inner, `${at}.tools[${index}]`, names)
      if (fault) return fault
    }
    return typeof name === 'string' ? undefined : missing(`${at}.name`)
  }
  if (type !== 'function' && type !== 'custom') {
    names.add(type)
    return OWN_TOOLS.test(type) ? undefined : badRequest(`Invalid value: '${type}'.`, `${at}.type`, 'invalid_value')
  }
  if (typeof name !== 'string') return missing(`${at}.name`)
  if (!/^[\w-]{1,64}$/.test(name)) {
    return badRequest(`Invalid '${at}.name': string does not match pattern.`, `${at}.name`, 'invalid_value')
  }
  names.add(name)
  const allowed = type === 'function' ? ['parameters', 'strict', 'output_schema'] : ['format']
  for (const field of Object.keys(tool)) {
    if (![...allowed, 'type', 'name', 'description', 'defer_loading', 'allowed_callers', 'async'].includes(field)) {
      return unknown(`${at}.${field}`)
    }
  }
  if (type === 'custom') {
    const grammar = format?.type === 'grammar'
    return grammar && typeof format.definition !== 'string' ? missing(`${at}.format.definition`) : undefined
  }
  const fault = given(parameters) ? parametersFault(name, parameters, strict !== false) : undefined
  if (fault) return badRequest(fault, `${at}.parameters`, 'invalid_function_parameters')
  const loose = strict === true ? strictFault(parameters) : undefined
  if (loose === undefined) return undefined
  return badRequest(
    `Invalid schema for function '${name}': ${loose}`,
    `${at}.parameters`,
    'invalid_function_parameters',
  )
}

function checkInput(body: Json, issued: ReadonlySet<string>): VendorError | undefined {
  const { input } = body
  if (input === undefined) {
    return ![body['previous_response_id'], body['prompt'], body['conversation']].some(given)
      ? badRequest(
          'One of "input" or "previous_response_id" or \'prompt\' or \'conversation_id\' must be provided.',
          'input',
          'missing_required_parameter',
        )
      : undefined
  }
  if (typeof input === 'string') return undefined
  if (!Array.isArray(input)) return invalidType('input', 'one of a string or array of objects')
  for (const [index, item] of input.entries()) {
    const fault =
      checkItem(item, `input[${index}]`, issued) ?? checkStored(item, body) ?? checkReasoningOrder(input, index)
    if (fault) return fault
  }
  // "Must be the final input item": openai-node `ResponseInputItem.CompactionTrigger`.
  const trigger = input.findIndex(({ type }) => type === 'compaction_trigger')
  if (trigger !== -1 && trigger < input.length - 1) {
    return badRequest('The compaction trigger must be the final input item.', `input[${trigger}]`, 'invalid_value')
  }
  return checkPairs(input)
}

/**
 * Codex' notes on an item, which it sends to OpenAI, by key and by login, and to nobody else (openai/codex codex-rs/core/src/client.rs,
 * `if !is_openai`; their fields: codex-rs/protocol/src/models.rs `InternalChatMessageMetadataPassthrough`).
 */
export const NOTES = 'internal_chat_message_metadata_passthrough'

function checkItem(given: Json, at: string, issued: ReadonlySet<string>): VendorError | undefined {
  const { [NOTES]: notes, ...item } = given
  const fault = notes && only(notes, `${at}.${NOTES}`, ['turn_id', 'create_time', 'content_item_kinds'])
  if (fault) return fault
  const type = (item['type'] as string | undefined) ?? 'message'
  const callId: unknown = item['call_id']
  if (typeof callId === 'string' && callId.length > 64) {
    const words = `string too long. Expected a string with maximum length 64, but got a string with length ${callId.length} instead.`
    return badRequest(`Invalid '${at}.call_id': ${words}`, `${at}.call_id`, 'string_above_max_length')
  }
  switch (type) {
    case 'message':
      return (
        only(item, at, ['role', 'content', 'id', 'status', 'phase']) ??
        // openai/codex issue 33176.
        checkId(item, at, 'msg') ??
        checkContent(item, at)
      )
    case 'function_call':
      return (
        only(item, at, ['call_id', 'name', 'arguments', 'id', 'status', 'namespace', 'caller', 'async']) ??
        needText(item, at, ['call_id', 'name', 'arguments']) ??
        checkId(item, at, 'fc')
      )
    case 'custom_tool_call':
      return (
        only(item, at, ['call_id', 'name', 'input', 'id', 'status', 'namespace', 'caller', 'async']) ??
        needText(item, at, ['call_id', 'name', 'input']) ??
        checkId(item, at, 'ctc')
      )
    case 'function_call_output':
    case 'custom_tool_call_output':
      return (
        only(item, at, ['call_id', 'output', 'id', 'status', 'caller']) ??
        needText(item, at, ['call_id']) ??
        checkId(item, at, type === 'custom_tool_call_output' ? 'ctco' : '') ??
        (typeof item['output'] === 'string' ? undefined : checkParts(item['output'], `${at}.output`, INPUT_PARTS))
      )
    case 'reasoning':
      return (
        only(item, at, ['id', 'summary', 'content', 'encrypted_content', 'status']) ??
        (Array.isArray(item['summary']) ? undefined : missing(`${at}.summary`)) ??
        checkId(item, at, 'rs') ??
        checkEncrypted(item['encrypted_content'], issued)
      )
    // By its id alone, as OpenAI's guide to image generation goes on from one, or whole (openai-openapi issue 575).
    case 'image_generation_call':
      return (
        only(item, at, ['id', 'status', 'result', ...IMAGE_FACTS]) ??
        needText(item, at, ['id']) ??
        checkId(item, at, 'ig')
      )
    // openai-node `ResponseCompactionItemParam`.
    case 'compaction':
      return (
        only(item, at, ['id', 'encrypted_content']) ??
        needText(item, at, ['encrypted_content']) ??
        checkEncrypted(item['encrypted_content'], issued)
      )
    case 'compaction_trigger':
      return only(item, at, [])
    case 'item_reference':
      return { ...badRequest(`Item with id '${item['id']}' not found.`, 'input'), status: 404 }
    default:
      return OWN_ITEMS.test(type) ? undefined : badRequest(`Invalid value: '${type}'.`, `${at}.type`, 'invalid_value')
  }
}

function checkContent({ role, content }: Json, at: string): VendorError | undefined {
  const types = PARTS[role as string]
  if (role === undefined) return missing(`${at}.role`)
  if (!types) {
    return badRequest(
      `Invalid value: '${role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.`,
      `${at}.role`,
      'invalid_value',
    )
  }
  if (content === undefined) return missing(`${at}.content`)
  return typeof content === 'string' ? undefined : checkParts(content, `${at}.content`, types)
}

function checkParts(parts: unknown, path: string, types: string[]): VendorError | undefined {
  if (!Array.isArray(parts)) return invalidType(path, 'one of a string or array of objects')
  for (const [index, part] of (parts as Json[]).entries()) {
    const at = `${path}[${index}]`
    const { type, text, refusal, image_url: image, file_id: id, file_data: data, file_url: url } = part
    if (typeof type !== 'string') return missing(`${at}.type`)
    if (!types.includes(type)) {
      const list = types.map((word) => `'${word}'`).join(', ')
      return badRequest(`Invalid value: '${type}'. Supported values are: ${list}.`, `${at}.type`, 'invalid_value')
    }
    const fields: Record<string, string[]> = {
      input_text: ['text', 'prompt_cache_breakpoint'],
      output_text: ['text', 'annotations', 'logprobs'],
      refusal: ['refusal'],
      input_image: ['image_url', 'file_id', 'detail', 'prompt_cache_breakpoint'],
      input_file: ['file_id', 'file_data', 'file_url', 'filename', 'detail', 'prompt_cache_breakpoint'],
    }
    const fault = only(part, at, fields[type] ?? [])
    if (fault) return fault
    if (type.endsWith('_text') && typeof text !== 'string') return missing(`${at}.text`)
    if (type === 'refusal' && typeof refusal !== 'string') return missing(`${at}.refusal`)
    if (
      type === 'input_image' &&
      id === undefined &&
      !/^(https?:\/\/|data:image\/[\w.+-]+;base64,.)/.test(image ?? '')
    ) {
      return badRequest(
        `Invalid '${at}.image_url'. Expected a base64-encoded data URL with an image MIME type.`,
        `${at}.image_url`,
        'invalid_value',
      )
    }
    if (type === 'input_file' && id === undefined && url === undefined) {
      if (!/^data:[^,]+;base64,/.test(data ?? '')) return missing(`${at}.file_data`)
      if (part['filename'] === undefined) return missing(`${at}.filename`)
    }
  }
  return undefined
}

/** An item's id, where there is one, has the prefix of its type. */
function checkId({ id }: Json, at: string, prefix: string): VendorError | undefined {
  if (!given(id)) return undefined
  const words = `string too long. Expected a string with maximum length 64, but got a string with length ${id.length} instead.`
  // openai/codex issue 39133.
  if (id.length > 64) return badRequest(`Invalid '${at}.id': ${words}`, `${at}.id`, 'string_above_max_length')
  if (/^[\w-]+$/.test(id) && id.startsWith(prefix)) return undefined
  return badRequest(
    `Invalid '${at}.id': '${id}'. Expected an ID that begins with '${prefix}'.`,
    `${at}.id`,
    'invalid_value',
  )
}

function checkEncrypted(content: unknown, issued: ReadonlySet<string>): VendorError | undefined {
  if (!given(content) || (typeof content === 'string' && issued.has(content))) return undefined
  return badRequest(
    'The encrypted content could not be verified. Reason: Encrypted content could not be decrypted or parsed.',
    null,
    'invalid_encrypted_content',
  )
}

/**
 * Reasoning without its content, or an image without its result, is looked up by its id (vercel/ai issue 7543): this server stored none
 * under an id of another length.
 */
function checkStored({ type, id, encrypted_content: content, result }: Json, { store }: Json): VendorError | undefined {
  const whole = type === 'reasoning' ? content : type === 'image_generation_call' ? result : id
  if (!given(id) || given(whole)) return undefined
  if (store !== false && !/^[a-z]+_[0-9a-f]{32}$/.test(id)) return undefined
  const why =
    store === false
      ? ' Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.'
      : ''
  return { ...badRequest(`Item with id '${id}' not found.${why}`, 'input'), status: 404 }
}

/** Reasoning stands before what it led to. */
function checkReasoningOrder(input: Json[], index: number): VendorError | undefined {
  if (input[index]?.['type'] !== 'reasoning') return undefined
  const next = input[index + 1]
  const follows = next && next['role'] !== 'user' && !String(next['type']).endsWith('_output')
  if (follows) return undefined
  return badRequest(
    `Item '${input[index]['id']}' of type 'reasoning' was provided without its required following item.`,
    'input',
  )
}

/** Every result answers a call before it, and every call is answered. */
function checkPairs(input: Json[]): VendorError | undefined {
  const open = new Map<string, string>()
  for (const { type, call_id: id } of input) {
    if (type === 'function_call' || type === 'custom_tool_call') open.set(id, type)
    if (type !== 'function_call_output' && type !== 'custom_tool_call_output') continue
    const kind = type === 'function_call_output' ? 'function' : 'custom tool'
    if (open.get(id) !== String(type).slice(0, -'_output'.length)) {
      return badRequest(`No tool call found for ${kind} call output with call_id ${id}.`, 'input')
    }
    open.delete(id)
  }
  const [left] = open.keys()
  return left === undefined ? undefined : badRequest(`No tool output found for function call ${left}.`, 'input')
}

function only(object: Json, at: string, fields: string[]): VendorError | undefined {
  const stray = Object.keys(object).find((name) => name !== 'type' && !fields.includes(name))
  return stray === undefined ? undefined : unknown(`${at}.${stray}`)
}

function needText(object: Json, at: string, fields: string[]): VendorError | undefined {
  const lost = fields.find((name) => typeof object[name] !== 'string')
  return lost === undefined ? undefined : missing(`${at}.${lost}`)
}

function unknown(param: string): VendorError {
  return badRequest(`Unknown parameter: '${param}'.`, param, 'unknown_parameter')
}

function missing(param: string): VendorError {
  return badRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter')
}

function notWithModel(what: string, param: string): VendorError {
  return badRequest(`Unsupported parameter: ${what} is not supported with this model.`, param, 'unsupported_parameter')
}

function invalidType(param: string, expected: string): VendorError {
  return badRequest(`Invalid type for '${param}': expected ${expected}.`, param, 'invalid_type')
}
