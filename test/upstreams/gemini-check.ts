import type { RecordedRequest } from '../../src/testing/fake-server.ts'
import { badRequest, unknownNames } from './gemini-failures.ts'
import type { GoogleError } from './gemini-failures.ts'
import { formOfSignature } from './claude-signatures.ts'
import { faultInSchema, ignoredKeywords, unknownInSchema } from './gemini-schema.ts'
import type { UnknownName } from './gemini-schema.ts'
import { isIssued } from './gemini-signatures.ts'
import { listOf, under } from './gemini-wire.ts'
import type { Json } from './gemini-wire.ts'

/** Fields by message, of ai.google.dev/api/generate-content. */
const FIELDS = {
  request: [
    'contents',
    'systemInstruction',
    'tools',
    'toolConfig',
    'safetySettings',
    'generationConfig',
    'cachedContent',
    'continuationToken',
    'serviceTier',
    'store',
  ],
  content: ['role', 'parts'],
  part: [
    'text',
    'thought',
    'thoughtSignature',
    'inlineData',
    'fileData',
    'functionCall',
    'functionResponse',
    'executableCode',
    'codeExecutionResult',
    'toolCall',
    'toolResponse',
    'videoMetadata',
    'mediaResolution',
    'partMetadata',
    'speechMetadata',
  ],
  inlineData: ['mimeType', 'data'],
  fileData: ['mimeType', 'fileUri'],
  functionCall: ['id', 'name', 'args'],
  functionResponse: ['id', 'name', 'response', 'parts', 'willContinue', 'scheduling'],
  tool: [
    'functionDeclarations',
    'googleSearch',
    'googleSearchRetrieval',
    'codeExecution',
    'urlContext',
    'fileSearch',
    'googleMaps',
    'computerUse',
    'mcpServers',
  ],
  declaration: [
    'name',
    'description',
    'behavior',
    'parameters',
    'parametersJsonSchema',
    'response',
    'responseJsonSchema',
  ],
  toolConfig: ['functionCallingConfig', 'retrievalConfig', 'includeServerSideToolInvocations'],
  functionCallingConfig: ['mode', 'allowedFunctionNames'],
  generationConfig: [
    'stopSequences',
    'responseMimeType',
    'responseSchema',
    'responseJsonSchema',
    'responseModalities',
    'candidateCount',
    'maxOutputTokens',
    'temperature',
    'topP',
    'topK',
    'seed',
    'presencePenalty',
    'frequencyPenalty',
    'responseLogprobs',
    'logprobs',
    'enableEnhancedCivicAnswers',
    'speechConfig',
    'thinkingConfig',
    'imageConfig',
    'mediaResolution',
  ],
  thinkingConfig: ['includeThoughts', 'thinkingBudget', 'thinkingLevel'],
} as const

/** How a server that speaks Gemini's format differs from the Gemini API. */
export interface GeminiDialect {
  /** What paths in errors begin with: Code Assist's requests are wrapped. */
  prefix?: string
  /** Fields of the request beyond the API's. */
  fields?: string[]
  /** Whether the model behind it is one of Google's. Default: yes. */
  claude?: boolean
  /** Whether functions come with `parametersJsonSchema`. Default: yes. */
  jsonSchema?: boolean
}

/** Checks a body as the API would, before any model is asked. */
export function checkContent(body: Json, model: string, dialect: GeminiDialect = {}): GoogleError | undefined {
  const unknown = unknownFields(body, dialect)
  if (unknown.length > 0) return unknownNames(unknown)
  return (
    checkContents(body.contents, model, dialect) ??
    checkSystem(body.systemInstruction) ??
    checkTools(body) ??
    checkJsonAnswer(body, model) ??
    checkLimit(body.generationConfig ?? {}, model) ??
    checkModalities(body.generationConfig ?? {}, model) ??
    checkSpeech(body, model) ??
    checkConfig(body.generationConfig ?? {}, model)
  )
}

/** As reported of it: "Model does not support the requested response modalities: image,text". */
function checkModalities({ responseModalities: kinds = [] }: Json, model: string): GoogleError | undefined {
  const fits = model.includes('tts')
    ? kinds.length === 1 && kinds[0] === 'AUDIO'
    : (!kinds.includes('IMAGE') || model.includes('image')) && !kinds.includes('AUDIO')
  if (fits) return undefined
  return badRequest(`Model does not support the requested response modalities: ${kinds.join(',').toLowerCase()}`)
}

/**
 * Of models that speak. Texts alone are spoken; those before 3.8 have no `speechMetadata`, and answer a text that does not tell them to say
 * it (ai.google.dev/gemini-api/docs/speech-generation; both errors in the words in which people report them).
 */
function checkSpeech({ contents, generationConfig = {} }: Json, model: string): GoogleError | undefined {
  if (!model.includes('tts')) return undefined
  const [part = {}] = under(contents, 'parts')
  const { prebuiltVoiceConfig: prebuilt }: Json = generationConfig.speechConfig?.voiceConfig ?? {}
  if (prebuilt && !VOICES.includes(prebuilt.voiceName?.toLowerCase()))
    return badRequest(
      `Voice name ${prebuilt.voiceName} is not supported. Allowed voice names are: ${VOICES.join(', ')}`,
    )
  if (isVerbatim(model)) return undefined
  if (part.speechMetadata) return unknownNames([{ name: 'speechMetadata', at: 'contents[0].parts[0]' }])
  return /^[^:]{3,200}: ./s.test(part.text)
    ? undefined
    : badRequest('Model tried to generate text, but it should only be used for TTS.')
}

/** A few of thirty. */
const VOICES = ['aoede', 'kore', 'puck', 'zephyr']

/** Whether a model that speaks reads texts to the letter, and sends WAV. */
export const isVerbatim = (model: string) => Number(/^gemini-([\d.]+)/.exec(model)?.[1]) >= 3.8

export function checkJson(request: RecordedRequest): GoogleError | undefined {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return badRequest('Invalid JSON payload received. Unexpected token.\ncontents\n^')
  }
  return typeof request.json === 'object' && request.json !== null
    ? undefined
    : badRequest('Invalid JSON payload received. Unexpected end of string. Expected a value.\n\n^')
}

function unknownFields(body: Json, { prefix = '', fields = [], jsonSchema = true }: GeminiDialect): UnknownName[] {
  const found: UnknownName[] = []
  const look = (object: Json | undefined, known: readonly string[], at: string) => {
    for (const name of Object.keys(object ?? {})) {
      if (!known.includes(name)) found.push({ name, at: prefix + at })
    }
  }
  const parts = (list: Json[] | undefined, at: string) =>
    list?.forEach((part, index) => {
      look(part, FIELDS.part, `${at}.parts[${index}]`)
      look(part.inlineData, FIELDS.inlineData, `${at}.parts[${index}].inline_data`)
      look(part.fileData, FIELDS.fileData, `${at}.parts[${index}].file_data`)
      look(part.functionCall, FIELDS.functionCall, `${at}.parts[${index}].function_call`)
      look(part.functionResponse, FIELDS.functionResponse, `${at}.parts[${index}].function_response`)
    })
  look(body, [...FIELDS.request, ...fields], '')
  listOf(body.contents).forEach((content, index) => {
    look(content, FIELDS.content, `contents[${index}]`)
    parts(content.parts, `contents[${index}]`)
  })
  look(body.systemInstruction, FIELDS.content, 'system_instruction')
  parts(body.systemInstruction?.parts, 'system_instruction')
  listOf(body.tools).forEach((tool, index) => {
    look(tool, FIELDS.tool, `tools[${index}]`)
    listOf(tool.functionDeclarations).forEach((declaration, at) => {
      const path = `tools[${index}].function_declarations[${at}]`
      const known = FIELDS.declaration.filter((name) => jsonSchema || !name.endsWith('JsonSchema'))
      look(declaration, known, path)
      if (declaration.parameters) found.push(...unknownInSchema(declaration.parameters, `${prefix}${path}.parameters`))
    })
  })
  look(body.toolConfig, FIELDS.toolConfig, 'tool_config')
  look(body.toolConfig?.functionCallingConfig, FIELDS.functionCallingConfig, 'tool_config.function_calling_config')
  const config: Json | undefined = body.generationConfig
  look(config, FIELDS.generationConfig, 'generation_config')
  look(config?.thinkingConfig, FIELDS.thinkingConfig, 'generation_config.thinking_config')
  if (config?.responseSchema) {
    found.push(...unknownInSchema(config.responseSchema, `${prefix}generation_config.response_schema`))
  }
  return found
}

const KINDS = [
  'text',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  'executableCode',
  'codeExecutionResult',
  'toolCall',
  'toolResponse',
]

function checkContents(contents: Json[] | undefined, model: string, dialect: GeminiDialect): GoogleError | undefined {
  if (!Array.isArray(contents) || contents.length === 0) {
    return badRequest('* GenerateContentRequest.contents: contents is not specified\n')
  }
  for (const [index, { role, parts }] of contents.entries()) {
    if (role !== 'user' && role !== 'model') return badRequest('Please use a valid role: user, model.')
    if (!Array.isArray(parts) || parts.length === 0) {
      return badRequest(`* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.\n`)
    }
    for (const [at, part] of parts.entries()) {
      if (KINDS.filter((kind) => part[kind] !== undefined).length !== 1) {
        return badRequest(
          `* GenerateContentRequest.contents[${index}].parts[${at}].data: required oneof field 'data' must have one ` +
            'initialized field\n',
        )
      }
      const fault = checkPart(part, role, model)
      if (fault) return fault
    }
  }
  return checkTurns(contents) ?? checkEnd(contents, model) ?? checkSignatures(contents, model, dialect)
}

function checkPart(part: Json, role: string, model: string): GoogleError | undefined {
  const { inlineData, fileData, functionCall, functionResponse } = part
  if (inlineData && (!inlineData.mimeType || !/^[A-Za-z0-9+/]*={0,2}$/.test(inlineData.data ?? ''))) {
    return badRequest("Invalid value at 'contents.parts.inline_data.data' (TYPE_BYTES), Base64 decoding failed")
  }
  // ogkalu2/comic-translate pull request 399.
  if (inlineData?.mimeType === 'image/jpg') return badRequest('Unsupported MIME type: image/jpg')
  if (fileData && !/^(https|gs):/.test(fileData.fileUri ?? '')) return badRequest('Unsupported file URI type')
  if (functionCall && (role !== 'model' || typeof functionCall.args !== 'object')) {
    return badRequest('Please ensure that function call turns are of the model.')
  }
  if (
    functionResponse &&
    (role !== 'user' || !functionResponse.name || typeof functionResponse.response !== 'object')
  ) {
    return badRequest('* GenerateContentRequest.contents.parts.function_response.name: Name cannot be empty.\n')
  }
  // vercel/ai issue 14369; no part here has a name.
  const named = /"\$ref":"([^"]*)"/.exec(JSON.stringify(functionResponse?.response ?? {}))?.[1]
  if (named !== undefined && !/gemini-2/.test(model)) {
    return badRequest(
      `The referenced name \`${named}\` in function_response.response does not match to a display_name in the function_response.parts.`,
    )
  }
  if (functionResponse?.parts && /gemini-2/.test(model)) {
    return badRequest('Multimodal function responses are not supported for this model.')
  }
  return undefined
}

/** The order of turns, and a result for each call. */
function checkTurns(contents: Json[]): GoogleError | undefined {
  if (contents[0]?.role !== 'user') {
    return badRequest('Please ensure that multiturn requests begin with a user turn.')
  }
  for (const [index, content] of contents.entries()) {
    const calls = under(content.parts, 'functionCall')
    const results = under(content.parts, 'functionResponse')
    const before = under(contents[index - 1]?.parts, 'functionCall')
    if (calls.length > 0 && contents[index - 1]?.role !== 'user') {
      return badRequest(
        'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
      )
    }
    if (results.length !== before.length) {
      return badRequest(
        'Please ensure that the number of function response parts is equal to the number of function call parts of the ' +
          'function call turn.',
      )
    }
    for (const { id, name } of results) {
      const call = before.find((one) => (id === undefined ? one.name === name : one.id === id))
      if (call?.name !== name) return badRequest('Function response parts do not match the function call parts.')
    }
  }
  return undefined
}

/**
 * anomalyco/opencode issues 45359 and 47034 have the words; pipecat-ai/pipecat pull request 5821 the models that take such a request. Claude's
 * own refusal goes by the model: ericc-ch/copilot-api pull request 261.
 */
function checkEnd(contents: Json[], model: string): GoogleError | undefined {
  if (contents.at(-1)?.role !== 'model' || /gemini-(?:2\.|3-|3\.1-|pro-latest)|gpt-oss|claude-\w+-4-5/.test(model))
    return undefined
  return badRequest(
    model.includes('claude')
      ? 'This model does not support assistant message prefill. The conversation must end with a user message.'
      : 'Requests ending with a model turn are not supported.',
  )
}

/** ai.google.dev/gemini-api/docs/thought-signatures: of each step of the current turn the first call is signed. */
function checkSignatures(contents: Json[], model: string, { claude = false }: GeminiDialect): GoogleError | undefined {
  for (const { parts } of contents) {
    for (const { thoughtSignature } of parts) {
      if (thoughtSignature === undefined) continue
      // Claude takes what any of its hosts signed, in Antigravity's own form.
      const form = claude ? formOfSignature(thoughtSignature) : 'other'
      if (form === 'other' ? !isIssued(thoughtSignature) : form !== 'doubled')
        return badRequest('Corrupted thought signature.')
    }
    if (claude && listOf(parts).some((part) => part.thought && !part.thoughtSignature)) {
      return badRequest('messages.1.content.0.thinking.signature: Field required')
    }
  }
  if (claude || !/gemini-([3-9]|flash|pro)/.test(model)) return undefined
  if (model.includes('image')) {
    const bare = unsignedDrawing(contents)
    if (bare !== undefined) return badRequest(bare)
  }
  const turn = contents.findLastIndex(
    ({ role, parts }) => role === 'user' && listOf(parts).some((part) => 'text' in part),
  )
  for (const { parts } of contents.slice(turn + 1)) {
    const position = listOf(parts).findIndex((part) => part.functionCall)
    if (position === -1 || parts[position].thoughtSignature) continue
    return badRequest(
      'Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and ' +
        'missing thought_signature may lead to degraded model performance. Additional data, function call ' +
        `\`default_api:${parts[position].functionCall.name}\` , position ${position + 1}. Please refer to ` +
        'https://ai.google.dev/gemini-api/docs/thought-signatures for more details.',
    )
  }
  return undefined
}

/** Of models that draw: langchain-ai/langchain-google issue 1431 (images), googleapis/js-genai issue 1116 (texts). Positions count from 1. */
function unsignedDrawing(contents: Json[]): string | undefined {
  for (const [index, { role, parts }] of contents.entries()) {
    const answer: Json[] = role === 'model' ? listOf(parts) : []
    const first = answer.findIndex(({ thought }) => thought !== true)
    const bare = answer.findIndex((part, at) => (at === first || part.inlineData) && !part.thoughtSignature)
    if (bare === -1) continue
    const kind = answer[bare]?.inlineData ? 'Image' : 'Text'
    return `${kind} part is missing a thought_signature in content position ${index + 1}, part position ${bare + 1}.`
  }
  return undefined
}

function checkSystem(system: Json | undefined): GoogleError | undefined {
  if (!system) return undefined
  const texts = listOf(system.parts).map((part): unknown => part.text)
  return texts.length > 0 && texts.every((text) => typeof text === 'string')
    ? undefined
    : badRequest('* GenerateContentRequest.system_instruction.parts: contents.parts must not be empty.\n')
}

function checkTools({ tools = [], toolConfig }: Json): GoogleError | undefined {
  const declared = under(tools, 'functionDeclarations')
  for (const [index, { name, parameters, parametersJsonSchema }] of declared.entries()) {
    const at = `tools[0].function_declarations[${index}]`
    if (!/^[a-zA-Z_][\w.:-]{0,127}$/.test(name ?? '')) {
      return badRequest(
        `* GenerateContentRequest.${at}.name: [Invalid function name. Must start with a letter or an underscore.]\n`,
      )
    }
    if (parameters && parametersJsonSchema) {
      return badRequest('parameters and parameters_json_schema are mutually exclusive.')
    }
    const fault = parameters && faultInSchema(parameters, `${at}.parameters`)
    if (fault) return badRequest(fault)
    const ignored = ignoredKeywords(parametersJsonSchema, `${at}.parameters_json_schema`)
    if (ignored.length > 0) return badRequest(`the fake: keywords the API would ignore: ${ignored.join(', ')}`)
  }
  if (new Set(declared.map(({ name }): unknown => name)).size < declared.length) {
    return badRequest('Duplicate function declaration found.')
  }
  const { mode = 'AUTO', allowedFunctionNames } = toolConfig?.functionCallingConfig ?? {}
  if (toolConfig?.functionCallingConfig && declared.length === 0) {
    return badRequest('Function calling config is set without function_declarations.')
  }
  if (!['AUTO', 'ANY', 'NONE', 'VALIDATED'].includes(mode)) {
    return badRequest(`Invalid value at 'tool_config.function_calling_config.mode' (Mode), "${mode}"`)
  }
  if (allowedFunctionNames && mode !== 'ANY' && mode !== 'VALIDATED') {
    return badRequest('Function calling mode must be ANY when allowed_function_names is set.')
  }
  const allowed = (allowedFunctionNames ?? []) as string[]
  const stranger = allowed.find((name) => !declared.some((one) => one.name === name))
  return stranger === undefined
    ? undefined
    : badRequest(`allowed_function_names: "${stranger}" is not among the declared functions.`)
}

function checkConfig(config: Json, model: string): GoogleError | undefined {
  const { temperature, stopSequences, responseMimeType, responseSchema, responseJsonSchema, thinkingConfig } = config
  if (temperature !== undefined && (temperature < 0 || temperature > 2)) {
    return badRequest(
      '* GenerateContentRequest.generation_config.temperature: temperature must be in the range [0.0, 2.0].\n',
    )
  }
  if ((stopSequences ?? []).length > 5) {
    return badRequest('* GenerateContentRequest.generation_config.stop_sequences: at most 5 stop sequences.\n')
  }
  if (responseMimeType === 'text/x.enum') {
    // An enum value "as defined in the response schema": firebase.google.com/docs/ai-logic/generate-structured-output.
    const { type, enum: values } = responseSchema ?? {}
    if (!/^string$/i.test(type) || !Array.isArray(values) || values.length === 0) {
      return badRequest('* GenerateContentRequest.generation_config.response_schema: an enum of strings is required.\n')
    }
  } else if ((responseSchema || responseJsonSchema) && responseMimeType !== 'application/json') {
    return badRequest(
      '* GenerateContentRequest.generation_config.response_schema: only allowed when mime_type is JSON.\n',
    )
  }
  const fault = responseSchema && faultInSchema(responseSchema, 'generation_config.response_schema')
  if (fault) return badRequest(fault)
  const ignored = ignoredKeywords(responseJsonSchema, 'generation_config.response_json_schema')
  if (ignored.length > 0) return badRequest(`the fake: keywords the API would ignore: ${ignored.join(', ')}`)
  // google-gemini/cookbook issue 1290: none is tested against.
  if ((config.presencePenalty || config.frequencyPenalty) && !/gemini-2\.0/.test(model)) {
    return badRequest('Penalty is not enabled for this model')
  }
  if (config.logprobs !== undefined && config.responseLogprobs !== true) {
    return badRequest('logprobs requires response_logprobs to be true.')
  }
  return thinkingConfig ? checkThinking(thinkingConfig, model) : undefined
}

/** Before Gemini 3 a model answers in JSON or calls functions (symfony/ai issue 1777, with Gemini 2.5 Flash). */
function checkJsonAnswer({ tools, generationConfig }: Json, model: string): GoogleError | undefined {
  const calls = under(tools, 'functionDeclarations').length > 0
  return /gemini-[12]/.test(model) && calls && generationConfig?.responseMimeType === 'application/json'
    ? badRequest("Function calling with a response mime type: 'application/json' is unsupported")
    : undefined
}

/**
 * A limit above the most that a model writes: stackblitz-labs/bolt.diy issue 955. Gemini 4's is that of all the requests of one answer
 * (ai.google.dev/gemini-api/docs/generate-content/long-decode).
 */
function checkLimit({ maxOutputTokens: limit }: Json, model: string): GoogleError | undefined {
  const most = model.startsWith('gemini-4') ? 1_048_576 : 65_536
  if (limit === undefined || (limit >= 1 && limit <= most)) return undefined
  return badRequest(
    `Unable to submit request because it has a maxOutputTokens value of ${limit} but the supported range is from 1 (inclusive) to ` +
      `${most + 1} (exclusive). Update the value and try again.`,
  )
}

/**
 * The models with levels of their own, by name; the rest have low, medium and high.
 *
 * Sources: ai.google.dev/gemini-api/docs/gemini-3 and whats-new-gemini-3.5, -3.6, vercel.com/ai-gateway/models/gemini-3.1-flash-lite/faq,
 * router-for-me/CLIProxyAPI pull request 1734 (3.1 Flash Image), skills.sh/jpcaparas/skills/nanobanana, livekit/agents pull request 7095
 * (Gemma 4). Google answers `gemini-flash-latest` by a model of today, and none from 3.7 on has minimal (fishjar/kiss-translator
 * issue 1048, oaustegard/claude-skills pull request 783). Gemini 4 Hydrogen: cursor.com/docs/models/gemini-4-hydrogen, vercel/ai release
 * @ai-sdk/gateway 4.0.144.
 */
const LEVELS: Record<string, string[]> = {
  'gemini-3-flash': ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'],
  'gemini-3-flash-preview': ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'],
  'gemini-3.1-flash-lite': ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'],
  'gemini-3.5-flash': ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'],
  'gemini-3.5-flash-lite': ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'],
  'gemini-3.6-flash': ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'],
  'gemini-3.1-flash-image': ['MINIMAL', 'HIGH'],
  'gemini-nano-banana-2.1': ['MINIMAL', 'MEDIUM', 'HIGH'],
  'gemma-4-31b-it': ['MINIMAL', 'HIGH'],
  'gemini-4-hydrogen': ['LOW', 'MEDIUM', 'HIGH', 'XHIGH'],
}

function checkThinking({ thinkingBudget, thinkingLevel }: Json, model: string): GoogleError | undefined {
  if (/gemini-(1|2\.0)|gemma-[123]|gpt-oss/.test(model)) return badRequest('Thinking is not enabled for this model.')
  if (thinkingBudget !== undefined && thinkingLevel !== undefined) {
    return badRequest('You can only set only one of thinking budget and thinking level.')
  }
  if (thinkingLevel !== undefined) {
    if (/gemini-2\.5|claude-\w+-4/.test(model)) return badRequest('Thinking level is not supported for this model.')
    // b3nw/omniroute-slim open-sse/services/antigravityClaude55.ts: "the upstream id and thinkingLevel must agree".
    const named = /claude.*-(low|medium|high)$/.exec(model)?.[1]?.toUpperCase()
    const levels = named === undefined ? (LEVELS[model] ?? ['LOW', 'MEDIUM', 'HIGH']) : [named]
    if (!levels.includes(thinkingLevel)) {
      return badRequest(`Invalid value at 'generation_config.thinking_config.thinking_level', "${thinkingLevel}"`)
    }
  }
  // aduermael/herm issue 23; of Gemini 4 dev.to/aihubmix, "Gemini 4 Neon migration"; of Claude 5.5 4fuu/uri-agent release 2026.1030.0.
  if (thinkingBudget !== undefined && /gem(?:ma|ini)-4|claude-\w+-5/.test(model)) {
    return badRequest('Thinking budget is not supported for this model.')
  }
  if (thinkingBudget === undefined || thinkingBudget === -1) return undefined
  if (/2\.5-pro/.test(model) && thinkingBudget === 0) {
    return badRequest('Budget 0 is invalid. This model only works in thinking mode.')
  }
  const most = /2\.5-flash/.test(model) ? 24_576 : /claude/.test(model) ? 64_000 : 32_768
  // earendil-works/pi issue 2838; 0 is no thinking.
  const least = /2\.5-flash-lite/.test(model) && thinkingBudget !== 0 ? 512 : 0
  return thinkingBudget < least || thinkingBudget > most
    ? badRequest(
        `The thinking budget ${thinkingBudget} is invalid. Please choose a value between ${least} and ${most}.`,
      )
    : undefined
}
