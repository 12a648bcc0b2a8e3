import type { ChatRequest } from '../../index.ts'
import { effortOf } from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'

/**
 * What DeepSeek's own API takes otherwise. It thinks unless it is told not to (https://api-docs.deepseek.com/guides/thinking_mode):
 *
 * - While it thinks, every message of the assistant must carry its reasoning: "The `reasoning_content` in the thinking mode must be passed
 *   back to the API." An empty one does where the client, or another vendor, gave none (openclaw/openclaw issue 73417, earendil-works/pi
 *   packages/ai/src/providers/openai-completions.ts `requiresReasoningContentOnAssistantMessages`).
 * - While it thinks, no call can be forced: "Thinking mode does not support this tool_choice" (deepseek-ai/DeepSeek-V3 issue 1376, which
 *   shows too that it can be with thinking switched off).
 * - It knows no schema of an answer: "This response_format type is unavailable now" (llm-exe/llm-exe issue 662).
 */
export function forDeepSeek(body: JsonObject, chat: ChatRequest): JsonObject {
  const thinking = thinkingOf(chat)
  const messages = body['messages'] as JsonObject[]
  return {
    ...body,
    ...thinking,
    ...withoutSchema(body['response_format'], chat, thinks(thinking) ? messages.map(withReasoning) : messages),
  }
}

/** For DeepSeek's models elsewhere: a gateway in front of its API, or a server of one's own, which takes as much. */
export function withReasoningBack(body: JsonObject): JsonObject {
  return { ...body, messages: (body['messages'] as JsonObject[]).map(withReasoning) }
}

const OFF = { thinking: { type: 'disabled' } }

function thinkingOf({ reasoning, toolChoice }: ChatRequest): JsonObject {
  const effort = reasoning && effortOf(reasoning)
  const mode = toolChoice?.type === 'allowed' ? toolChoice.mode : toolChoice?.type
  if (effort === 'none' || mode === 'required' || mode === 'tool') return OFF
  return effort === undefined ? {} : { thinking: { type: 'enabled' }, reasoning_effort: effort }
}

function thinks({ thinking }: JsonObject): boolean {
  return thinking !== OFF.thinking
}

function withReasoning(message: JsonObject): JsonObject {
  return message['role'] === 'assistant' ? { reasoning_content: '', ...message } : message
}

/** The schema in words, beside the JSON that DeepSeek can be held to. */
function withoutSchema(format: unknown, { responseFormat }: ChatRequest, messages: JsonObject[]): JsonObject {
  if (responseFormat?.type !== 'json_schema')
    return { messages, ...(format !== undefined && { response_format: format }) }
  const words = `Answer with one JSON object that is valid against this JSON Schema: ${JSON.stringify(responseFormat.schema)}`
  const [first, ...rest] = messages
  const system =
    first?.['role'] === 'system' && typeof first['content'] === 'string'
      ? [{ ...first, content: `${first['content']}\n\n${words}` }, ...rest]
      : [{ role: 'system', content: words }, ...messages]
  return { messages: system, response_format: { type: 'json_object' } }
}
