import type { ChatRequest, ModelInfo } from '../../index.ts'
import { estimateTokens } from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'

/** Byok's estimate of a prompt may be too low by as much. */
const DOUBT = 1.2

/**
 * The limit of the answer within what the model can write, or none where it and the prompt are more than the model's window together: then
 * the server writes for as long as there is room.
 *
 * Clients ask every model for what theirs could write, Claude Code for 32000 tokens and more. Groq: "`max_tokens` must be less than or equal
 * to `16384`" (anomalyco/opencode issue 1000). vLLM: "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum
 * context length is 32768 tokens and your request has 17459 input tokens" (farion1231/cc-switch issue 1022). Both tell theirs in their
 * lists; for others config can.
 */
export function withFittingLimit(body: JsonObject, chat: ChatRequest, info: ModelInfo | undefined): JsonObject {
  const name = 'max_completion_tokens' in body ? 'max_completion_tokens' : 'max_tokens'
  const { [name]: asked, ...rest } = body
  if (typeof asked !== 'number') return body
  const limit = Math.min(asked, info?.maxOutputTokens ?? asked)
  const window = info?.contextWindow
  if (window !== undefined && limit + estimateTokens(chat) * DOUBT > window) return rest
  return limit === asked ? body : { ...body, [name]: limit }
}
