import { invalidRequest } from '../chat/index.ts'
import type { ChatEvent } from '../chat/index.ts'
import type { Translator } from '../translator/translator.ts'
import { parseObject } from './json.ts'
import type { JsonObject } from './json.ts'
import { openaiChatProtocol } from './openai-chat/index.ts'
import { errorInAnswer, readError } from './openai-chat/read-error.ts'
import type { Protocol } from './protocol.ts'

const { unaskedUsage: _, ...openai } = openaiChatProtocol

/**
 * Both sides of an API of OpenAI's that is none of chats, and passes through to a provider that has it: what has to be known of an answer on
 * its way. Errors are those of Chat Completions, within a stream too (openai-node src/core/streaming.ts).
 *
 * @param what is asked for, in the plural
 */
export function passedOn(
  name: string,
  what: string,
  inspectTail: Protocol['inspectTail'],
): { protocol: Protocol; translator: Translator } {
  return {
    protocol: { ...openai, name, inspectTail },
    translator: {
      format: name,
      request() {
        throw invalidRequest(`Requests for ${what} are passed on as they are, or not at all.`)
      },
      events: () => ({ push: ({ data }) => readEvent(parseObject(data)), end: () => [] }),
      error: readError,
    },
  }
}

function readEvent(event: JsonObject | undefined): ChatEvent[] {
  if (event?.['error']) throw errorInAnswer(event, readError)
  return event ? [{ type: 'text', text: '' }] : []
}
