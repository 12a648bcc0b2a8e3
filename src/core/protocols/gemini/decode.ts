import { invalidRequest } from '../../chat/index.ts'
import type { ChatRequest, ChatTool, Extra, JsonSchema, ResponseFormat, ToolChoice } from '../../chat/index.ts'
import { readContents, readSystem } from './decode-contents.ts'
import { withRest } from './decode-parts.ts'
import { compact, isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { ONE_OF, oneOf } from './one-of.ts'
import { PROTOCOL } from './options.ts'
import { invalid, Reader } from './reader.ts'
import { jsonSchema } from './schema-back.ts'
import { readThinking } from './thinking.ts'

/**
 * Reads the body of `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`. The route adds what only the URL
 * says: `model`, without `models/`, and `stream`.
 *
 * @throws {ChatError} 400 in Google's words.
 */
export function decodeRequest(value: unknown): ChatRequest {
  if (!isObject(value)) throw invalidRequest('Invalid JSON payload received. Root element must be a message.')
  const body = new Reader(value, '')
  const model = body.string('model')?.replace(/^models\//, '')
  if (model === undefined || model === '') throw invalid('model', 'it is required')
  const stream = body.boolean('stream') ?? false
  const { generation, left } = readGenerationConfig(body.nested('generationConfig'))
  const { toolChoice, rest: toolConfig } = readToolConfig(body.nested('toolConfig'))
  const tools = readTools(body.readers('tools'))
  const messages = [...readSystem(body.raw('systemInstruction')), ...readContents(body.raw('contents'))]
  const extra: Extra = { ...body.rest(), ...(toolConfig && { toolConfig }), ...(left && { generationConfig: left }) }
  return compact({
    protocol: PROTOCOL,
    model,
    messages,
    stream,
    includeUsage: true,
    tools,
    toolChoice,
    ...generation,
    extra: Object.keys(extra).length > 0 ? extra : undefined,
  })
}

function readGenerationConfig(config: Reader | undefined): { generation: Partial<ChatRequest>; left?: JsonObject } {
  if (!config) return { generation: {} }
  const { reasoning, rest: thinkingRest } = readThinking(config.nested('thinkingConfig'))
  const responseFormat = config.raw('responseFormat')
  // LangChain.js sends none of them as an empty list, and OpenAI's models that reason know no `stop` at all.
  const stops = config.strings('stopSequences')
  const generation: Partial<ChatRequest> = compact({
    responseFormat: readNewFormat(config) ?? readResponseFormat(config),
    reasoning,
    maxCompletionTokens: config.number('maxOutputTokens'),
    stop: stops && stops.length > 0 ? stops : undefined,
    temperature: config.number('temperature'),
    topP: config.number('topP'),
    topK: config.number('topK'),
    presencePenalty: config.number('presencePenalty'),
    frequencyPenalty: config.number('frequencyPenalty'),
    n: config.number('candidateCount'),
    seed: config.number('seed'),
    logprobs: config.boolean('responseLogprobs'),
    topLogprobs: config.number('logprobs'),
  })
  // One choice is what there is without asking.
  if (generation.n === 1) delete generation.n
  const left = compact({ ...config.rest(), thinkingConfig: thinkingRest, responseFormat })
  return { generation, ...(Object.keys(left).length > 0 && { left }) }
}

/**
 * The text of `responseFormat`, for which the other fields are deprecated (`GenerationConfig` of @google/genai). Its type is written as
 * `application/json` (ai.google.dev/gemini-api/docs/file-search) and as `APPLICATION_JSON`. The field stays as it came, for Gemini.
 */
function readNewFormat(config: Reader): ResponseFormat | undefined {
  const [text] = (config.readers('responseFormat') ?? []).flatMap((format) => format.nested('text') ?? [])
  if (!text) return undefined
  const mime = text.string('mimeType')?.toLowerCase().replace('_', '/')
  return formatOf(mime, text.object('schema'), { mime: text.path('mimeType'), schema: text.path('schema') })
}

/** `responseMimeType` with a schema of either kind. */
function readResponseFormat(config: Reader): ResponseFormat | undefined {
  const plain = config.object('responseJsonSchema')
  const own = config.object('responseSchema')
  const paths = { mime: config.path('responseMimeType'), schema: config.path('responseSchema') }
  return formatOf(config.string('responseMimeType'), plain ?? (own && jsonSchema(own)), paths)
}

/** @param paths where both are in the request, for errors */
function formatOf(
  mime: string | undefined,
  schema: JsonSchema | undefined,
  paths: { mime: string; schema: string },
): ResponseFormat | undefined {
  if (mime === undefined && schema === undefined) return undefined
  if (mime === 'text/plain') return { type: 'text' }
  if (mime === ONE_OF) return readOneOf(schema, paths.schema)
  if (mime !== undefined && mime !== 'application/json') {
    throw invalid(paths.mime, `byok takes text/plain, application/json and ${ONE_OF}`)
  }
  return schema ? { type: 'json_schema', name: nameOf(schema), schema } : { type: 'json_object' }
}

function readOneOf(schema: JsonSchema | undefined, path: string): ResponseFormat {
  const texts = schema?.['enum']
  if (Array.isArray(texts) && texts.length > 0 && texts.every((text) => typeof text === 'string')) return oneOf(texts)
  throw invalid(path, `${ONE_OF} wants a schema of type STRING with an enum`)
}

/** OpenAI and Anthropic want a name for a schema; Gemini has only a title. */
function nameOf({ title }: JsonSchema): string {
  return typeof title === 'string' && /^[\w-]{1,64}$/.test(title) ? title : 'response'
}

function readTools(tools: Reader[] | undefined): ChatTool[] | undefined {
  if (!tools || tools.length === 0) return undefined
  return tools.flatMap((tool): ChatTool[] => {
    const functions = (tool.readers('functionDeclarations') ?? []).map(readFunction)
    const rest = tool.rest()
    return rest ? [...functions, { type: 'provider', tool: rest, protocol: PROTOCOL }] : functions
  })
}

function readFunction(declaration: Reader): ChatTool {
  const name = declaration.string('name')
  if (name === undefined) throw invalid(declaration.path('name'), 'it is required')
  const description = declaration.string('description')
  const plain = declaration.object('parametersJsonSchema')
  const own = declaration.object('parameters')
  const parameters = plain ?? (own && jsonSchema(own))
  return withRest(compact({ type: 'function' as const, name, description, parameters }), declaration.rest())
}

function readToolConfig(config: Reader | undefined): { toolChoice?: ToolChoice; rest?: JsonObject } {
  if (!config) return {}
  const calling = config.nested('functionCallingConfig')
  const toolChoice = calling && readChoice(calling)
  const within = calling?.rest()
  const rest = { ...config.rest(), ...(within && { functionCallingConfig: within }) }
  return compact({ toolChoice, rest: Object.keys(rest).length > 0 ? rest : undefined })
}

function readChoice(calling: Reader): ToolChoice | undefined {
  const mode = calling.string('mode')?.toUpperCase()
  const names = calling.strings('allowedFunctionNames') ?? []
  switch (mode) {
    case undefined:
    case 'MODE_UNSPECIFIED':
      return undefined
    // VALIDATED is AUTO with calls held to their schema.
    case 'AUTO':
    case 'VALIDATED':
      return names.length > 0 ? { type: 'allowed', mode: 'auto', names } : { type: 'auto' }
    case 'NONE':
      return { type: 'none' }
    case 'ANY': {
      const [only] = names
      if (only === undefined) return { type: 'required' }
      return names.length === 1
        ? { type: 'tool', kind: 'function', name: only }
        : { type: 'allowed', mode: 'required', names }
    }
    default:
      throw invalid(calling.path('mode'), 'expected AUTO, ANY, NONE or VALIDATED')
  }
}
