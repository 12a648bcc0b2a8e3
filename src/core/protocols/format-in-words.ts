import { isSystem } from '../chat/index.ts'
import type { ChatMessage, ResponseFormat } from '../chat/index.ts'

/** What is said of the format of an answer to a model that cannot be held to it; nothing of text. */
export function formatInWords(format: ResponseFormat): string | undefined {
  if (format.type === 'text') return undefined
  const json = 'Answer with one JSON object and nothing else: no words around it, no code fence.'
  if (format.type === 'json_object' || !format.schema) return json
  return `${json} It must be valid against this JSON Schema: ${JSON.stringify(format.schema)}`
}

/** The conversation with a system message more, the last of those that lead. */
export function withSystemWords(messages: ChatMessage[], words: string): ChatMessage[] {
  const opening = messages.findIndex((message) => !isSystem(message))
  return messages.toSpliced(opening === -1 ? messages.length : opening, 0, {
    role: 'system',
    content: [{ type: 'text', text: words }],
  })
}
