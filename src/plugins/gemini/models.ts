import type { ModelInfo } from '../../core/plugin.ts'

const thinking = { vision: true, tools: true, reasoning: true }
const old = { vision: true, tools: true, reasoning: false }
/** Input and output together: 1 048 576 of input, 65 536 of output. */
const LARGE = { contextWindow: 1_048_576, maxOutputTokens: 65_536 }

/**
 * Today's models: router-for-me/CLIProxyAPI internal/registry/models/models.json (`gemini`, `aistudio`, limits and dates), and
 * google-gemini/gemini-cli packages/core/src/config/models.ts. The last four are AprilNEA/BYOKEY's, crates/provider/src/registry.rs;
 * their limits are those of ai.google.dev/gemini-api/docs/models.
 */
export const models: ModelInfo[] = [
  { id: 'gemini-3.1-pro-preview', ...LARGE, created: 1_771_459_200, capabilities: thinking },
  { id: 'gemini-3-pro-preview', ...LARGE, created: 1_763_424_000, capabilities: thinking },
  { id: 'gemini-3.7-flash', ...LARGE, capabilities: thinking, credential: 'api_key' },
  { id: 'gemini-3.6-flash', ...LARGE, created: 1_782_864_000, capabilities: thinking, credential: 'api_key' },
  { id: 'gemini-3.5-flash', ...LARGE, created: 1_779_235_200, capabilities: thinking },
  { id: 'gemini-3.5-flash-lite', ...LARGE, created: 1_782_864_000, capabilities: thinking, credential: 'api_key' },
  { id: 'gemini-3-flash-preview', ...LARGE, created: 1_765_929_600, capabilities: thinking },
  { id: 'gemini-3.1-flash-lite', ...LARGE, created: 1_776_288_000, capabilities: thinking },
  { id: 'gemini-3.1-flash-lite-preview', ...LARGE, created: 1_776_288_000, capabilities: thinking },
  { id: 'gemini-2.5-pro', ...LARGE, created: 1_750_118_400, capabilities: thinking },
  { id: 'gemini-2.5-flash', ...LARGE, created: 1_750_118_400, capabilities: thinking },
  { id: 'gemini-2.5-flash-lite', ...LARGE, created: 1_753_142_400, capabilities: thinking },
  { id: 'gemini-pro-latest', ...LARGE, capabilities: thinking, credential: 'api_key' },
  { id: 'gemini-flash-latest', ...LARGE, capabilities: thinking, credential: 'api_key' },
  { id: 'gemini-flash-lite-latest', ...LARGE, capabilities: thinking, credential: 'api_key' },
  { id: 'gemini-3.1-flash-image-preview', ...LARGE, created: 1_771_459_200, credential: 'api_key' },
  { id: 'gemini-3-pro-image-preview', ...LARGE, credential: 'api_key' },
  {
    id: 'gemini-2.5-flash-image',
    contextWindow: 1_048_576,
    maxOutputTokens: 8192,
    created: 1_759_363_200,
    credential: 'api_key',
  },
  { id: 'gemini-2.0-flash', contextWindow: 1_048_576, maxOutputTokens: 8192, capabilities: old, credential: 'api_key' },
  {
    id: 'gemini-2.0-flash-lite',
    contextWindow: 1_048_576,
    maxOutputTokens: 8192,
    capabilities: old,
    credential: 'api_key',
  },
  { id: 'gemini-1.5-pro', contextWindow: 2_097_152, maxOutputTokens: 8192, capabilities: old, credential: 'api_key' },
  { id: 'gemini-1.5-flash', contextWindow: 1_048_576, maxOutputTokens: 8192, capabilities: old, credential: 'api_key' },
]
