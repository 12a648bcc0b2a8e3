import { objects } from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'

/**
 * The messages with text alone as one string, which every server takes. A list of texts is refused by some, and read by others one by one:
 * Groq, "'messages.0' : for 'role:system' the following must be satisfied[('messages.0.content' : value must be a string)]" (livekit/agents
 * issue 1790), and of a tool's result too (CherryHQ/cherry-studio issue 3307).
 */
export function withPlainTexts(messages: readonly JsonObject[]): JsonObject[] {
  return messages.map((message) => {
    const { content } = message
    if (!Array.isArray(content)) return message
    const texts = objects(content).flatMap(({ type, text }) =>
      type === 'text' && typeof text === 'string' ? [text] : [],
    )
    return texts.length === content.length ? { ...message, content: texts.join('\n\n') } : message
  })
}
