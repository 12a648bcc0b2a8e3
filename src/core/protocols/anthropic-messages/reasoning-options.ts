import type { ReasoningOptions } from '../../chat/index.ts'
import { compact, isObject, text } from '../json.ts'

/**
 * How hard to think, out of `thinking` and `output_config.effort`. `adaptive` without an effort leaves it to the model, as
 * saying nothing does.
 *
 * Thinking is shown where that is asked for, and by the models that take a budget unless it is `omitted`; whether `adaptive` shows any
 * by itself depends on the model (platform.claude.com/docs/en/build-with-claude/thinking#controlling-thinking-display).
 */
export function readReasoningOptions(thinking: unknown, outputConfig: unknown): ReasoningOptions | undefined {
  const { type, budget_tokens: budget, display } = isObject(thinking) ? thinking : {}
  const effort = isObject(outputConfig) ? text(outputConfig['effort']) : undefined
  const options: ReasoningOptions = compact({
    effort: type === 'disabled' || type === 'between_tools' ? 'none' : effort,
    budgetTokens: type === 'enabled' && typeof budget === 'number' ? budget : undefined,
    summary: display === 'summarized' || (type === 'enabled' && display !== 'omitted') ? 'auto' : undefined,
  })
  return Object.keys(options).length > 0 ? options : undefined
}
