import { z } from 'zod'
import type { ChatRequest, Credential, ProviderConfig } from '../../index.ts'
import { expectsCache, withCachedSystem } from '../../kit.ts'
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
 * to the last cacheable block in the request" (anthropics/anthropic-sdk-typescript src/resources/messages/messages.ts, `cache_control`), and
 * one after the system prompt, for the next conversation with the same tools. Other servers of the format may not know the field.
 */
export function withPromptCache(
  body: Record<string, unknown>,
  chat: ChatRequest,
  { credential, config }: { credential: Credential; config: ProviderConfig & z.output<typeof claudeSettings> },
): Record<string, unknown> {
  const wanted = config.prompt_cache ?? isAnthropics(credential, config)
  if (!wanted || !expectsCache(chat)) return body
  return { ...withCachedSystem(body), cache_control: { type: 'ephemeral' } }
}
