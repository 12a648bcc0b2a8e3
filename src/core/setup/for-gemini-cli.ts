import type { JsonObject } from '../json/json.ts'
import type { ModelInfo } from '../plugin/plugin.ts'

/** Tokens that Gemini CLI takes any model's window for: packages/core/src/core/tokenLimits.ts. */
const WINDOW = 1_048_576
/** Of the window, it shortens a conversation beyond: packages/core/src/context/chatCompressionService.ts. */
const SHORTENED_AT = 0.5

/**
 * What Gemini CLI asks of models of Google's by their names, whatever model the conversation has: searches, summaries, mended edits, the
 * shortening of long conversations, its agents. Where somebody else answers, they are to be the conversation's model too. Untold, it
 * takes that for one of a million tokens, and conversations outgrow a smaller window before they are shortened.
 *
 * Source: @google/gemini-cli 0.61 (google-gemini/gemini-cli packages/core/src/config/defaultModelConfigs.ts, whose figures these are, for an
 * alias replaces the whole of the one that is built in; docs/cli/generation-settings.md; packages/core/src/agents/registry.ts, `overrides`).
 */
export function forGeminiCli(model: string, info?: ModelInfo): JsonObject {
  const alias = (generateContentConfig?: JsonObject): JsonObject => ({
    extends: 'base',
    modelConfig: { model, ...(generateContentConfig && { generateContentConfig }) },
  })
  const withoutThinking = { thinkingConfig: { thinkingBudget: 0 } }
  const agent = { modelConfig: { model } }
  const window = info?.contextWindow ?? WINDOW
  const compressionThreshold = Math.round(((SHORTENED_AT * window) / WINDOW) * 1000) / 1000
  return {
    ...(compressionThreshold < SHORTENED_AT && { model: { compressionThreshold } }),
    modelConfigs: {
      customAliases: {
        // Of web-search, web-fetch, loop-detection, llm-edit-fixer, next-speaker-checker and context-snapshotter.
        'gemini-3-flash-base': alias(),
        'loop-detection-double-check': alias(),
        'chat-compression-default': { modelConfig: { model } },
        'edit-corrector': alias(withoutThinking),
        'prompt-completion': alias({ temperature: 0.3, maxOutputTokens: 16_000, ...withoutThinking }),
        'fast-ack-helper': alias({ temperature: 0.2, maxOutputTokens: 120, ...withoutThinking }),
        'summarizer-default': alias({ maxOutputTokens: 2000 }),
        'summarizer-shell': alias({ maxOutputTokens: 2000 }),
      },
    },
    agents: { overrides: { codebase_investigator: agent, cli_help: agent } },
  }
}
