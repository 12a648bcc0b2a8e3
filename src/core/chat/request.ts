import type { CacheControl, ChatMessage, Extra } from './message.ts'

/** A JSON Schema, as the client wrote it. */
export type JsonSchema = Record<string, unknown>

export interface FunctionTool {
  type: 'function'
  name: string
  description?: string
  /** The schema of the arguments; absent for a function without any. */
  parameters?: JsonSchema
  strict?: boolean
  cacheControl?: CacheControl
  extra?: Extra
}

/** A tool whose input is free text, held to a grammar where one is given (OpenAI's `custom`). */
export interface CustomTool {
  type: 'custom'
  name: string
  description?: string
  /** OpenAI's `format`, kept as it came. */
  format?: Record<string, unknown>
  extra?: Extra
}

/** A tool the provider runs itself (web search, …): only its own wire knows the fields, so it is kept whole. */
export interface ProviderTool {
  type: 'provider'
  /** The wire's tool, unchanged. */
  tool: Record<string, unknown>
  /** The protocol it was written in, such as `openai-chat`. */
  protocol: string
}

export type ChatTool = FunctionTool | CustomTool | ProviderTool

export type ToolChoice =
  | { type: 'auto' }
  | { type: 'none' }
  | { type: 'required' }
  | { type: 'tool'; name: string; kind: 'function' | 'custom' }
  /** The model may, or must, call one of these and no other (OpenAI's `allowed_tools`). */
  | { type: 'allowed'; mode: 'auto' | 'required'; names: string[] }

export type ResponseFormat =
  | { type: 'text' }
  | { type: 'json_object' }
  | { type: 'json_schema'; name: string; description?: string; schema?: JsonSchema; strict?: boolean }

/** How hard to think. The first eight are what the vendors take today; a new word passes through. */
export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | (string & {})

export interface ReasoningOptions {
  effort?: ReasoningEffort
  /** The most reasoning tokens, where the wire counts them. */
  budgetTokens?: number
  /** The detail of the summary asked for: `auto`, `concise` or `detailed`. */
  summary?: string
}

/** One request for a chat completion, as every translator sees it. */
export interface ChatRequest {
  /**
   * The protocol it was written in, such as `openai-chat`: whose words its `extra`, and that of its parts, is in. A translator
   * of another format takes from there only what it knows. Absent where nobody said.
   */
  protocol?: string
  /** The model's name as the provider knows it. */
  model: string
  messages: ChatMessage[]
  /** Whether the client reads a stream. */
  stream: boolean
  /** Whether the client asked for usage in the stream (`stream_options.include_usage`). */
  includeUsage?: boolean

  tools?: ChatTool[]
  toolChoice?: ToolChoice
  parallelToolCalls?: boolean
  /** Whether the client reads a call in OpenAI's old form (`function_call`, of one who sends `functions`), which has one, without an id. */
  oldFunctionCall?: boolean
  responseFormat?: ResponseFormat
  reasoning?: ReasoningOptions
  /** `low`, `medium` or `high` (OpenAI's `verbosity`). */
  verbosity?: string

  /** The old OpenAI limit: visible tokens only. Read both through {@link maxOutputTokens} of `byok/kit`. */
  maxTokens?: number
  /** The limit that counts reasoning too. */
  maxCompletionTokens?: number
  stop?: string[]
  temperature?: number
  topP?: number
  topK?: number
  frequencyPenalty?: number
  presencePenalty?: number
  logitBias?: Record<string, number>
  /** How many choices. Only OpenAI's own wire can give more than one. */
  n?: number
  logprobs?: boolean
  topLogprobs?: number
  seed?: number

  /** The end user, as the client names them. */
  user?: string
  metadata?: Record<string, unknown>
  serviceTier?: string
  promptCacheKey?: string
  store?: boolean

  /** Fields the neutral model does not know, by their wire name. */
  extra?: Extra
}

/** The limit on output tokens, whichever field the client gave it in; `undefined` where it gave none. */
export function maxOutputTokens(request: ChatRequest): number | undefined {
  return request.maxCompletionTokens ?? request.maxTokens
}
