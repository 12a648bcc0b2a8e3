import {
  functionOf,
  invalidRequest,
  maxOutputTokens,
  nameOfTool,
  unsupported,
  withoutForeignExtra,
  withoutForeignOffers,
  withSoundsInWords,
} from '../../chat/index.ts'
import type { ChatRequest, ChatTool, FunctionTool, ResponseFormat, ToolChoice } from '../../chat/index.ts'
import { FUNCTION_EXTRA } from './fields.ts'
import { formatInWords, withSystemWords } from '../format-in-words.ts'
import { compact, isObject, pick, withExtra } from '../json.ts'
import { OPENROUTER_HINTS } from '../openai-chat/openrouter-hints.ts'
import { THINKING_HINTS } from '../openai-chat/reasoning-options.ts'
import type { JsonObject } from '../json.ts'
import { modelFacts } from './model.ts'
import { ONE_OF, textsOf } from './one-of.ts'
import type { GeminiOptions } from './options.ts'
import { PROTOCOL } from './options.ts'
import { writeContents } from './request-contents.ts'
import { geminiSchema } from './schema.ts'
import { writeThinking } from './thinking.ts'

/** Fields of other vendors' requests that say nothing here, and are left out as well. */
const FOREIGN_HINTS = new Set<string>([
  'stream_options',
  'safety_identifier',
  'prompt_cache_retention',
  'prompt_cache_options',
  'prediction',
  'include',
  'truncation',
  'client_metadata',
  'anthropic_beta',
  'context_management',
  'output_config',
  'thinking',
  'reasoning',
  'response_format',
  ...THINKING_HINTS,
  ...OPENROUTER_HINTS,
])

/** Top-level fields of Gemini's that the neutral model has no word for (GenerateContentRequest, ai.google.dev/api/generate-content). */
const OWN_FIELDS = new Set([
  'safetySettings',
  'cachedContent',
  'continuationToken',
  'labels',
  'serviceTier',
  'store',
  'modelArmorConfig',
  'toolConfig',
  'generationConfig',
])

/**
 * The body for `:generateContent` and `:streamGenerateContent`. The model and whether to stream are in the URL.
 *
 * What has no place in Gemini's format, and without which the answer is right, is left out: who asks, how the answer is cached, stored or
 * priced, `parallel_tool_calls` and `verbosity`, that a schema is strict (Gemini's always are), penalties where the model has none, the
 * detail of an image, cache breakpoints, names of speakers, what other vendors' models reasoned or noted on parts of their answers, and how
 * hard to think where the model does not think at all.
 *
 * @throws {ChatError} 400 naming what Gemini cannot do.
 */
export function encodeRequest(given: ChatRequest, options: GeminiOptions): JsonObject {
  const { provider = 'Gemini' } = options
  const known = withoutForeignOffers(given, ({ protocol }) => protocol === PROTOCOL)
  const own = withoutForeignExtra(withSoundsInWords(known, provider), ['gemini', 'openai-chat'], provider)
  const chat = withFormatTold(own)
  if (chat.logitBias && Object.keys(chat.logitBias).length > 0)
    throw unsupported(provider, '`logit_bias`', 'logit_bias')
  const { systemInstruction, contents } = writeContents(chat.messages, chat.model, options)
  const generationConfig = writeGenerationConfig(chat, options)
  const body = compact({
    contents,
    systemInstruction,
    tools: writeTools(offered(chat), options),
    toolConfig: writeToolConfig(chat),
    generationConfig: Object.keys(generationConfig).length > 0 ? generationConfig : undefined,
  })
  const whole = withExtra(body, ownExtra(chat, provider))
  return options.adapt ? options.adapt(whole, chat) : whole
}

/** The request with the format of its answer in words, where the model cannot be held to it beside functions. */
function withFormatTold(chat: ChatRequest): ChatRequest {
  const { responseFormat: format, tools = [], protocol, model } = chat
  const words = format && formatInWords(format)
  const calls = tools.some(({ type }) => type !== 'provider')
  if (words === undefined || !calls || protocol === PROTOCOL || modelFacts(model).jsonBesideCalls) return chat
  const { responseFormat: _, ...rest } = chat
  return { ...rest, messages: withSystemWords(chat.messages, words) }
}

function ownExtra({ extra }: ChatRequest, provider: string): JsonObject | undefined {
  if (!extra) return undefined
  const own: JsonObject = {}
  for (const [name, value] of Object.entries(extra)) {
    if (OWN_FIELDS.has(name)) own[name] = value
    // OpenAI's: text alone is what there is anyway.
    else if (name === 'modalities' && Array.isArray(value) && value.every((kind) => kind === 'text')) continue
    else if (!FOREIGN_HINTS.has(name)) throw unsupported(provider, `the field \`${name}\``, name)
  }
  return own
}

function writeGenerationConfig(chat: ChatRequest, options: GeminiOptions): JsonObject {
  const limit = maxOutputTokens(chat)
  return compact({
    ...(saysFormat(chat) ? {} : writeResponseFormat(chat.responseFormat, options)),
    maxOutputTokens: limit === undefined ? undefined : Math.min(limit, options.maxOutput ?? limit),
    stopSequences: chat.stop && chat.stop.length > 0 ? chat.stop : undefined,
    temperature: chat.temperature,
    topP: chat.topP,
    topK: chat.topK,
    seed: chat.seed,
    ...writePenalties(chat),
    candidateCount: chat.n,
    responseLogprobs: chat.logprobs === true ? true : undefined,
    logprobs: chat.logprobs === true ? chat.topLogprobs : undefined,
    thinkingConfig: writeThinking(chat.reasoning, chat.model, chat.protocol === PROTOCOL),
  })
}

/** Whether the format is among what goes along as it came: its newest field, beside which the others are not to be. */
function saysFormat({ extra }: ChatRequest): boolean {
  const config = extra?.['generationConfig']
  return isObject(config) && config['responseFormat'] !== undefined
}

/** What a client of this very format says is its own affair. */
function writePenalties({ model, protocol, presencePenalty, frequencyPenalty }: ChatRequest): JsonObject {
  return protocol === PROTOCOL || modelFacts(model).penalties ? { presencePenalty, frequencyPenalty } : {}
}

function writeResponseFormat(
  format: ResponseFormat | undefined,
  { schemas = 'json-schema' }: GeminiOptions,
): JsonObject {
  if (!format || format.type === 'text') return {}
  const texts = textsOf(format)
  if (texts) return { responseMimeType: ONE_OF, responseSchema: { type: 'STRING', enum: texts } }
  const responseMimeType = 'application/json'
  if (format.type === 'json_object' || !format.schema) return { responseMimeType }
  const schema = geminiSchema(format.schema, schemas)
  if (schema['description'] === undefined && format.description !== undefined)
    schema['description'] = format.description
  return { responseMimeType, [schemas === 'openapi' ? 'responseSchema' : 'responseJsonSchema']: schema }
}

/** The tools the model may see: `allowed_tools` in mode `auto` is said by leaving the others out. */
function offered({ tools = [], toolChoice }: ChatRequest): ChatTool[] {
  if (toolChoice?.type !== 'allowed' || toolChoice.mode !== 'auto') return tools
  return tools.filter((tool) => tool.type === 'provider' || toolChoice.names.includes(tool.name))
}

/** All functions in one tool, as the API wants them; Gemini's own tools each in theirs. */
function writeTools(tools: ChatTool[], options: GeminiOptions): JsonObject[] | undefined {
  const { provider = 'Gemini' } = options
  const functions: JsonObject[] = []
  const own: JsonObject[] = []
  tools.forEach((tool, index) => {
    const path = `tools[${index}]`
    if (tool.type === 'function') return functions.push(writeFunction(tool, options))
    if (tool.type === 'custom') return functions.push(writeFunction(functionOf(tool), options))
    if (tool.protocol !== PROTOCOL) {
      throw unsupported(provider, `the tool \`${nameOfTool(tool)}\` of another provider`, path)
    }
    return own.push(tool.tool)
  })
  const all = functions.length > 0 ? [{ functionDeclarations: functions }, ...own] : own
  return all.length > 0 ? all : undefined
}

function writeFunction({ name, description, parameters, extra }: FunctionTool, options: GeminiOptions): JsonObject {
  const { schemas = 'json-schema' } = options
  const field = schemas === 'openapi' ? 'parameters' : 'parametersJsonSchema'
  const schema = parameters && geminiSchema(parameters, schemas)
  if (schema) schema['type'] = 'object'
  // `Schema` refuses an object without properties; no parameters says the same.
  const empty = schemas === 'openapi' && schema && schema['properties'] === undefined && schema['anyOf'] === undefined
  return withExtra(compact({ name, description, [field]: empty ? undefined : schema }), pick(extra, FUNCTION_EXTRA))
}

function writeToolConfig({ toolChoice, tools = [] }: ChatRequest): JsonObject | undefined {
  if (!toolChoice) return undefined
  if (tools.length === 0) {
    if (toolChoice.type === 'auto' || toolChoice.type === 'none') return undefined
    throw invalidRequest('`tool_choice` asks for a tool, and there are no `tools`.', 'tool_choice')
  }
  return { functionCallingConfig: writeChoice(toolChoice) }
}

function writeChoice(choice: ToolChoice): JsonObject {
  switch (choice.type) {
    case 'auto':
      return { mode: 'AUTO' }
    case 'none':
      return { mode: 'NONE' }
    case 'required':
      return { mode: 'ANY' }
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] }
    case 'allowed':
      return choice.mode === 'auto' ? { mode: 'AUTO' } : { mode: 'ANY', allowedFunctionNames: choice.names }
  }
}
