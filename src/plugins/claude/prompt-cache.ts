import { z } from 'zod'
import type { ChatRequest, Credential, ProviderConfig } from '../../index.ts'
import { isAnthropics } from './request.ts'

export const claudeSettings = z.object({
  prompt_cache: z
    .boolean()
    .optional()
    .describe(
      "Whether conversations of clients that know no cache breakpoints are cached, as OpenAI and Google do by themselves. Default: at Anthropic's own endpoint.",
    ),
})

/**
 * A translated request with the automatic breakpoint, which moves on with the conversation: "automatically applies a cache_control marker
 * to the last cacheable block in the request" (anthropics/anthropic-sdk-typescript src/resources/messages/messages.ts, `cache_control`). Its
 * clients expect what they are used to, that a conversation which goes on is not paid in full each time. One that is asked once is not
 * marked, for what is written to the cache costs a quarter more. Other servers of the format may not know the field.
 */
export function withPromptCache(
  body: Record<string, unknown>,
  chat: ChatRequest,
  { credential, config }: { credential: Credential; config: ProviderConfig & z.output<typeof claudeSettings> },
): Record<string, unknown> {
  const wanted = config.prompt_cache ?? isAnthropics(credential, config)
  if (!wanted || chat.protocol === 'anthropic-messages' || !goesOn(chat) || marksItself(chat)) return body
  return { cache_control: { type: 'ephemeral' }, ...body }
}

/** It was answered before, or its tools may bring it back. */
function goesOn({ messages, tools = [] }: ChatRequest): boolean {
  return tools.length > 0 || messages.some(({ role }) => role === 'assistant')
}

function marksItself({ messages, tools = [] }: ChatRequest): boolean {
  return (
    tools.some((tool) => 'cacheControl' in tool) ||
    messages.some((message) => 'cacheControl' in message || message.content.some((part) => 'cacheControl' in part))
  )
}
