import type { ModelInfo } from '../../index.ts'

const thinking = { vision: true, tools: true, reasoning: true }
/** Input and output together: 1 048 576 of input, 65 536 of output. */
const LARGE = { contextWindow: 1_048_576, maxOutputTokens: 65_536 }

/**
 * Today's models. What the Gemini API has shut down is not among them: ai.google.dev/gemini-api/docs/changelog and /deprecations, read
 * in November 2026. Google answers `gemini-3.7-flash` and `gemini-3.5-flash` by the models after them since 8 October 2026, and
 * those that are shut down by their replacements (aideprecations.com, of 10 November 2026, quotes its page).
 *
 * Limits and dates: router-for-me/CLIProxyAPI internal/registry/models/models.json (`gemini`, `aistudio`) and google-gemini/gemini-cli
 * packages/core/src/config/models.ts; from Gemini 3.8 on, and for images, ai.google.dev/gemini-api/docs/models and the changelog; of Gemini 4
 * Hydrogen runware.ai/docs/models/google-gemini-4-hydrogen and developer.box.com/guides/box-ai/ai-models/google-gemini-4-hydrogen-model-card.
 */
export const models: ModelInfo[] = [
  { id: 'gemini-4-hydrogen', ...LARGE, created: 1_794_441_600, capabilities: thinking, credential: 'api_key' },
  { id: 'gemini-4-carbon', ...LARGE, created: 1_794_268_800, capabilities: thinking, credential: 'api_key' },
  { id: 'gemini-4-argon', ...LARGE, created: 1_791_849_600, capabilities: thinking, credential: 'api_key' },
  { id: 'gemini-3.1-pro-preview', ...LARGE, created: 1_771_459_200, capabilities: thinking },
  // Code Assist's alone: Gemini CLI asks there for it where an account has no 3.1.
  { id: 'gemini-3-pro-preview', ...LARGE, created: 1_763_424_000, capabilities: thinking, credential: 'oauth' },
  { id: 'gemini-3.8-flash', ...LARGE, created: 1_788_307_200, capabilities: thinking, credential: 'api_key' },
  { id: 'gemini-3.7-flash', ...LARGE, created: 1_786_579_200, capabilities: thinking, credential: 'api_key' },
  { id: 'gemini-3.6-flash', ...LARGE, created: 1_782_864_000, capabilities: thinking, credential: 'api_key' },
  { id: 'gemini-3.5-flash', ...LARGE, created: 1_779_235_200, capabilities: thinking },
  { id: 'gemini-3.5-flash-lite', ...LARGE, created: 1_782_864_000, capabilities: thinking, credential: 'api_key' },
  { id: 'gemini-3-flash-preview', ...LARGE, created: 1_765_929_600, capabilities: thinking },
  { id: 'gemini-3.1-flash-lite', ...LARGE, created: 1_776_288_000, capabilities: thinking },
  {
    id: 'gemini-2.5-pro',
    ...LARGE,
    created: 1_750_118_400,
    shutdownDate: '2026-12-01',
    replacement: 'gemini-3.8-flash',
    capabilities: thinking,
  },
  {
    id: 'gemini-2.5-flash',
    ...LARGE,
    created: 1_750_118_400,
    shutdownDate: '2026-12-01',
    replacement: 'gemini-3.5-flash-lite',
    capabilities: thinking,
  },
  { id: 'gemini-2.5-flash-lite', ...LARGE, created: 1_753_142_400, capabilities: thinking },
  { id: 'gemini-pro-latest', ...LARGE, capabilities: thinking, credential: 'api_key' },
  { id: 'gemini-flash-latest', ...LARGE, capabilities: thinking, credential: 'api_key' },
  { id: 'gemini-flash-lite-latest', ...LARGE, capabilities: thinking, credential: 'api_key' },
  { id: 'gemini-nano-banana-2.1', created: 1_791_244_800, credential: 'api_key' },
  {
    id: 'gemini-3-pro-image',
    contextWindow: 65_536,
    maxOutputTokens: 32_768,
    created: 1_779_926_400,
    credential: 'api_key',
  },
]
