import type { ChatRequest } from '../../chat/index.ts'
import { withToolNames } from '../../translator/tool-names.ts'
import type { Translator } from '../../translator/translator.ts'
import { readError } from '../openai-chat/read-error.ts'
import { TOOL_NAME } from '../openai-chat/tool-name.ts'
import type { Protocol } from '../protocol.ts'
import { CompactionEncoder, encodeCompaction } from './compaction-encoder.ts'
import { asksToCompact } from './compaction.ts'
import { decodeRequest } from './decode.ts'
import { encodeError, encodeStreamError } from './encode-error.ts'
import { encodeAnswer } from './encode.ts'
import { ResponseEncoder } from './encoder.ts'
import { readAnswer, responseDecoder } from './events.ts'
import type { OpenAIResponsesOptions } from './options.ts'
import { encodeRequest } from './request.ts'
import { inspectTail } from './tail.ts'
import { FORMAT } from './wire.ts'

export { tellItem } from './decode-own-items.ts'
export { encryptedToo } from './encrypted-reasoning.ts'
export { withoutForeignItems } from './foreign-items.ts'
export { withoutItemIds, withTakenItemIds } from './item-ids.ts'
export type { OpenAIResponsesOptions } from './options.ts'
export { withReasoningTaken } from './reasoning-taken.ts'

/** OpenAI's Responses, as clients speak it. A state that is kept between requests is not its business. */
export const openaiResponsesProtocol: Protocol = {
  name: FORMAT,
  decode: decodeRequest,
  encode: (answer, context) =>
    asksToCompact(context.chat) ? encodeCompaction(answer, context) : encodeAnswer(answer, context),
  encoder: (context) => (asksToCompact(context.chat) ? new CompactionEncoder(context) : new ResponseEncoder(context)),
  encodeError,
  encodeStreamError,
  inspectTail,
}

/** OpenAI's Responses, as OpenAI and the servers that follow it speak it. */
export function openaiResponses(options: OpenAIResponsesOptions = {}): Translator {
  const error: NonNullable<Translator['error']> = (body, status, headers) =>
    options.error?.(body, status, headers) ?? readError(body)
  // Within an answer there is no status of its own.
  const inAnswer = (body: unknown) => options.error?.(body, 200, new Headers()) ?? readError(body)
  const translator: Translator = {
    format: options.format ?? FORMAT,
    request: (chat) => encodeRequest(chat, options),
    events: (chat) => responseDecoder(inAnswer, isOwn(chat)),
    // `response.failed`, such as for a server that is overloaded, follows `response.created`.
    startsEarly: true,
    error,
  }
  const answer: Translator['answer'] = (body, chat) => readAnswer(body, inAnswer, isOwn(chat))
  return withToolNames(options.streamOnly ? translator : { ...translator, answer }, TOOL_NAME)
}

function isOwn(chat: ChatRequest | undefined): boolean {
  return chat?.protocol === FORMAT
}
