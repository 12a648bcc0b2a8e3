import type { ChatRequest } from '../../chat/index.ts'

/*
 * Tools that take free text (OpenAI's `custom`). Gemini has functions alone, so such a tool is a function with one argument, and its
 * calls are told from others by the names in the request.
 */

/** The name of that argument. */
export const FREE_TEXT = 'input'

/** The names of the tools of a request that take free text. */
export function freeTextTools(chat: ChatRequest | undefined): ReadonlySet<string> {
  return new Set(chat?.tools?.flatMap((tool) => (tool.type === 'custom' ? [tool.name] : [])))
}
