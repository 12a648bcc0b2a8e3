import type { ChatRequest } from '../../chat/index.ts'
import type { Translator } from '../../translator/translator.ts'
import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { UPDATE } from '../openai-responses/configuration.ts'
import { effortOf } from './effort.ts'

/**
 * Whether a model of OpenAI's refuses to be told not to reason (`none`, `minimal`): codex models, Astra, and Sol from GPT-6.1 on. Copilot,
 * which hands requests on to OpenAI, offers the same efforts.
 *
 * Sources: openai/codex issue 6647; BerriAI/litellm-docs pull request 1173, UKGovernmentBEIS/inspect_ai pull request 5254 (Astra),
 * dev.to/hassann/how-to-use-gpt-62-astra-api-3j9l (6.2 Astra); volt-hq/Volt release 0.2.3 (6.1 Sol);
 * developers.openai.com/api/docs/models/gpt-6.2-sol; anomalyco/models.dev pull requests 2339 and 6325 (Copilot).
 */
export function alwaysReasons(model: string): boolean {
  return /^gpt-6(?:\.\d)?-astra|^gpt-6\.[12]-sol|(?:^|-)codex(?:-|$)/.test(model)
}

/** Clients turn thinking off for small tasks; a model that cannot is asked for the least it knows. */
export function withLeastReasoning(translator: Translator, always = alwaysReasons): Translator {
  return {
    ...translator,
    request: (chat) =>
      always(chat.model) ? withLeastThroughout(translator.request(withEffort(chat))) : translator.request(chat),
  }
}

function withEffort(chat: ChatRequest): ChatRequest {
  const effort = chat.reasoning && effortOf(chat.reasoning)
  return isLess(effort) ? { ...chat, reasoning: { ...chat.reasoning, effort: LEAST } } : chat
}

/** The neutral request has the effort of the conversation's end; Responses have the one it began with, too, and each on its way. */
function withLeastThroughout(body: JsonObject): JsonObject {
  const { input } = body
  const least = withLeast(body)
  return Array.isArray(input) ? { ...least, input: input.map(ofUpdate) } : least
}

function ofUpdate(item: unknown): unknown {
  return isObject(item) && item['type'] === UPDATE ? withLeast(item) : item
}

function withLeast(holder: JsonObject): JsonObject {
  const { reasoning } = holder
  if (!isObject(reasoning) || !isLess(reasoning['effort'])) return holder
  return { ...holder, reasoning: { ...reasoning, effort: LEAST } }
}

const LEAST = 'low'

function isLess(effort: unknown): boolean {
  return effort === 'none' || effort === 'minimal'
}
