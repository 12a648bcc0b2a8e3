import { maxOutputTokens, withoutForeignExtra, withoutForeignOffers, withSoundsInWords } from '../../chat/index.ts'
import type { ChatRequest, ReasoningOptions } from '../../chat/index.ts'
import { effortOf } from './effort.ts'
import { compact, withExtra } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { withLeadingSystem } from './lead-system.ts'
import type { OpenAIChatHint, OpenAIChatOptions } from './options.ts'
import { isRestOfThinking } from './reasoning-options.ts'
import { withSystemWords } from '../format-in-words.ts'
import { jsonUnnamed } from '../json-named.ts'
import { withOwnStrictness } from '../schema/openai-strict.ts'
import { Dialect } from './request-content.ts'
import { writeMessages } from './request-messages.ts'
import { writeResponseFormat, writeToolChoice, writeTools } from './request-tools.ts'
import { tierOf } from './service-tier.ts'
import { userOf } from './user.ts'

/**
 * The body for `POST /chat/completions`.
 *
 * What has no place in OpenAI's format, and without which the answer is right, is left out: whether a tool's result was an error (its text
 * says so), what else is said of a file that is told as text (Anthropic's `citations`, not its name or `context`), and, unless the server
 * has the field (see {@link OpenAIChatOptions.extensions} and {@link OpenAIChatOptions.reasoningField}), cache breakpoints, `top_k`, the
 * detail of a reasoning summary, and the reasoning of earlier turns. See also {@link OpenAIChatOptions.reasons} and
 * {@link OpenAIChatOptions.hints}.
 *
 * @throws {ChatError} 400 naming what the server cannot do.
 */
export function encodeRequest(given: ChatRequest, options: OpenAIChatOptions): JsonObject {
  const { provider = 'This provider' } = options
  const told = options.refuses?.includes('audio') ? withSoundsInWords(given, provider) : given
  const known = withoutForeignOffers(told, ({ protocol }) => protocol === 'openai-chat')
  const own = withOwnStrictness(withoutForeignExtra(known, ['openai-chat'], provider))
  const words = jsonUnnamed(own)
  const chat = words === undefined ? own : { ...own, messages: withSystemWords(own.messages, words) }
  const dialect = new Dialect(options)
  if (chat.n !== undefined && chat.n > 1) dialect.need('n', 'n')
  if (chat.logprobs) dialect.need('logprobs', 'logprobs')
  if (chat.logitBias && Object.keys(chat.logitBias).length > 0) dialect.need('logit_bias', 'logit_bias')
  if (chat.extra?.['web_search_options']) dialect.need('web_search', 'web_search_options')
  const reasons = options.reasons?.(chat.model)
  const body: JsonObject = compact({
    model: chat.model,
    messages: writeMessages(options.systemMessages ? withLeadingSystem(chat.messages) : chat.messages, dialect),
    stream: chat.stream || undefined,
    stream_options: chat.stream && options.streamUsage !== false ? { include_usage: true } : undefined,
    ...writeToolFields(chat, dialect),
    response_format: chat.responseFormat && writeResponseFormat(chat.responseFormat, dialect),
    ...(chat.reasoning && reasons !== false && writeReasoning(chat.reasoning, options)),
    verbosity: chat.verbosity,
    [options.maxTokens ?? 'max_completion_tokens']: maxOutputTokens(chat),
    stop: chat.stop,
    temperature: reasons ? undefined : chat.temperature,
    top_p: reasons ? undefined : chat.topP,
    top_k: dialect.has('top_k') ? chat.topK : undefined,
    frequency_penalty: chat.frequencyPenalty,
    presence_penalty: chat.presencePenalty,
    logit_bias: chat.logitBias,
    n: chat.n,
    logprobs: chat.logprobs,
    // Who speaks Responses asks for the probabilities by `include`, and may say how many there are to be without wanting any.
    top_logprobs: chat.logprobs || chat.protocol !== 'openai-responses' ? chat.topLogprobs : undefined,
    seed: chat.seed,
    user: userOf(chat.user),
    metadata: chat.metadata,
    service_tier: tierOf(chat.serviceTier),
    prompt_cache_key: chat.promptCacheKey,
    store: chat.store,
  })
  const whole = withoutHints(withExtra(body, extraOf(chat, body)), options)
  return options.adapt ? options.adapt(whole, chat) : whole
}

const HINTS: readonly OpenAIChatHint[] = [
  'verbosity',
  'metadata',
  'store',
  'service_tier',
  'prediction',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
]

/** Without the hints that the server does not know. */
function withoutHints(body: JsonObject, { hints }: OpenAIChatOptions): JsonObject {
  if (!hints) return body
  const unknown = new Set<string>(HINTS.filter((hint) => !hints.includes(hint)))
  return Object.fromEntries(Object.entries(body).filter(([name]) => !unknown.has(name)))
}

/**
 * `stream_options` is an error without `stream` (OpenAI: "only allowed when stream is enabled"). What is left of a `thinking` whose kind was read
 * says nothing to a server that is told of it in another way.
 */
function extraOf({ stream, extra }: ChatRequest, { thinking }: JsonObject): ChatRequest['extra'] {
  if (!extra) return undefined
  const unasked = !stream && extra['stream_options'] !== undefined
  const left = thinking === undefined && isRestOfThinking(extra['thinking'])
  if (!unasked && !left) return extra
  const rest = { ...extra }
  if (unasked) delete rest['stream_options']
  if (left) delete rest['thinking']
  return rest
}

/** Without tools, OpenAI refuses an empty list and the fields that speak of tools. */
function writeToolFields(chat: ChatRequest, dialect: Dialect): JsonObject {
  const { tools = [], toolChoice, parallelToolCalls } = dialect.options.allowedTools ? withFewerTools(chat) : chat
  const choice = toolChoice && writeToolChoice(toolChoice, tools, dialect)
  if (tools.length === 0) return choice === 'auto' || choice === 'none' ? {} : { tool_choice: choice }
  return { tools: writeTools(tools, dialect), tool_choice: choice, parallel_tool_calls: parallelToolCalls }
}

/** A list of allowed tools as those alone. */
function withFewerTools(chat: ChatRequest): ChatRequest {
  const { tools = [], toolChoice } = chat
  if (toolChoice?.type !== 'allowed') return chat
  const allowed = tools.filter((tool) => tool.type !== 'provider' && toolChoice.names.includes(tool.name))
  return { ...chat, tools: allowed, toolChoice: { type: toolChoice.mode } }
}

function writeReasoning(reasoning: ReasoningOptions, { reasoning: style }: OpenAIChatOptions): JsonObject {
  const { effort, budgetTokens, summary } = reasoning
  switch (style) {
    case undefined:
    case 'reasoning_effort':
      return { reasoning_effort: effortOf(reasoning) }
    case 'reasoning':
      // One or the other, says OpenRouter; a count is the closer wish.
      return {
        reasoning: compact({
          effort: budgetTokens === undefined ? effort : undefined,
          max_tokens: budgetTokens,
          summary,
        }),
      }
    case 'thinking':
      if (effort === 'none' || budgetTokens === 0) return { thinking: { type: 'disabled' } }
      if (effort === undefined && budgetTokens === undefined) return {}
      return { thinking: compact({ type: 'enabled', budget_tokens: budgetTokens }) }
    default:
      return style(reasoning)
  }
}
