import type { ChatRequest } from '../../index.ts'
import { belongsToResponses } from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'

/** OpenAI's models that reason, wherever they are, Azure and gateways among it: they know its efforts, and refuse sampling. */
export function isOpenAIReasoning(model: string): boolean {
  return /(?:^|\/)(?:o\d|gpt-[5-9])/.test(model)
}

/**
 * OpenAI's newer models have no tools beside reasoning in Chat Completions, and all that this provider has is that. The tools count for
 * more: "To use function tools, use /v1/responses or set reasoning_effort to 'none'." GPT-5.4 refuses even that word, and does not reason
 * unasked. Azure, which has them from OpenAI, says the same (can1357/oh-my-pi issue 11052).
 */
export function withToolsUnreasoned(body: JsonObject, chat: ChatRequest): JsonObject {
  if (!Array.isArray(body['tools']) || !belongsToResponses(chat.model, chat)) return body
  const { reasoning_effort: _, ...rest } = body
  return /^gpt-5\.4(?!\d)/.test(chat.model) ? rest : { ...rest, reasoning_effort: 'none' }
}
