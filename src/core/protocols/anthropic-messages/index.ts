import type { Translator } from '../../upstream/translator.ts'
import { readError } from './errors.ts'
import { MessageDecoder } from './events.ts'
import { PROTOCOL } from './json.ts'
import type { AnthropicMessagesOptions } from './options.ts'
import { encodeRequest } from './request.ts'

export type { AnthropicMessagesOptions } from './options.ts'
export { withoutForeignThinking } from './proof.ts'
export { claudeTraits } from './traits.ts'
export type { ClaudeTraits } from './traits.ts'

/** Anthropic's Messages, as Anthropic and servers that follow it speak it. */
export function anthropicMessages(options: AnthropicMessagesOptions = {}): Translator {
  return {
    format: options.format ?? PROTOCOL,
    request: (chat) => encodeRequest(chat, options),
    events: (chat) => new MessageDecoder(chat),
    answer: (body, chat) => new MessageDecoder(chat).whole(body),
    error: (body, _status, headers) => readError(body, headers),
  }
}
