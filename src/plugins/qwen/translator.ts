import { openaiChat, unsupported } from '../../index.ts'
import type { ChatRequest, OpenAIChatOptions, Translator } from '../../index.ts'
import { isObject } from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'
import { readError } from './error.ts'

/**
 * OpenAI's Chat Completions as DashScope has it.
 *
 * - It is always asked for a stream: "parameter.enable_thinking must be set to false for non-streaming calls".
 * - Thinking is `enable_thinking` and `thinking_budget`; Qwen3.8 Max and Flash take `reasoning_effort`, which excludes both
 *   (QwenLM/qwen-code, packages/core/src/core/openaiContentGenerator/provider/dashscope.ts, `buildQwenEffortConfig`, and
 *   packages/core/src/providers/presets/alibaba-standard.ts). What is above `xhigh` they refuse: "'reasoning_effort' must be one of: 'none',
 *   'minimal', 'low', 'medium', 'high', 'xhigh'" (VicBilibily/GCMP issue 384).
 * - What it thought before is sent back, and read by Qwen 3.6 and 3.7 with `preserve_thinking` alone; other models do not mind it
 *   (QwenLM/qwen-code pull request 5637).
 * - `cache_control` on parts and tools, as there (`addDashScopeCacheControl`); videos by `video_url`, as in its converter.ts.
 * - There is one system message, the first (router-for-me/CLIProxyAPI, internal/runtime/executor/qwen_executor.go before 8fac29631,
 *   `ensureQwenSystemMessage`; QwenLM/Qwen issue 956).
 * - A tool may be named, unless the model thinks; `required` is not known
 *   (https://www.alibabacloud.com/help/en/model-studio/qwen-function-calling, "Forced tool calling").
 */
const options: OpenAIChatOptions = {
  format: 'dashscope-chat',
  provider: 'Qwen',
  reasoningField: 'reasoning_content',
  // Written by `adapt`, which knows the model.
  reasoning: () => ({}),
  maxTokens: 'max_tokens',
  developerRole: 'system',
  extensions: ['cache_control', 'top_k', 'video_url'],
  freeText: 'functions',
  systemMessages: 'first',
  allowedTools: 'fewer',
  // As qwen-code sends it (`buildMetadata` of the same file).
  hints: ['metadata'],
  refuses: ['files', 'logit_bias', 'web_search'],
  adapt,
  error: readError,
}

/** With an API key. */
export const dashscope: Translator = streaming(openaiChat(options))

/**
 * With a login. Without any tool, its models put stray tokens into their streams; one that may not be called prevents it.
 *
 * Source: router-for-me/CLIProxyAPI, internal/runtime/executor/qwen_executor.go ("poisoning" issue), which since d2419ed49 sends
 * Qwen Code's system prompt instead: byok does not pass for another client.
 */
export const portal: Translator = streaming(
  openaiChat({
    ...options,
    adapt(body, chat) {
      const adapted = adapt(body, chat)
      return adapted['tools'] === undefined ? { ...adapted, tools: [NO_TOOL], tool_choice: 'none' } : adapted
    },
  }),
)

const NO_TOOL = {
  type: 'function',
  function: {
    name: 'no_tool_available',
    description: 'There is no tool in this conversation. Do not call this one.',
    parameters: { type: 'object', properties: {} },
  },
}

/** Without `answer`, byok asks for a stream and collects it. */
function streaming({ answer: _, ...translator }: Translator): Translator {
  return translator
}

function adapt(body: JsonObject, chat: ChatRequest): JsonObject {
  const thinking = writeThinking(chat)
  return { ...keepsThoughts(body), ...body, ...thinking, ...writeToolChoice(body, chat, thinks(thinking)) }
}

function keepsThoughts({ messages }: JsonObject): JsonObject {
  const thought =
    Array.isArray(messages) && messages.some((one) => isObject(one) && one['reasoning_content'] !== undefined)
  return thought ? { preserve_thinking: true } : {}
}

const TIERED = /^qwen3\.8-(?:max|flash(?!-next))/
/** The nearest that they have. */
const TIERS: Record<string, string> = { minimal: 'low', max: 'xhigh', ultra: 'xhigh' }

function writeThinking({ model, reasoning }: ChatRequest): JsonObject {
  if (!reasoning) return {}
  const { effort, budgetTokens } = reasoning
  if (effort === 'none' || budgetTokens === 0) return { enable_thinking: false }
  if (TIERED.test(model) && effort !== undefined) return { reasoning_effort: TIERS[effort] ?? effort }
  return { enable_thinking: true, ...(budgetTokens !== undefined && { thinking_budget: budgetTokens }) }
}

function thinks(thinking: JsonObject): boolean {
  return thinking['enable_thinking'] === true || thinking['reasoning_effort'] !== undefined
}

/** Some models think unless told not to, which a client that forces a call and says nothing of thinking cannot mean. */
const NOT_THINKING = { enable_thinking: false }

/** `required` as DashScope can say it: one tool by its name. */
function writeToolChoice(body: JsonObject, { toolChoice }: ChatRequest, thinking: boolean): JsonObject {
  const tools = (body['tools'] as { function?: { name?: string } }[] | undefined) ?? []
  const mode = toolChoice?.type === 'allowed' ? toolChoice.mode : toolChoice?.type
  if (mode === undefined || mode === 'auto' || mode === 'none') return {}
  if (thinking) throw unsupported('Qwen', 'a forced tool call while thinking', 'tool_choice')
  if (mode === 'tool') return NOT_THINKING
  const [only] = tools
  if (!only || tools.length > 1) {
    throw unsupported('Qwen', '`tool_choice: "required"` with more than one tool', 'tool_choice')
  }
  return { ...NOT_THINKING, tools, tool_choice: { type: 'function', function: { name: only.function?.name } } }
}
