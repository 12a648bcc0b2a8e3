import { openaiResponsesProtocol } from '../openai-responses/index.ts'
import { compact, isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import type { Protocol } from '../protocol.ts'
import { openaiChatProtocol } from './index.ts'

/** Whether a chat completion is asked for by a body of Responses. */
export function asksByItems({ messages, input, instructions }: JsonObject): boolean {
  return messages === undefined && (input !== undefined || instructions !== undefined)
}

/**
 * Chat Completions of which a client, Cursor's agent, writes the requests as those of Responses, and reads the answers as what it asked
 * for.
 *
 * Sources: https://docs.litellm.ai/docs/proxy/cursor and BerriAI/litellm pull request 34029; router-for-me/CLIProxyAPI pull request 658.
 */
export const chatByItemsProtocol: Protocol = {
  ...openaiChatProtocol,
  // No provider's format is asked in one way and answers in another, so nothing passes through.
  name: 'openai-chat-by-items',
  decode(body) {
    const { stream_options: streams, ...asked } = isObject(body) ? body : {}
    const chat = openaiResponsesProtocol.decode(inItemsShape(asked))
    return { ...chat, includeUsage: isObject(streams) && streams['include_usage'] === true }
  },
}

/** What such a body has of Chat Completions besides, as Responses have it. */
function inItemsShape(body: JsonObject): JsonObject {
  const { max_tokens: old, max_completion_tokens: most = old, reasoning_effort: effort, tools, ...rest } = body
  return compact({
    ...rest,
    input: rest['input'] ?? [],
    max_output_tokens: rest['max_output_tokens'] ?? most,
    reasoning: rest['reasoning'] ?? (effort === undefined ? undefined : { effort }),
    tools: Array.isArray(tools) ? tools.map(flat) : tools,
  })
}

function flat(tool: unknown): unknown {
  if (!isObject(tool)) return tool
  const { type, function: definition, ...rest } = tool
  return type === 'function' && isObject(definition) ? { type, ...definition, ...rest } : tool
}
