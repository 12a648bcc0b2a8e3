import { ChatError } from '../../chat/index.ts'
import type { UpstreamErrorInfo } from '../../translator/translator.ts'
import { isObject } from '../json.ts'
import { errorInAnswer } from '../openai-chat/read-error.ts'

export type ErrorReader = (body: unknown) => UpstreamErrorInfo | undefined

/**
 * The error that an answer failed with: `response.failed`, an `error` event, or a whole response whose `status` is `failed`.
 * OpenAI has it flat (openai-node `ResponseErrorEvent`) and, for what failed before the model began, within `error`, with
 * its status beside (openai/codex codex-rs/codex-api/src/sse/responses.rs).
 *
 * @param event The `error` event, or the response.
 */
export function failureOf(event: Record<string, unknown>, read: ErrorReader): ChatError {
  const { error, status, status_code: code } = event
  const detail = isObject(error) ? error : event
  const { type: _, ...flat } = detail
  const http = [status, code].find((value) => typeof value === 'number' && value >= 400 && value < 600)
  // The `type` of a flat event is `error`, which is no kind of error.
  const body = { error: { ...(detail === event ? flat : detail), ...(http !== undefined && { status: http }) } }
  return errorInAnswer(body, read)
}

/** An answer that is not in the format it should be in. */
export function unexpectedAnswer(what: string): ChatError {
  return new ChatError(
    `The provider answered with ${what}, which is no response. Check its \`base_url\`, or try again.`,
    { status: 502, type: 'server_error', code: 'upstream_bad_answer' },
  )
}
