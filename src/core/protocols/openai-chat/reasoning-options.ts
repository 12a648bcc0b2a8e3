import type { Extra, ReasoningOptions } from '../../chat/index.ts'
import { compact, isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import type { Fields } from '../fields.ts'

/**
 * How hard to think, in the ways clients say it: OpenAI's `reasoning_effort`, OpenRouter's
 * `reasoning: { effort, max_tokens, summary, enabled }`, `thinking: { type, budget_tokens }` as Anthropic, Moonshot, Zhipu and DeepSeek
 * have it, what Google's endpoint has in `extra_body`, and Qwen's {@link THINKING_HINTS}.
 */
export function readReasoningOptions(body: Fields, extra: Extra): ReasoningOptions | undefined {
  const reasoning = body.nested('reasoning')
  const enabled = reasoning?.boolean('enabled')
  const { keep, ...thinking } = body.take('thinking', readThinking) ?? {}
  const google = body.take('extra_body', readGoogle)
  const qwen = readQwen(body)
  const word = body.string('reasoning_effort')
  const options: ReasoningOptions = compact({
    effort:
      (word === AUTO ? undefined : word) ??
      reasoning?.string('effort') ??
      thinking.effort ??
      google?.effort ??
      qwen.effort,
    budgetTokens:
      reasoning?.integer('max_tokens') ?? thinking.budgetTokens ?? google?.budgetTokens ?? qwen.budgetTokens,
    summary: reasoning?.string('summary') ?? google?.summary ?? (word === AUTO ? 'auto' : undefined),
  })
  if (enabled === false) options.effort = 'none'
  // OpenRouter: `enabled: true` by itself is medium effort.
  else if (enabled && options.budgetTokens === undefined) options.effort ??= 'medium'
  const rest = reasoning?.rest()
  if (rest) extra['reasoning'] = rest
  if (keep !== undefined) extra['thinking'] = { keep }
  return Object.keys(options).length > 0 ? options : undefined
}

/**
 * Qwen's words beside those that are read: what its template is told by servers of one's own (vLLM, SGLang), and whether earlier reasoning
 * stays. OpenAI and others refuse them: "Unrecognized request argument supplied: chat_template_kwargs" (TutteInstitute/toponymy pull
 * request 148), as `enable_thinking` (CherryHQ/cherry-studio issue 6155).
 */
export const THINKING_HINTS = [
  'enable_thinking',
  'thinking_budget',
  'preserve_thinking',
  'chat_template_kwargs',
  'separate_reasoning',
] as const

/**
 * `enable_thinking` and `thinking_budget` of DashScope (www.alibabacloud.com/help/en/model-studio/deep-thinking), and the former within
 * `chat_template_kwargs` (huggingface.co/Qwen/Qwen3-8B), where DeepSeek's template calls it `thinking`. The latter stays in `extra` for who
 * has the template.
 */
function readQwen(body: Fields): ReasoningOptions {
  const kwargs = body.peek('chat_template_kwargs')
  const told = isObject(kwargs) ? (kwargs['enable_thinking'] ?? kwargs['thinking']) : undefined
  const on = body.take('enable_thinking', asBoolean) ?? asBoolean(told)
  const budget = body.take('thinking_budget', (value) => (typeof value === 'number' ? value : undefined))
  if (on === false) return { effort: 'none' }
  if (budget !== undefined && budget > 0) return { budgetTokens: budget }
  return on === true ? { effort: 'medium' } : {}
}

function asBoolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

/** As hard as the model likes: no vendor's word, but Cherry Studio's (src/renderer/src/aiCore/utils/reasoning.ts, `getReasoningEffort`). */
export const AUTO = 'auto'

/**
 * `thinking` where the neutral model has words for all of it; other forms, such as `adaptive`, stay in `extra`. Without a budget, which
 * Anthropic alone has, it is on and no more: the effort is then another field's, or a medium one, as OpenRouter's `enabled`. Kimi's clients
 * say it here, and which earlier reasoning stays: `{ type: 'enabled', effort: 'high', keep: 'all' }` of Kimi Code 2.1.0, by whatever model.
 */
function readThinking(value: unknown): (ReasoningOptions & { keep?: unknown }) | undefined {
  if (!isObject(value)) return undefined
  const { type, budget_tokens: budget, effort, keep, ...rest } = value
  if (Object.keys(rest).length > 0) return undefined
  if (type === 'disabled' && budget === undefined) return { effort: 'none' }
  if (type !== 'enabled') return undefined
  if (effort !== undefined && typeof effort !== 'string') return undefined
  const kept = keep === undefined || keep === null ? {} : { keep }
  if (budget === undefined || budget === null) return { effort: effort ?? 'medium', ...kept }
  return typeof budget === 'number' ? compact({ effort, budgetTokens: budget, ...kept }) : undefined
}

/** Whether `extra` has what {@link readReasoningOptions} left of a `thinking` that it read, which is for Kimi alone. */
export function isRestOfThinking(value: unknown): boolean {
  return isObject(value) && !('type' in value)
}

/**
 * `extra_body: { google: { thinking_config } }` of Google's OpenAI endpoint (ai.google.dev/gemini-api/docs/openai, "Thinking"), which
 * Cherry Studio sends to whoever offers Gemini (`getReasoningEffort`). Anything else in it stays in `extra`.
 */
function readGoogle(value: unknown): ReasoningOptions | undefined {
  const google = only(value, 'google')
  const config = only(google, 'thinking_config')
  if (!config) return undefined
  const { thinking_budget: budget, thinking_level: level, include_thoughts: shown, ...rest } = config
  if (Object.keys(rest).length > 0) return undefined
  return compact({
    effort: budget === 0 ? 'none' : typeof level === 'string' ? level.toLowerCase() : undefined,
    // -1 lets the model decide.
    budgetTokens: typeof budget === 'number' && budget > 0 ? budget : undefined,
    summary: shown === true ? 'auto' : undefined,
  })
}

/** The object under this name, where there is nothing beside it. */
function only(value: unknown, name: string): JsonObject | undefined {
  if (!isObject(value) || Object.keys(value).length !== 1) return undefined
  const inner = value[name]
  return isObject(inner) ? inner : undefined
}
