import { createHash } from 'node:crypto'
import { objects } from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'

/** Mistral's models, whoever serves them: its tokenizer checks the messages, in vLLM and NIM too. */
export function isMistral(model: string): boolean {
  return /(?:^|\/)(?:open-)?(?:mi[sx]tral|ministral|magistral|codestral|devstral)/i.test(model)
}

/**
 * The messages as Mistral's tokenizer takes them:
 *
 * - "Unexpected role 'user' after role 'tool'" (zed-industries/zed issue 37021, mistralai/mistral-vibe issue 578, NousResearch/hermes-agent
 *   issue 20154): what the assistant might have said stands in between, as earendil-works/pi has it (packages/ai/src/providers/
 *   openai-completions.ts `requiresAssistantAfterToolResult`).
 * - "Tool call id was call_0fypS1hVX but must be a-z, A-Z, 0-9, with a length of 9." (karthink/gptel issue 1203, vllm-project/vllm issue 9019).
 * - "Assistant message must have either content or tool_calls, but not none." (OpenHands/OpenHands issue 8685).
 */
export function withMistralMessages(messages: readonly JsonObject[]): JsonObject[] {
  const written: JsonObject[] = []
  for (const message of messages) {
    const { role, refusal, ...given } = message
    const said = refusal === undefined ? given : { ...given, content: refusal }
    if (role === 'assistant' && !given['tool_calls'] && !said['content']) continue
    if (role === 'user' && written.at(-1)?.['role'] === 'tool')
      written.push({ role: 'assistant', content: 'Understood.' })
    written.push({ role, ...said, ...idsOf(message) })
  }
  return written
}

function idsOf({ tool_call_id: id, tool_calls: calls }: JsonObject): JsonObject {
  if (typeof id === 'string') return { tool_call_id: nineLetters(id) }
  if (!Array.isArray(calls)) return {}
  return { tool_calls: objects(calls).map((call) => ({ ...call, id: nineLetters(String(call['id'])) })) }
}

/** The same for the same id, so that a result finds its call. */
function nineLetters(id: string): string {
  return /^[a-zA-Z0-9]{9}$/.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 9)
}

/**
 * Without what Mistral's API has not: "Extra inputs are not permitted". Its seed has a name of its own (mistralai/client-python
 * src/mistralai/models/chatcompletionrequest.py), and a user none.
 */
export function withMistralFields({ user: _, seed, ...body }: JsonObject): JsonObject {
  return seed === undefined ? body : { ...body, random_seed: seed }
}
