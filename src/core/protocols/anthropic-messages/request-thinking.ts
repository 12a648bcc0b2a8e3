import { maxOutputTokens } from '../../chat/index.ts'
import type { ChatMessage, ChatRequest } from '../../chat/index.ts'
import { compact, isObject } from '../json.ts'
import { isRestOfThinking } from '../openai-chat/reasoning-options.ts'
import { PROTOCOL } from './options.ts'
import type { JsonObject } from '../json.ts'
import { readReasoningOptions } from './reasoning-options.ts'
import { isOwnReasoning, isSilent } from './request-content.ts'
import type { ClaudeTraits } from './traits.ts'

/** The least budget there is (`ThinkingConfigEnabled` of @anthropic-ai/sdk). */
const LEAST_BUDGET = 1024

/** Tokens for each effort, where the model counts them. The steps are those of CLIProxyAPI, internal/thinking/convert.go. */
const BUDGETS: Record<string, number> = {
  minimal: LEAST_BUDGET,
  low: LEAST_BUDGET,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 128_000,
}

export interface ThinkingFields {
  max_tokens: number
  thinking?: JsonObject
  effort?: string
}

/**
 * How hard to think, in the model's own terms, and the limit on tokens that goes with it.
 *
 * A client's own `thinking` object is sent as it came. Else thinking is left off where the request has no room for it: where a
 * call is forced, which no model does while it thinks; where fewer than {@link LEAST_BUDGET} tokens are left; and, with a
 * budget, in the middle of a turn with tools whose thinking the client did not send back.
 */
export function writeThinking(chat: ChatRequest, traits: ClaudeTraits, forced: boolean): ThinkingFields {
  const given = chat.extra?.['thinking']
  const max = limitOf(chat, traits)
  const { effort, budgetTokens, summary } = chat.reasoning ?? {}
  const word = effort === undefined ? undefined : nearestEffort(effort, traits.efforts)
  if (chat.protocol === PROTOCOL && isUnchanged(chat))
    return compact({ max_tokens: max, thinking: given as JsonObject })
  if (isObject(given) && !isRestOfThinking(given))
    return compact({ max_tokens: max, thinking: given, effort: effort === 'none' ? undefined : word })
  const asked = effort !== undefined || budgetTokens !== undefined || summary !== undefined
  const off = effort === 'none' || budgetTokens === 0

  if (off || forced) return { max_tokens: max, ...turnedOff(traits, asked && !off, word) }
  if (!asked || traits.thinking === 'none') return { max_tokens: max }
  const counted = traits.thinking === 'budget' || (traits.thinking === 'either' && budgetTokens !== undefined)
  if (!counted) {
    // A client that asks for reasoning means to see it; newer models leave it out unless told.
    const thinking = { type: 'adaptive', display: 'summarized' }
    return compact({ max_tokens: max, thinking, effort: word ?? effortOfBudget(budgetTokens, traits.efforts) })
  }
  if (resumesUnthought(chat.messages)) return { max_tokens: max }
  return withBudget(chat, traits, max)
}

/**
 * The limit that the client set, or the model's own, above which there is none: "max_tokens: 128001 > 64000, which is the maximum allowed
 * number of output tokens for claude-opus-4-5-20251101" (anthropics/claude-code issue 24451).
 */
function limitOf(chat: ChatRequest, { maxOutput, limited }: ClaudeTraits): number {
  const asked = maxOutputTokens(chat) ?? maxOutput
  return limited && chat.protocol !== PROTOCOL ? Math.min(asked, maxOutput) : asked
}

/** Whether a request of this very format still asks for what its own fields say, so that they can be sent as they came. */
function isUnchanged({ reasoning, extra, messages }: ChatRequest): boolean {
  const said = readReasoningOptions(extra?.['thinking'], extra?.['output_config'], messages)
  return said?.effort === reasoning?.effort && said?.budgetTokens === reasoning?.budgetTokens
}

function withBudget(chat: ChatRequest, { maxOutput }: ClaudeTraits, max: number): ThinkingFields {
  const { effort = 'medium', budgetTokens } = chat.reasoning ?? {}
  const wanted = Math.max(budgetTokens ?? BUDGETS[effort] ?? 8192, LEAST_BUDGET)
  // The old `max_tokens` of OpenAI counts what is seen alone, so thinking comes on top.
  const visibleOnly = chat.maxCompletionTokens === undefined && chat.maxTokens !== undefined
  const total = visibleOnly ? Math.min(max + wanted, Math.max(max, maxOutput)) : max
  // An effort leaves a quarter for the answer; a count that the client gave is taken at its word.
  const most = budgetTokens === undefined ? Math.floor(total * 0.75) : total - 1
  const budget = Math.min(wanted, most)
  if (budget < LEAST_BUDGET) return { max_tokens: max }
  return { max_tokens: total, thinking: { type: 'enabled', budget_tokens: budget } }
}

function turnedOff(traits: ClaudeTraits, keepEffort: boolean, word: string | undefined): Partial<ThinkingFields> {
  if (traits.thinking === 'none') return {}
  if (traits.off === undefined) return compact({ effort: keepEffort ? word : traits.efforts[0] })
  // Thinking can be turned off up to `high` effort only.
  const effort = keepEffort && word !== undefined && ['low', 'medium', 'high'].includes(word) ? word : undefined
  return compact({ thinking: traits.thinksUnasked || !keepEffort ? { type: traits.off } : undefined, effort })
}

/** The effort the model has that is nearest to a word of another vendor's. A word nobody knows is sent as it is. */
function nearestEffort(effort: string, efforts: readonly string[]): string | undefined {
  if (efforts.length === 0) return undefined
  if (effort === 'none' || effort === 'minimal') return efforts[0]
  if (efforts.includes(effort)) return effort
  return effort === 'xhigh' ? 'high' : effort
}

/** Thresholds as in CLIProxyAPI, internal/thinking/convert.go. */
function effortOfBudget(tokens: number | undefined, efforts: readonly string[]): string | undefined {
  if (tokens === undefined) return undefined
  if (tokens <= 1024) return 'low'
  if (tokens <= 8192) return 'medium'
  return tokens <= 24_576 || !efforts.includes('xhigh') ? 'high' : 'xhigh'
}

/**
 * Whether the last turn goes on after a tool call that no thinking of Claude's precedes, which a budget does not allow. What a user
 * says after the result is of the same turn, and so it is where an answer without a word, which is not sent, stands between.
 */
function resumesUnthought(all: readonly ChatMessage[]): boolean {
  const messages = all.filter((message) => message.role !== 'assistant' || !message.content.every(isSilent))
  const last = messages.findLastIndex(({ role }) => role === 'assistant')
  if (!messages.slice(last + 1).some(({ role }) => role === 'tool')) return false
  const begin = messages.findLastIndex(({ role }, index) => role === 'user' && index < last) + 1
  const first = messages.slice(begin).find((message) => message.role === 'assistant')
  const [part] = first?.content ?? []
  return !(part?.type === 'reasoning' && isOwnReasoning(part))
}
