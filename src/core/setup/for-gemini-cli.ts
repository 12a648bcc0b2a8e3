import type { JsonObject } from '../json.ts'

/**
 * What Gemini CLI asks of models of Google's by their names, whatever model the conversation has: searches, summaries, mended edits, the
 * shortening of long conversations, its agents. Where somebody else answers, they are to be the conversation's model too.
 *
 * Source: @google/gemini-cli 0.61 (google-gemini/gemini-cli packages/core/src/config/defaultModelConfigs.ts, whose figures these are, for an
 * alias replaces the whole of the one that is built in; docs/cli/generation-settings.md; packages/core/src/agents/registry.ts, `overrides`).
 */
export function forGeminiCli(model: string): JsonObject {
  const alias = (generateContentConfig?: JsonObject): JsonObject => ({
    extends: 'base',
    modelConfig: { model, ...(generateContentConfig && { generateContentConfig }) },
  })
  const withoutThinking = { thinkingConfig: { thinkingBudget: 0 } }
  const agent = { modelConfig: { model } }
  return {
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
