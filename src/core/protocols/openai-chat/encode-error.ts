import type { ChatError } from '../../chat/index.ts'

/**
 * OpenAI's error object. Where a provider is behind the error, its name, status and request id stand beside OpenAI's four
 * fields, and clients leave them alone.
 */
export function encodeError(error: ChatError): { error: Record<string, unknown> } {
  const { message, type, param, code, provider, upstreamStatus, upstreamRequestId } = error
  return {
    error: {
      message,
      type,
      param,
      code,
      ...(provider !== undefined && { provider }),
      ...(upstreamStatus !== undefined && { upstream_status: upstreamStatus }),
      ...(upstreamRequestId !== undefined && { upstream_request_id: upstreamRequestId }),
    },
  }
}

/**
 * An error in the middle of a stream: a chunk with `error`, on which OpenAI's own clients throw (openai-node
 * src/core/streaming.ts). No `[DONE]` follows, for the answer is not whole.
 */
export function encodeStreamError(error: ChatError): string {
  return `data: ${JSON.stringify(encodeError(error))}\n\n`
}
