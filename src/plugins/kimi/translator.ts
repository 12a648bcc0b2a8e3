import { openaiChat } from '../../index.ts'
import type { ChatRequest, ReasoningOptions } from '../../index.ts'
import { isObject, objectAtRoot, withPropertyNames } from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'
import { withoutEmptyTexts } from './empty-texts.ts'
import { readError } from './error.ts'
import { withOwnSampling } from './sampling.ts'
import { flavoured } from './schema/index.ts'

/**
 * What stands for reasoning that the client did not send back.
 *
 * Source: router-for-me/CLIProxyAPI, internal/runtime/executor/kimi_executor.go, `kimiReasoningUnavailable`.
 */
const NO_REASONING = '[reasoning unavailable]'

/**
 * OpenAI's Chat Completions as Kimi has it.
 *
 * - Thinking is on unless it is told otherwise, by `thinking: { type, effort }` (CLIProxyAPI, internal/thinking/provider/kimi/apply.go).
 *   K3 of the open platform is told by `reasoning_effort` instead (https://platform.kimi.ai/docs/guide/use-reasoning-effort, as
 *   lemon07r/opencode-kimi-full pull request 11 quotes it; AgentFlocks/flocks pull request 620).
 * - While it is on, an assistant message with tool calls must carry its reasoning: "thinking is enabled but
 *   reasoning_content is missing in assistant tool call message at index N".
 * - While it is on, a tool cannot be named: "tool_choice 'specified' is incompatible with thinking enabled"
 *   (https://platform.kimi.ai/docs/api/chat). Requiring any of one tool asks for the same.
 * - The schemas of tools and answers are Moonshot's: see schema/index.ts.
 * - A tool's name has three letters at least, and begins with one (https://platform.kimi.ai/docs/api/tool-use; MoonshotAI/kimi-cli issues
 *   1773 and 2531: "function name is invalid, must start with a letter"). Kimi's own begin with `$`, and calls of them keep their names: what
 *   it searches for is sent back to it as the result (https://platform.kimi.ai/docs/guide/use-web-search).
 * - No argument of a tool may be called as some keywords are: see RESERVED.
 * - Most models have a sampling of their own: see sampling.ts. Nothing may be empty: see empty-texts.ts.
 * - `prompt_cache_key` and the system role are those of MoonshotAI/kimi-cli, packages/kosong/src/kosong/chat_provider/kimi.py. Its
 *   newest limit is `max_completion_tokens`; `max_tokens` is the older name, which Kimi still takes (MoonshotAI/kimi-code,
 *   packages/kosong/src/providers/kimi.ts), and which users have gone back to (can1357/oh-my-pi issue 2289).
 */
const asChat = openaiChat({
  format: 'kimi-chat',
  provider: 'Kimi',
  reasoningField: 'reasoning_content',
  reasoning: writeThinking,
  maxTokens: 'max_tokens',
  developerRole: 'system',
  parameters: 'any',
  toolNames: /^(?:\$\w+|[a-zA-Z_][\w-]{2,63})$/,
  freeText: 'functions',
  allowedTools: 'fewer',
  // Those of https://platform.kimi.ai/docs/api/chat.
  hints: ['prompt_cache_key', 'safety_identifier'],
  // https://platform.kimi.ai/docs/guide/use-kimi-vision-model
  extensions: ['video_url'],
  refuses: ['files', 'audio', 'logprobs', 'logit_bias', 'web_search'],
  adapt,
  error: readError,
})

/**
 * "property name '…' is reserved for JSON Schema keywords", within arguments too. Forms ask so whether a field has to be filled in, and Logfire's
 * dashboards name their panels by `$ref` (pydantic/logfire issue 2191).
 *
 * Source: MoonshotAI/walle, keyword_validators.go `ValidateProperties`, `InvalidPropertyNames`.
 */
const RESERVED = /^(?!(?:\$defs|\$ref|anyOf|required|additionalProperties)$)/

export const translator = withPropertyNames(asChat, { takes: RESERVED, within: true })

function writeThinking({ effort, budgetTokens }: ReasoningOptions): Record<string, unknown> {
  if (effort === 'none' || budgetTokens === 0) return { thinking: { type: 'disabled' } }
  const level = effort === undefined ? levelOfBudget(budgetTokens) : (LEVELS[effort] ?? effort)
  return { thinking: level === undefined ? { type: 'enabled' } : { type: 'enabled', effort: level } }
}

/** Kimi knows `low` and `high` (CLIProxyAPI, internal/registry/models/models.json, `thinking.levels`). */
const LEVELS: Record<string, string> = { minimal: 'low', low: 'low', medium: 'high', high: 'high', xhigh: 'max' }

/** The steps are CLIProxyAPI's (internal/thinking/convert.go), rounded to the levels there are. */
function levelOfBudget(tokens: number | undefined): string | undefined {
  if (tokens === undefined) return undefined
  return tokens <= 1024 ? 'low' : 'high'
}

/** K3 by its ids of the open platform, which the coding plan has not. */
const PLATFORM_K3 = /^kimi-k3/

/** Models that know `max` too: K3, as above, and K2.8 (anomalyco/models.dev pull request 7036). */
const KNOWS_MAX = /^(?:(?:kimi-)?k3|kimi-for-coding$)/

/** Models that cannot help thinking (`zero_allowed: false`, as above): K3 and K2.7 Code, but not K2.8 (the same pull request). */
const ALWAYS_THINKS = /^(?:(?:kimi-)?k3|kimi-for-coding-)/

/** Models without thinking, which have no word for it: https://platform.kimi.ai/docs/api/models-overview.md, and `kimi-k2` as above. */
const NEVER_THINKS = /^moonshot-v1|^(?:kimi-)?k2(?![.\d]|-thinking)/

function adapt({ thinking: wish, ...body }: JsonObject, chat: ChatRequest): JsonObject {
  const tools = (body['tools'] as Tool[] | undefined)?.map(withParameters)
  const messages = withoutEmptyTexts(body['messages'] as JsonObject[])
  const thinking = keptThinking(settleThinking(wish as Thinking | undefined, chat.model), chat.model, messages)
  const adapted = {
    ...withOwnSampling(body, chat),
    ...formatOf(body['response_format']),
    messages,
    ...(thinking && writtenThinking(thinking, chat.model)),
    ...(tools && { tools }),
  }
  if (thinking?.type === 'disabled' || NEVER_THINKS.test(chat.model)) return adapted
  return { ...adapted, messages: messages.map(withReasoning), ...narrowTools(tools ?? [], chat) }
}

interface Tool {
  function?: { name?: string; parameters?: JsonObject }
}

/**
 * Parameters are one object at their root, whatever else Kimi takes within: one of its sites wants a type there ("tools.function.parameters.type
 * is required and must be \"object\"", 14790897/MiqroForge-Desktop issue 1165), and the other no `anyOf` beside it.
 */
function withParameters(tool: Tool): Tool {
  const parameters = tool.function?.parameters
  if (!parameters) return tool
  return { ...tool, function: { ...tool.function, parameters: flavoured(objectAtRoot(parameters)) } }
}

function formatOf(format: unknown): JsonObject {
  if (!isObject(format) || !isObject(format['json_schema'])) return {}
  const { schema, ...named } = format['json_schema']
  return isObject(schema)
    ? { response_format: { ...format, json_schema: { ...named, schema: flavoured(schema) } } }
    : {}
}

interface Thinking {
  type: string
  effort?: string
  keep?: unknown
}

/** What was asked for, as near as the model has it. */
function settleThinking(thinking: Thinking | undefined, model: string): Thinking | undefined {
  if (NEVER_THINKS.test(model)) return undefined
  if (thinking?.type === 'disabled' && ALWAYS_THINKS.test(model)) return { type: 'enabled', effort: 'low' }
  if (thinking?.effort === 'max' && !KNOWS_MAX.test(model)) return { ...thinking, effort: 'high' }
  return thinking
}

/**
 * Models that ignore what they thought in earlier turns unless they are told to keep it: K2.6 (https://platform.kimi.ai/docs/guide, as
 * lemon07r/opencode-kimi-full pull request 11 quotes it; those from K2.7 on keep it by themselves, and `kimi-k3` has no such word). Kimi's own
 * client tells every model of the coding plan (MoonshotAI/kimi-code pull request 1417), of which `kimi-for-coding` changes.
 */
const FORGETS = /^(?:kimi-)?k2\.6|^kimi-for-coding/

function keptThinking(thinking: Thinking | undefined, model: string, messages: JsonObject[]): Thinking | undefined {
  if (thinking?.type === 'disabled' || !FORGETS.test(model)) return thinking
  const thought = messages.some((message) => message['reasoning_content'] !== undefined)
  return thought ? { type: 'enabled', keep: 'all', ...thinking } : thinking
}

function writtenThinking(thinking: Thinking, model: string): JsonObject {
  if (!PLATFORM_K3.test(model)) return { thinking }
  return thinking.effort === undefined ? {} : { reasoning_effort: thinking.effort }
}

function withReasoning(message: JsonObject): JsonObject {
  return message['tool_calls'] === undefined || message['reasoning_content'] !== undefined
    ? message
    : { ...message, reasoning_content: NO_REASONING }
}

/** A named tool, as the only one there is. */
function narrowTools(tools: Tool[], { toolChoice }: ChatRequest): JsonObject {
  if (toolChoice?.type !== 'tool') return {}
  return { tools: tools.filter((tool) => tool.function?.name === toolChoice.name), tool_choice: 'required' }
}
