import type { ChatMessage, ChatRequest } from '../chat/index.ts'
import { formatInWords } from './format-in-words.ts'
import { knowsOpenAI } from './schema/openai-strict.ts'

/**
 * What is to be said besides, so that the word JSON stands somewhere: "'messages' must contain the word 'json' in some form, to use
 * 'response_format' of type 'json_object'" (ultimatejimmy/xray.koplugin issue 33), and DashScope and DeepSeek say the same. Google asks for no
 * such word, nor do its clients know of it. OpenAI's own do.
 *
 * @param led How many messages at the beginning go to where nobody looks for the word. Default: none.
 */
export function jsonUnnamed({ protocol, responseFormat: format, messages }: ChatRequest, led = 0): string | undefined {
  if (format?.type !== 'json_object' || namesJson(messages.slice(led))) return undefined
  if (knowsOpenAI(protocol) && !namesJson(messages.slice(0, led))) return undefined
  return formatInWords(format)
}

function namesJson(messages: readonly ChatMessage[]): boolean {
  return messages.some(({ content }) => content.some((part) => part.type === 'text' && /json/i.test(part.text)))
}
