import type { ChatRequest } from './request.ts'

/**
 * Whether what is said may be said again, and the client leaves it to others that it is then not paid in full: those of all protocols but
 * Anthropic's expect that, as OpenAI and Google cache by themselves. A question that is asked once gains nothing by it, for what is written
 * to a cache costs more.
 */
export function expectsCache(chat: ChatRequest): boolean {
  return chat.protocol !== 'anthropic-messages' && goesOn(chat) && !marksItself(chat)
}

/** It was answered before, or its tools may bring it back. */
function goesOn({ messages, tools = [] }: ChatRequest): boolean {
  return tools.length > 0 || messages.some(({ role }) => role === 'assistant')
}

function marksItself({ messages, tools = [], extra = {} }: ChatRequest): boolean {
  return (
    'cache_control' in extra ||
    tools.some((tool) => 'cacheControl' in tool) ||
    messages.some((message) => 'cacheControl' in message || message.content.some((part) => 'cacheControl' in part))
  )
}
