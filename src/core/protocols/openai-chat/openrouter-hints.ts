/**
 * What clients written for OpenRouter, and pointed elsewhere, say besides: whether to tell the cost and the reasoning, what to do with a
 * prompt that is too long, which of its providers to ask, and which other models where this one fails
 * (openrouter.ai/docs/api/reference/parameters, /docs/api-reference/overview). An answer without is as right.
 */
export const OPENROUTER_HINTS = [
  'usage',
  'include_reasoning',
  'transforms',
  'provider',
  'models',
  'route',
  'debug',
] as const
