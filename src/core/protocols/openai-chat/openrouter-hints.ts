/**
 * What clients written for OpenRouter, and pointed elsewhere, say besides: whether to tell the cost and the reasoning, what to do with a
 * prompt that is too long, and which of its providers to ask (openrouter.ai/docs/api/reference/parameters). An answer without is as right.
 */
export const OPENROUTER_HINTS = ['usage', 'include_reasoning', 'transforms', 'provider'] as const
