import type { Protocol } from '../protocol.ts'
import { objects } from '../json.ts'
import { withPropertyNames } from '../schema/property-names.ts'
import { withToolNames } from '../../translator/tool-names.ts'
import type { Translator } from '../../translator/translator.ts'
import { isOthersSearch } from './blocks.ts'
import { decodeRequest } from './decode.ts'
import { encodeAnswer } from './encode.ts'
import { MessageEncoder, PING } from './encoder.ts'
import { encodeError, encodeStreamError, readError } from './errors.ts'
import { MessageDecoder } from './events.ts'
import { PROTOCOL } from './options.ts'
import type { AnthropicMessagesOptions } from './options.ts'
import { encodeRequest } from './request.ts'
import { inspectTail } from './tail.ts'

export type { AnthropicMessagesOptions } from './options.ts'
export { withoutForeignBlocks } from './foreign-blocks.ts'
export { toolId as anthropicToolId } from './request-content.ts'
export { claudeTraits, claudeTraitsOf } from './traits.ts'
export type { ClaudeTraits } from './traits.ts'

/** Anthropic's Messages, as clients speak it. */
export const anthropicMessagesProtocol: Protocol = {
  name: PROTOCOL,
  decode: (body) => decodeRequest(body),
  encode: encodeAnswer,
  encoder: (context) => new MessageEncoder(context),
  encodeError,
  encodeStreamError,
  // @anthropic-ai/sdk src/internal/parse.ts (`_request_id`), src/core/error.ts (`requestID`).
  requestIdHeader: 'request-id',
  inspectTail,
  keepAlive: PING,
}

/** Reads the body of `POST /v1/messages/count_tokens`, which is that of a message without its limits. */
export const decodeCountTokens = (body: unknown) => decodeRequest(body, true)

/**
 * The names of tools: "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'" (an answer of the API's, github/copilot-cli issue 2581). Those of
 * MCP may have dots, and Gemini CLI sends them and colons as they are.
 */
const NAME = /^[\w-]{1,128}$/

/**
 * "tools.14.custom.input_schema.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'": appstore-connect-mcp issue 2 (beautyfree),
 * whose tools filter by `filter[id]`. Only the names at the root are looked at (decocms/studio pull request 6874).
 */
const ARGUMENT = /^[\w.-]{1,64}$/

/** Anthropic's Messages, as Anthropic and servers that follow it speak it. */
export function anthropicMessages(options: AnthropicMessagesOptions = {}): Translator {
  const translator: Translator = {
    format: options.format ?? PROTOCOL,
    // What is translated is refused in words that clients know, and others' searches are told in words.
    passes: (body) =>
      !(options.threads === false && (body['thread'] ?? undefined) !== undefined) && !hasOthersSearch(body),
    request: (chat) => encodeRequest(chat, options),
    events: (chat) => new MessageDecoder(chat),
    answer: (body, chat) => new MessageDecoder(chat).whole(body),
    error: (body, _status, headers) => readError(body, headers),
    // `message_start` may be followed by `error`.
    startsEarly: true,
  }
  return withToolNames(withPropertyNames(translator, { takes: ARGUMENT }), NAME)
}

/** Whether the conversation has an answer of another vendor's that searched. */
function hasOthersSearch({ messages }: Record<string, unknown>): boolean {
  return objects(messages).some(({ role, content }) => role === 'assistant' && objects(content).some(isOthersSearch))
}
