import type { ModelInfo } from '../plugin/plugin.ts'
import type { SetupContext } from './tool.ts'

/**
 * What Claude Code asks for. Its own choice among Claude's models is left to it unless one was named; any other model has to stand in
 * for `opus`, `sonnet` and so on, which its subagents and background work ask for.
 * code.claude.com/docs/en/model-config; that of `fable` is in @anthropic-ai/claude-code.
 *
 * Of Anthropic's address it has tools of MCP found when they are needed; of any other it sends all of them each time, unless told that
 * what it asks for reaches Anthropic: code.claude.com/docs/en/env-vars, `ENABLE_TOOL_SEARCH` (BerriAI/litellm-docs pull request 993).
 */
export function claudeCodeModels({
  model,
  modelGiven,
  info,
  byAnthropic = false,
}: SetupContext): Record<string, string> {
  if (/^(?:[^/]*\/)?claude/.test(model)) {
    return {
      ...(modelGiven && { ANTHROPIC_MODEL: model }),
      ...(byAnthropic && { ENABLE_TOOL_SEARCH: 'true' }),
    }
  }
  return {
    ANTHROPIC_MODEL: model,
    ANTHROPIC_DEFAULT_OPUS_MODEL: model,
    ANTHROPIC_DEFAULT_SONNET_MODEL: model,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
    ANTHROPIC_DEFAULT_FABLE_MODEL: model,
    ...(info && windowOf(info)),
  }
}

/**
 * Untold, Claude Code takes a model that is no Claude by its name for one of 1000000 tokens, older versions for one of 200000:
 * conversations outgrow a smaller window, and are shortened early in a larger one.
 *
 * code.claude.com/docs/en/model-config, "Correct the window for a gateway or custom model id"; `/context` of 2.1.331.
 */
function windowOf({ contextWindow }: ModelInfo): Record<string, string> {
  return contextWindow === undefined ? {} : { CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(contextWindow) }
}
