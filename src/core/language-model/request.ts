import type {
  JSONObject,
  LanguageModelV3CallOptions,
  LanguageModelV3FunctionTool,
  LanguageModelV3ToolChoice,
  SharedV3Warning,
} from '@ai-sdk/provider'
import type { ChatTool, FunctionTool, ResponseFormat, ToolChoice } from '../chat/index.ts'
import type { RequestInfo } from '../hooks.ts'
import type { InnerOptions } from '../in-process/call.ts'
import type { ChatInput } from '../in-process/input.ts'
import { warningsOf } from './left-out.ts'
import { messagesOf } from './prompt.ts'
import { fieldsOf, readOptions } from './options.ts'
import type { CallProviderOptions } from './options.ts'

/** A call of the SDK's as one of byok's. */
export interface Call {
  input: ChatInput
  options: InnerOptions
  /** What is told of the call while it is under way. */
  told: { info?: Readonly<RequestInfo> }
  /** What of the call could not be taken over; all of it once it is answered. */
  warnings: SharedV3Warning[]
}

/** What AI SDK 7 gives to models of the SDK before it as well: `LanguageModelV4CallOptions` in @ai-sdk/provider 4. */
type Given = LanguageModelV3CallOptions & { reasoning?: string | undefined }

/** @throws {ChatError} 400 naming what the neutral model has no word for. */
export function callOf(modelId: string, given: Given): Call {
  const warnings: SharedV3Warning[] = []
  const own = readOptions(given.providerOptions, given.reasoning)
  const tools = toolsOf(given.tools, warnings)
  const input: ChatInput = {
    ...fieldsOf(own),
    model: modelId,
    messages: messagesOf(given.prompt),
    ...(tools && { tools }),
    ...(given.toolChoice && { toolChoice: toolChoiceOf(given.toolChoice) }),
    ...(given.responseFormat && { responseFormat: formatOf(given.responseFormat, own) }),
    ...(given.stopSequences && { stop: given.stopSequences }),
    maxCompletionTokens: given.maxOutputTokens,
    temperature: given.temperature,
    topP: given.topP,
    topK: given.topK,
    presencePenalty: given.presencePenalty,
    frequencyPenalty: given.frequencyPenalty,
    seed: given.seed,
  }
  const told: Call['told'] = {}
  const options: InnerOptions = {
    headers: givenHeaders(given.headers),
    ...(given.abortSignal && { signal: given.abortSignal }),
    onInfo: (info) => void (told.info = info),
    onAnswered: (answered) => void warnings.push(...warningsOf(answered)),
  }
  return { input, options, told, warnings }
}

function toolsOf(tools: LanguageModelV3CallOptions['tools'], warnings: SharedV3Warning[]): ChatTool[] | undefined {
  return tools?.flatMap((tool) => {
    if (tool.type === 'function') return [functionTool(tool)]
    warnings.push({ type: 'unsupported', feature: `provider-defined tool ${tool.id}` })
    return []
  })
}

function functionTool({ name, description, inputSchema, strict }: LanguageModelV3FunctionTool): FunctionTool {
  return {
    type: 'function',
    name,
    parameters: { ...inputSchema },
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  }
}

function toolChoiceOf(choice: LanguageModelV3ToolChoice): ToolChoice {
  return choice.type === 'tool' ? { type: 'tool', name: choice.toolName, kind: 'function' } : choice
}

function formatOf(
  format: NonNullable<LanguageModelV3CallOptions['responseFormat']>,
  { strictJsonSchema = true }: CallProviderOptions,
): ResponseFormat {
  if (format.type === 'text') return { type: 'text' }
  const { schema, name = 'response', description } = format
  if (!schema) return { type: 'json_object' }
  return {
    type: 'json_schema',
    name,
    schema: { ...schema },
    strict: strictJsonSchema,
    ...(description !== undefined && { description }),
  }
}

/** A call's headers that say something. */
export function givenHeaders(headers: Record<string, string | undefined> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

/** What can be said in JSON, as a plain value. */
export function jsonOf(value: object): JSONObject {
  return JSON.parse(JSON.stringify(value)) as JSONObject
}
