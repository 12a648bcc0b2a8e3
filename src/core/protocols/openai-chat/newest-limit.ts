import type { JsonObject } from '../json.ts'

/** Whether a model is one of OpenAI's that reason, of which Copilot has the same. */
export function isReasoningModel(model: string): boolean {
  return /^(?:o\d|gpt-(?:[5-9]|\d\d))/.test(model)
}

/**
 * A chat completion's body with the limit of its output by its newest name, where the model takes it by no other: "Unsupported parameter:
 * 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead." For bytes that pass through: opencode and others say
 * `max_tokens` to whatever is not OpenAI by its address.
 *
 * Sources: anomalyco/opencode issues 5421 and 40885, cline/cline issue 8912 (clients); caozhiyuan/copilot-api issue 172 and 1jehuang/jcode
 * issue 190 (Copilot).
 */
export function withNewestLimit(body: JsonObject, model: string): JsonObject {
  const { max_tokens: limit, ...rest } = body
  if (limit === undefined || !isReasoningModel(model)) return body
  return { max_completion_tokens: limit, ...rest }
}
