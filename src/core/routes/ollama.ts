import type { H3Event } from 'h3'
import { ChatError } from '../chat/index.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { baseUrlOf } from './base.ts'

/** What Ollama's clients ask for (ollama/ollama docs/api.md). */
const PATH =
  /^\/api\/(?:chat|generate|tags|show|ps|version|embed|embeddings|pull|push|create|copy|delete|blobs\/[^/]+)\/?$/

/** Whether a client takes byok for Ollama, whose own API byok does not have. */
export function meansOllama({ url }: Pick<H3Event, 'url'>): boolean {
  return PATH.test(url.pathname)
}

/** Errors as Ollama's clients read them: of any but a text theirs say `[object Object]` (npm's ollama 0.6.4, `checkOk`). */
export const ollamaErrors: Protocol = { ...openaiChatProtocol, encodeError: ({ message }) => ({ error: message }) }

export function noOllama(event: H3Event): ChatError {
  return new ChatError(
    `byok does not have Ollama's own API. Set up your tool for an OpenAI-compatible server in place of Ollama, with base URL ${baseUrlOf(event)}/v1.`,
    { status: 404, type: 'invalid_request_error', code: 'not_found' },
  )
}
