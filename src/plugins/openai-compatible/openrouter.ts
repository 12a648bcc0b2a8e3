import { objects } from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'

/**
 * The reasoning that goes back to OpenRouter. Gemini's has to: "Gemini models require OpenRouter reasoning details to be preserved in each
 * request. … Function call is missing a thought_signature" (musistudio/claude-code-router issue 1057, RooCodeInc/Roo-Code issue 10307).
 * Whose proof it is OpenRouter reads by `format`. A text without its proof Claude refuses: "Invalid `signature` in `thinking` block"
 * (OpenRouterTeam/ai-sdk-provider pull request 445), and no model needs it.
 */
export function withProvenReasoning(messages: readonly JsonObject[]): JsonObject[] {
  return messages.map(({ reasoning_details: details, ...message }) => {
    if (!Array.isArray(details)) return message
    const proven = objects(details).filter(({ data, signature }) => data !== undefined || signature !== undefined)
    return proven.length > 0 ? { ...message, reasoning_details: proven } : message
  })
}
