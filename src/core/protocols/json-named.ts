import type { ChatRequest } from '../chat/index.ts'
import { formatInWords } from './format-in-words.ts'
import { knowsOpenAI } from './openai-strict.ts'

/**
 * What is to be said besides, so that the word JSON stands somewhere: "'messages' must contain the word 'json' in some form, to use
 * 'response_format' of type 'json_object'" (ultimatejimmy/xray.koplugin issue 33), and DashScope and DeepSeek say the same. Google asks for no
 * such word, nor do its clients know of it. OpenAI's own do.
 */
export function jsonUnnamed({ protocol, responseFormat: format, messages }: ChatRequest): string | undefined {
  if (format?.type !== 'json_object' || knowsOpenAI(protocol)) return undefined
  const named = messages.some(({ content }) => content.some((part) => part.type === 'text' && /json/i.test(part.text)))
  return named ? undefined : formatInWords(format)
}
