import type { ChatRequest } from '../../chat/index.ts'
import type { Translator } from '../../upstream/translator.ts'
import { effortOf } from './effort.ts'

/**
 * Whether a model of OpenAI's refuses to be told not to reason (`none`, `minimal`): codex models, Astra and GPT-6.1 Sol. Copilot, which
 * hands requests on to OpenAI, offers the same efforts.
 *
 * Sources: openai/codex issue 6647; BerriAI/litellm-docs pull request 1173, UKGovernmentBEIS/inspect_ai pull request 5254 (Astra),
 * dev.to/hassann/how-to-use-gpt-62-astra-api-3j9l (6.2 Astra); volt-hq/Volt release 0.2.3 (6.1 Sol); anomalyco/models.dev pull requests
 * 2339 and 6325 (Copilot).
 */
export function alwaysReasons(model: string): boolean {
  return /^gpt-6(?:\.\d)?-astra|^gpt-6\.1-sol|(?:^|-)codex(?:-|$)/.test(model)
}

/** Clients turn thinking off for small tasks; a model that cannot is asked for the least it knows. */
export function withLeastReasoning(translator: Translator, always = alwaysReasons): Translator {
  return { ...translator, request: (chat) => translator.request(always(chat.model) ? withEffort(chat) : chat) }
}

function withEffort(chat: ChatRequest): ChatRequest {
  const effort = chat.reasoning && effortOf(chat.reasoning)
  return effort === 'none' || effort === 'minimal' ? { ...chat, reasoning: { ...chat.reasoning, effort: 'low' } } : chat
}
