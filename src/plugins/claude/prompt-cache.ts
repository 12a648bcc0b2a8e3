import { z } from 'zod'
import type { ChatRequest, Credential, ProviderConfig } from '../../index.ts'
import { isObject } from '../../kit.ts'
import { isAnthropics } from './request.ts'

export const claudeSettings = z.object({
  prompt_cache: z
    .boolean()
    .optional()
    .describe(
      "Whether conversations of clients that know no cache breakpoints are cached, as OpenAI and Google do by themselves. Default: at Anthropic's own endpoint.",
    ),
})

const EPHEMERAL = { type: 'ephemeral' }

/**
 * A translated request with the automatic breakpoint, which moves on with the conversation: "automatically applies a cache_control marker
 * to the last cacheable block in the request" (anthropics/anthropic-sdk-typescript src/resources/messages/messages.ts, `cache_control`), and
 * one after the system prompt, for the next conversation with the same tools. Its clients expect what they are used to, that what is said
 * again is not paid in full each time. A question that is asked once is not marked, for what is written to the cache costs a quarter more.
 * Other servers of the format may not know the field.
 */
export function withPromptCache(
  body: Record<string, unknown>,
  chat: ChatRequest,
  { credential, config }: { credential: Credential; config: ProviderConfig & z.output<typeof claudeSettings> },
): Record<string, unknown> {
  const wanted = config.prompt_cache ?? isAnthropics(credential, config)
  const knows = chat.protocol === 'anthropic-messages' || 'cache_control' in body || marksItself(chat)
  if (!wanted || knows || !goesOn(chat)) return body
  const { system } = body
  return { ...body, ...(Array.isArray(system) && { system: marked(system) }), cache_control: EPHEMERAL }
}

function marked(blocks: readonly unknown[]): unknown[] {
  const last = blocks.at(-1)
  return isObject(last) ? [...blocks.slice(0, -1), { ...last, cache_control: EPHEMERAL }] : [...blocks]
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
