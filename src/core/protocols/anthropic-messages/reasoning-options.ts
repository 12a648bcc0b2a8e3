import type { ChatMessage, ReasoningOptions } from '../../chat/index.ts'
import { compact, isObject, text } from '../json.ts'

/**
 * How hard to think, out of `thinking` and `output_config.effort`. `adaptive` without an effort leaves it to the model, as
 * saying nothing does.
 *
 * Thinking is shown where that is asked for, and by the models that take a budget unless it is `omitted`; whether `adaptive` shows any
 * by itself depends on the model (platform.claude.com/docs/en/build-with-claude/thinking#controlling-thinking-display).
 */
export function readReasoningOptions(
  thinking: unknown,
  outputConfig: unknown,
  messages: readonly ChatMessage[],
): ReasoningOptions | undefined {
  const { type, budget_tokens: budget, display } = isObject(thinking) ? thinking : {}
  const effort = effortByNow(messages) ?? effortIn(outputConfig)
  const options: ReasoningOptions = compact({
    effort: type === 'disabled' || type === 'between_tools' ? 'none' : effort,
    budgetTokens: type === 'enabled' && typeof budget === 'number' ? budget : undefined,
    summary: display === 'summarized' || (type === 'enabled' && display !== 'omitted') ? 'auto' : undefined,
  })
  return Object.keys(options).length > 0 ? options : undefined
}

function effortIn(outputConfig: unknown): string | undefined {
  return isObject(outputConfig) ? text(outputConfig['effort']) : undefined
}

/**
 * The effort that the conversation has been set to on its way, by `output_config` of a system message (`BetaSystemMessageParam` of
 * @anthropic-ai/sdk): after what a user says it holds for the answer to that, and elsewhere from what a user says next; the results of
 * tools are no such words. It stands until the next one.
 *
 * Source: platform.claude.com/docs/build-with-claude/effort-per-message
 */
function effortByNow(messages: readonly ChatMessage[]): string | undefined {
  let now: string | undefined
  let next: string | undefined
  let afterUser = false
  for (const { role, content, extra } of messages) {
    if (role === 'system') next = effortIn(extra?.['output_config']) ?? next
    else afterUser = role === 'user' && content.length > 0
    if (afterUser) now = next
  }
  return now
}
