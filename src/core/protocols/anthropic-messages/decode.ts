import { invalidRequest } from '../../chat/index.ts'
import type { ChatMessage, ChatRequest, Extra, ResponseFormat, ToolChoice, UserMessage } from '../../chat/index.ts'
import { readAssistantBlock, readContent, readSystemBlock, readToolResult, readUserBlock } from './decode-content.ts'
import { readTools } from './decode-tools.ts'
import { fieldsOf, invalid, missing, wrongType, wrongValue } from './fields.ts'
import type { Fields } from '../fields.ts'
import { compact, isObject } from '../json.ts'
import { PROTOCOL } from './options.ts'
import { readReasoningOptions } from './reasoning-options.ts'

/**
 * Reads the body of `POST /v1/messages`: every field of Anthropic's, and under `extra` whatever else there is. `thinking` and
 * `output_config` stay there too, as they came, for a provider that takes them.
 *
 * @param counting Whether it is the body of `…/count_tokens`, which has no limit on tokens.
 * @throws {ChatError} 400 in Anthropic's words.
 */
export function decodeRequest(value: unknown, counting = false): ChatRequest {
  if (!isObject(value)) throw invalidRequest('The body must be a JSON object, such as {"model": …, "messages": […]}.')
  const body = fieldsOf(value)
  const model = body.requiredString('model')
  const maxTokens = body.integer('max_tokens')
  if (maxTokens === undefined && !counting) throw missing('max_tokens')
  const choice = readToolChoice(body)
  const user = readMetadata(body)
  const outputConfig = readOutputConfig(body)
  const messages = [...readSystem(body), ...readMessages(body, isObject(value['thread']))]
  const request: ChatRequest = compact({
    protocol: PROTOCOL,
    model,
    messages,
    stream: body.boolean('stream') ?? false,
    includeUsage: true,
    tools: readTools(body, messages),
    toolChoice: choice?.choice,
    parallelToolCalls: choice?.parallel,
    responseFormat: outputConfig.format,
    reasoning: readReasoningOptions(value['thinking'], value['output_config'], messages),
    maxCompletionTokens: maxTokens,
    stop: readStop(body),
    temperature: body.number('temperature'),
    topP: body.number('top_p'),
    topK: body.integer('top_k'),
    user: user?.id,
    metadata: user?.rest,
    serviceTier: body.string('service_tier'),
  })
  const extra: Extra = { ...(outputConfig.rest && { output_config: outputConfig.rest }), ...body.rest() }
  if (Object.keys(extra).length > 0) request.extra = extra
  return request
}

function readSystem(body: Fields): ChatMessage[] {
  const system = body.raw('system')
  if (system === undefined) return []
  const content = readContent(system, 'system', readSystemBlock)
  return content.length > 0 ? [{ role: 'system', content }] : []
}

/** @param held Whether the provider has the conversation already, so that there may be nothing new. */
function readMessages(body: Fields, held: boolean): ChatMessage[] {
  const messages = body.array('messages')
  if (!messages) throw missing('messages')
  if (messages.length === 0 && !held) throw invalid('messages: at least one message is required', 'messages')
  return messages.flatMap((message, index) => readMessage(fieldsOf(message, `messages.${index}`)))
}

function readMessage(message: Fields): ChatMessage[] {
  const role = message.requiredString('role')
  const content = message.raw('content')
  const path = message.path('content')
  const extra = message.rest()
  const more = extra && { extra }
  switch (role) {
    case 'user':
      return readUser(content, path, more)
    case 'assistant':
      return [{ role, content: readContent(content, path, readAssistantBlock), ...more }]
    case 'system':
      // One that only sets something need not say anything (`BetaSystemMessageParam` of @anthropic-ai/sdk).
      return [{ role, content: readContent(content ?? (extra && []), path, readSystemBlock), ...more }]
    default:
      throw wrongValue(message.path('role'), ['user', 'assistant', 'system'])
  }
}

/** A user's turn: the results of tools, each a message of its own, and then what the user says. */
function readUser(content: unknown, path: string, more: { extra: Extra } | undefined): ChatMessage[] {
  const results: ChatMessage[] = []
  const said = readContent(content, path, (block, at) => {
    if (block['type'] !== 'tool_result') return readUserBlock(block, at)
    results.push(readToolResult(block, at))
    return undefined
  })
  const user: UserMessage = { role: 'user', content: said.filter((part) => part !== undefined), ...more }
  return results.length > 0 && user.content.length === 0 ? results : [...results, user]
}

function readToolChoice(body: Fields): { choice: ToolChoice; parallel: boolean | undefined } | undefined {
  const fields = body.nested('tool_choice')
  if (!fields) return undefined
  const type = fields.requiredString('type')
  const disabled = fields.boolean('disable_parallel_tool_use')
  const parallel = disabled === undefined ? undefined : !disabled
  switch (type) {
    case 'auto':
    case 'none':
      return { choice: { type }, parallel }
    case 'any':
      return { choice: { type: 'required' }, parallel }
    case 'tool':
      return { choice: { type, kind: 'function', name: fields.requiredString('name') }, parallel }
    default:
      throw wrongValue(fields.path('type'), ['auto', 'any', 'tool', 'none'])
  }
}

function readOutputConfig(body: Fields): { format?: ResponseFormat; rest?: Extra } {
  const config = body.nested('output_config')
  // The older place of the same format.
  const format = config?.nested('format') ?? body.nested('output_format')
  const rest = config?.rest()
  if (!format) return { ...(rest && { rest }) }
  if (format.requiredString('type') !== 'json_schema') throw wrongValue(format.path('type'), ['json_schema'])
  const schema = format.object('schema')
  if (!schema) throw missing(format.path('schema'))
  return { format: { type: 'json_schema', name: 'response', schema, strict: true }, ...(rest && { rest }) }
}

function readMetadata(body: Fields): { id: string | undefined; rest: Extra | undefined } | undefined {
  const metadata = body.nested('metadata')
  return metadata && { id: metadata.string('user_id'), rest: metadata.rest() }
}

/** An empty list is none: OpenAI's models that reason know no `stop` at all. */
function readStop(body: Fields): string[] | undefined {
  const stops = body.array('stop_sequences')?.map((sequence, index) => {
    if (typeof sequence !== 'string') throw wrongType(`stop_sequences.${index}`, 'string')
    return sequence
  })
  return stops && stops.length > 0 ? stops : undefined
}
