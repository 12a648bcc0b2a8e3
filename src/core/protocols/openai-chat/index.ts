import type { Protocol } from '../protocol.ts'
import { withFreeText } from '../../translator/free-text.ts'
import { withToolNames } from '../../translator/tool-names.ts'
import type { Translator } from '../../translator/translator.ts'
import { hasCallProof } from './call-proof.ts'
import { decodeRequest } from './decode.ts'
import { PROTOCOL } from './decode-tools.ts'
import { encodeError, encodeStreamError } from './encode-error.ts'
import { encodeAnswer } from './encode.ts'
import { ChunkEncoder } from './encoder.ts'
import { chunkDecoder, readAnswer } from './events.ts'
import { objects } from '../json.ts'
import type { OpenAIChatOptions } from './options.ts'
import { readError } from './read-error.ts'
import { encodeRequest } from './request.ts'
import { inspectTail } from './tail.ts'
import { TOOL_NAME } from './tool-name.ts'
import { unaskedUsage } from './unasked-usage.ts'

export type { OpenAIChatExtension, OpenAIChatFeature, OpenAIChatOptions } from './options.ts'

/** OpenAI's Chat Completions, as clients speak it. */
export const openaiChatProtocol: Protocol = {
  name: PROTOCOL,
  decode: decodeRequest,
  encode: encodeAnswer,
  encoder: (context) => new ChunkEncoder(context),
  encodeError,
  encodeStreamError,
  inspectTail,
  unaskedUsage,
}

/** OpenAI's Chat Completions, as OpenAI and the many servers that follow it speak it. */
export function openaiChat(options: OpenAIChatOptions = {}): Translator {
  const error: NonNullable<Translator['error']> = (body, status, headers) =>
    options.error?.(body, status, headers) ?? readError(body)
  // Within an answer there is no status of its own.
  const inAnswer = (body: unknown) => options.error?.(body, 200, new Headers()) ?? readError(body)
  const translator: Translator = {
    format: options.format ?? PROTOCOL,
    passes: ({ messages }) => {
      const media = options.extensions?.includes('tool_media') === true
      return !objects(messages).some((message) => hasCallProof(message) || (!media && hasToolMedia(message)))
    },
    request: (chat) => encodeRequest(chat, options),
    events: () => chunkDecoder(inAnswer),
    answer: (body) => readAnswer(body, inAnswer),
    error,
    // A chunk with the role alone comes before the model has said anything.
    startsEarly: true,
  }
  const freeText = options.freeText === 'functions' ? withFreeText(translator) : translator
  return withToolNames(freeText, options.toolNames ?? TOOL_NAME)
}

/** Whether a tool's result holds more than text, which OpenAI refuses there; translated, it moves to a message of the user. */
function hasToolMedia({ role, content }: Record<string, unknown>): boolean {
  return role === 'tool' && objects(content).some(({ type }) => type !== 'text')
}
