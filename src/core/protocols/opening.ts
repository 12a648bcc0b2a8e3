import { isSystem } from '../chat/index.ts'
import type { ChatMessage } from '../chat/index.ts'

/** Said for a user where a conversation begins with the model, which some vendors do not allow. */
export const OPENING = '(The conversation begins with the assistant.)'

/** Said for a user whose last message has no words. */
export const NO_TEXT = '(no text)'

/** Said for a user where a conversation ends with the model, which some models do not allow. */
export const GO_ON = 'Go on.'

/**
 * Whether a user has the last word, though that may say nothing. If it were left out of a format that takes no empty one, the answer
 * before would end the conversation, and the model would go on with it.
 */
export function endsWithUser(messages: readonly ChatMessage[]): boolean {
  return messages.findLast((message) => !isSystem(message))?.role === 'user'
}
