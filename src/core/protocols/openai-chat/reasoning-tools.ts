import type { ChatRequest } from '../../chat/index.ts'
import type { Translator } from '../../translator/translator.ts'
import { alwaysReasons } from './always-reasons.ts'
import { effortOf } from './effort.ts'

/**
 * From GPT-5.4 on OpenAI refuses tools beside reasoning in Chat Completions: "Function tools with reasoning_effort are not
 * supported for gpt-5.6 in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'."
 * Copilot, which hands requests on to OpenAI, does too. A model that always reasons has no way out: it refuses `none` itself.
 *
 * Sources: openai/openai-openapi issue 541; BerriAI/litellm litellm/main.py `responses_api_bridge_check` (from which model on),
 * pull requests 34569 (GPT-5.6 reasons unless told `none`) and 32312 (Copilot); jeffdafoe/llm-memory-api pull request 178 (GPT-5.5
 * reasons unasked); livekit/agents issue 5084 and pull request 7169 (GPT-5.4 does not, and refuses even `none` by name);
 * bolna-ai/bolna pull request 1019 (Astra, at every effort).
 */
function refusesTools(model: string, effort: string | undefined): boolean {
  if (alwaysReasons(model)) return true
  if (/^gpt-5\.4(?!\d)/.test(model)) return effort !== undefined
  return /^gpt-(?:5\.(?:[5-9]|\d\d)|[6-9]|\d\d)/.test(model) && effort !== 'none'
}

/**
 * Whether a translated request has to be asked by Responses: for the tools in it, or for the effort `max`, which a model that always
 * reasons takes there alone (BerriAI/litellm-docs pull request 1173).
 *
 * @param model the route's
 */
export function belongsToResponses(model: string, { model: named, tools = [], reasoning }: ChatRequest): boolean {
  return alwaysReasons(model) || (tools.length > 0 && refusesTools(named, reasoning && effortOf(reasoning)))
}

/** Chat Completions, for a provider that has Responses too: a client's request passes through unless it has to be asked there. */
export function withoutReasoningTools(chat: Translator): Translator {
  return {
    ...chat,
    passes(body, model) {
      const { tools, functions, reasoning_effort: effort } = body
      const any = [tools, functions].some((list) => Array.isArray(list) && list.length > 0)
      const refused = any && refusesTools(model, typeof effort === 'string' ? effort : undefined)
      return !refused && (chat.passes?.(body, model) ?? true)
    },
  }
}
