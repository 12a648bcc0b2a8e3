import { invalidRequest } from '../../chat/index.ts'
import type { ChatEvent } from '../../chat/index.ts'
import type { Translator } from '../../upstream/translator.ts'
import { parseObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { openaiChatProtocol } from '../openai-chat/index.ts'
import { errorInAnswer, readError } from '../openai-chat/read-error.ts'
import type { Protocol } from '../protocol.ts'
import { inspectTail } from './tail.ts'

export { chatOfImages, imagesOfChat } from './as-chat.ts'
export { formOfImages } from './form.ts'

/*
 * OpenAI's Images (openai-node src/resources/images.ts), which pass through to a provider that has them. Both sides here read of an answer
 * what has to be known of it on its way.
 */

const NAME = 'openai-images'

const { unaskedUsage: _, ...openai } = openaiChatProtocol

/** The side that faces clients. Errors are those of Chat Completions, within a stream too (openai-node src/core/streaming.ts). */
export const imagesProtocol: Protocol = { ...openai, name: NAME, inspectTail }

/** The side that faces providers. */
export const images: Translator = {
  format: NAME,
  request() {
    throw invalidRequest('Requests for images are passed on as they are, or not at all.')
  },
  events: () => ({ push: ({ data }) => readEvent(parseObject(data)), end: () => [] }),
  error: readError,
}

function readEvent(event: JsonObject | undefined): ChatEvent[] {
  if (event?.['error']) throw errorInAnswer(event, readError)
  return event ? [{ type: 'text', text: '' }] : []
}
