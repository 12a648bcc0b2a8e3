/** Anthropic's `standard_only` (MessageCreateParams of @anthropic-ai/sdk) in OpenAI's words, which refuses what it does not know. */
export function tierOf(tier: string | undefined): string | undefined {
  return tier === 'standard_only' ? 'default' : tier
}
