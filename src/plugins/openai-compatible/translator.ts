import { openaiChat } from '../../index.ts'
import type { ChatRequest, ModelInfo, OpenAIChatOptions, Translator } from '../../index.ts'
import { isCacheMarked, mostOpenAIStops, withOwnStops } from '../../kit.ts'
import type { JsonObject, OpenAIChatExtension } from '../../kit.ts'
import { withConstraintsInWords } from './constraints.ts'
import { forDeepSeek, withReasoningBack } from './deepseek.ts'
import { effortAt } from './effort.ts'
import { withFittingLimit } from './limit.ts'
import { isMistral, withMistralFields, withMistralMessages } from './mistral.ts'
import { isOpenAIReasoning, withToolsUnreasoned } from './openai.ts'
import { withProvenReasoning } from './openrouter.ts'
import { withPlainTexts } from './plain-texts.ts'
import type { Server } from './servers.ts'
import { withTurnsJoined } from './turns.ts'

export interface Endpoint {
  /** The provider's name. */
  name: string
  server: Server | undefined
  /** What config says of it. */
  extensions: readonly OpenAIChatExtension[] | undefined
  /** What is known of the model. */
  info?: ModelInfo | undefined
}

/**
 * What is translated keeps to what all the common servers take, but for those whose own ways are known.
 *
 * - vLLM, Ollama and LM Studio know `max_tokens`, no tools but functions, no `allowed_tools`, and in the templates of most models no
 *   `developer` role and, in Qwen's, no system message but the first ("System message must be at the beginning": crush issue 3050)
 *   (https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html, https://docs.ollama.com/api/openai-compatibility).
 * - OpenAI's hints are refused by Groq ("property 'prompt_cache_key' is unsupported": eigent-ai/eigent issue 1827; 'store': fanenr/chatbot
 *   issue 21), Mistral ("extra_forbidden", `store`: Gitlawb/openclaude issue 739) and others.
 * - OpenAI's models that reason know `max_completion_tokens` alone, on Azure too: "Unsupported parameter: 'max_tokens' is not supported with
 *   this model. Use 'max_completion_tokens' instead." (anomalyco/opencode issues 22623 and 37964, nashsu/llm_wiki issue 610).
 * - LM Studio knows a `tool_choice` in one word alone: "Invalid tool_choice type: 'object'. Supported string values: none, auto, required"
 *   (lmstudio-ai/lmstudio-bug-tracker issue 670).
 */
export function translatorOf(endpoint: Endpoint, chat: ChatRequest | undefined): Translator {
  const { name, server } = endpoint
  const extensions = endpoint.extensions ?? (server === 'openrouter' ? OPENROUTER : [])
  const likeOpenAI = server === 'openai' || server === 'openrouter'
  const translator = openaiChat({
    provider: name,
    maxTokens: server === 'openai' || isOpenAIReasoning(chat?.model ?? '') ? 'max_completion_tokens' : 'max_tokens',
    reasons: isOpenAIReasoning,
    developerRole: 'system',
    systemMessages: 'first',
    freeText: 'functions',
    allowedTools: 'fewer',
    ...(likeOpenAI ? {} : { hints: server === 'mistral' ? ['prompt_cache_key'] : [] }),
    ...(wantsReasoning(endpoint, chat) && { reasoningField: 'reasoning_content' }),
    ...(server === 'openrouter' && { reasoningField: 'reasoning_details' }),
    // Mistral tells its usage unasked, and refuses the question: "extra_forbidden", `stream_options.include_usage` (BerriAI/litellm issue 8978).
    ...(server === 'mistral' && { streamUsage: false }),
    // Written by `adapt`, which knows the model.
    reasoning: () => ({}),
    adapt: (body, asked) => adapt(withFittingLimit(body, asked, endpoint.info), asked, { ...endpoint, extensions }),
    extensions,
  } satisfies OpenAIChatOptions)
  if (!chat) return readsMarks(server) ? withoutMarks(translator) : translator
  return server === 'openai' ? withOwnStops(translator, mostOpenAIStops) : translator
}

/**
 * Servers that refuse a message with Copilot's mark for the cache, as any field that they do not know, and OpenRouter, which has another word
 * for it.
 */
function readsMarks(server: Server | undefined): boolean {
  return server === 'openai' || server === 'groq' || server === 'mistral' || server === 'openrouter'
}

/** Lets no request pass through that has such marks: what is translated says them as the server does, or not at all. */
function withoutMarks(translator: Translator): Translator {
  return {
    ...translator,
    passes: (body, model) => !isCacheMarked(body) && (translator.passes?.(body, model) ?? true),
  }
}

/**
 * Servers that hold to OpenAI's fields refuse others, breakpoints among them: OpenAI itself, Groq, Mistral. OpenRouter takes these
 * (https://openrouter.ai/docs/features/prompt-caching, /docs/api-reference/parameters, /docs/features/multimodal/pdfs and /videos).
 */
const OPENROUTER: readonly OpenAIChatExtension[] = ['cache_control', 'top_k', 'file_url', 'video_url']

/**
 * DeepSeek's API, or one of its models that a server passes on to it, or one of Xiaomi's, which wants its reasoning back in the same words
 * (decolua/9router issue 1210, earendil-works/pi issue 4602; platform.xiaomimimo.com/docs/en-US/usage-guide/passing-back-reasoning_content).
 * Groq and the like refuse reasoning, and have none of these.
 */
function wantsReasoning({ server }: Endpoint, chat: ChatRequest | undefined): boolean {
  const model = chat?.model ?? ''
  return server === 'deepseek' || (server === undefined && /deepseek-(?:v[4-9]|flash|pro)|mimo-v\d/i.test(model))
}

function adapt(given: JsonObject, chat: ChatRequest, endpoint: Endpoint): JsonObject {
  const { server, extensions = [] } = endpoint
  const keepsLists = server === 'openai' || server === 'openrouter' || extensions.includes('cache_control')
  const body = keepsLists ? given : { ...given, messages: withPlainTexts(given['messages'] as JsonObject[]) }
  if (server === 'deepseek') return forDeepSeek(body, chat)
  const effort = chat.reasoning && effortAt(server, chat.model, chat.reasoning)
  const asked = effort === undefined ? body : { ...body, reasoning_effort: effort }
  if (server === 'openai') return withToolsUnreasoned(asked, chat)
  if (server === 'openrouter') return { ...asked, messages: withProvenReasoning(asked['messages'] as JsonObject[]) }
  if (server === 'mistral') return withMistralFields({ ...asked, messages: messagesOf(asked) })
  if (server !== undefined && server !== 'ollama') return asked
  const own = { ...asked, ...toolsOf(asked, chat) }
  if (wantsReasoning(endpoint, chat)) return withReasoningBack(own)
  const messages = isMistral(chat.model) ? messagesOf(own) : (own['messages'] as JsonObject[])
  return { ...own, messages: withTurnsJoined(messages) }
}

function messagesOf(body: JsonObject): JsonObject[] {
  return withMistralMessages(body['messages'] as JsonObject[])
}

interface Tool {
  function?: { name?: string; parameters?: JsonObject }
}

/** The tools as servers of one's own take them; a named one as the only one there is. */
function toolsOf({ tools }: JsonObject, { toolChoice }: ChatRequest): JsonObject {
  if (!Array.isArray(tools)) return {}
  const all = (tools as Tool[]).map(withPlainParameters)
  const named = toolChoice?.type === 'tool' ? all.filter((tool) => tool.function?.name === toolChoice.name) : []
  return named.length === 0 ? { tools: all } : { tools: named, tool_choice: 'required' }
}

function withPlainParameters(tool: Tool): Tool {
  const parameters = tool.function?.parameters
  return parameters ? { ...tool, function: { ...tool.function, parameters: withConstraintsInWords(parameters) } } : tool
}
