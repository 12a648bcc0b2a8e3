import type { ChatError } from '../../chat/index.ts'
import { encodeError } from '../openai-chat/encode-error.ts'
import type { JsonObject } from '../json.ts'
import { newId } from './items.ts'

export { encodeError } from '../openai-chat/encode-error.ts'

/**
 * An error in the middle of a stream. `response.failed` is what clients end an answer by (openai/codex
 * codex-rs/codex-api/src/sse/responses.rs); `error` after it carries the error twice, flat as OpenAI's type has it
 * (openai-node `ResponseErrorEvent`), and nested as openai-node's stream throws it (src/core/streaming.ts). The response that failed has to
 * be the one that began: "Lifecycle response identity changed." (openai-node 7 src/lib/responses/ResponseStream.ts).
 *
 * @param begun the response as it began
 */
export function encodeStreamError(error: ChatError, _requestId?: string, begun: JsonObject = {}): string {
  const { message, param } = error
  const code = error.code ?? error.type
  const response = {
    id: newId('resp'),
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    incomplete_details: null,
    output: [],
    usage: null,
    metadata: {},
    ...begun,
    status: 'failed',
    error: { code, message },
  }
  return (
    write('response.failed', { response, sequence_number: LAST }) +
    write('error', { code, message, param, ...encodeError(error), sequence_number: LAST + 1 })
  )
}

/** Where in the stream it stands is not known here; after all else is. */
const LAST = 2 ** 31

function write(type: string, fields: Record<string, unknown>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}
