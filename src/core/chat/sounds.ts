import { isObject } from '../json/json.ts'
import { unsupported } from './error.ts'
import type { ChatMessage } from './message.ts'
import type { ChatRequest } from './request.ts'

/**
 * The conversation with answers in sound in words, for providers that are no server of OpenAI's format. There such an answer is known by its
 * id, `audio: { id }` (openai-node `ChatCompletionAssistantMessageParam`); a client that sends the whole of it back has what was said too
 * (`ChatCompletionAudio.transcript`).
 *
 * @throws {ChatError} 400 naming an answer that nobody else can know.
 */
export function withSoundsInWords(chat: ChatRequest, provider: string): ChatRequest {
  if (!chat.messages.some(isSound)) return chat
  return { ...chat, messages: chat.messages.map((message, at) => inWords(message, `messages[${at}].audio`, provider)) }
}

function isSound({ role, extra }: ChatMessage): boolean {
  return role === 'assistant' && isObject(extra?.['audio'])
}

function inWords(message: ChatMessage, param: string, provider: string): ChatMessage {
  if (message.role !== 'assistant' || !isSound(message)) return message
  const { audio, ...extra } = message.extra ?? {}
  const rest = { ...message, extra }
  if (message.content.some(({ type }) => type === 'text')) return rest
  const said = isObject(audio) ? audio['transcript'] : undefined
  if (typeof said !== 'string') throw unsupported(provider, 'an earlier answer in sound, by its id alone', param)
  return { ...rest, content: [{ type: 'text', text: said }, ...message.content] }
}
