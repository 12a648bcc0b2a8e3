import type { ModelInfo } from '../../index.ts'

const gemini = { vision: true, tools: true, reasoning: true }
const claude = { contextWindow: 200_000, maxOutputTokens: 64_000, capabilities: gemini }
const LARGE = { contextWindow: 1_048_576, maxOutputTokens: 65_536, capabilities: gemini }
/** Limits the registry gives one token less, and V1ki/dsh-plugin-subscriptions issue 92 those of Gemini 2.5. */
const LARGE_BUT_ONE = { ...LARGE, maxOutputTokens: 65_535 }

/**
 * Today's models: router-for-me/CLIProxyAPI internal/registry/models/models.json (`antigravity`). The last three, and the `ag-` before
 * a name, are AprilNEA/BYOKEY's, crates/provider/src/registry.rs; the prefix tells these models from the ones other providers sell
 * under the same name.
 */
export const models: ModelInfo[] = [
  { id: 'gemini-pro-agent', aliases: ['ag-gemini-3.1-pro'], ...LARGE_BUT_ONE },
  { id: 'gemini-3.1-pro-low', ...LARGE_BUT_ONE },
  { id: 'gemini-3.7-flash-high', ...LARGE },
  { id: 'gemini-3.6-flash-high', ...LARGE },
  { id: 'gemini-3-flash-agent', ...LARGE },
  { id: 'gemini-3.5-flash-low', ...LARGE_BUT_ONE },
  { id: 'gemini-3.5-flash-extra-low', ...LARGE_BUT_ONE },
  { id: 'gemini-3-flash', aliases: ['ag-gemini-3-flash'], ...LARGE },
  { id: 'gemini-3.1-flash-lite', aliases: ['ag-gemini-3.1-flash-lite'], ...LARGE_BUT_ONE },
  { id: 'gemini-3.1-flash-image', capabilities: { vision: true } },
  { id: 'claude-opus-4-6-thinking', aliases: ['ag-claude-opus-4-6'], ...claude },
  { id: 'claude-sonnet-4-6', aliases: ['ag-claude-sonnet-4-6'], ...claude },
  {
    id: 'gpt-oss-120b-medium',
    contextWindow: 114_000,
    maxOutputTokens: 32_768,
    capabilities: { vision: false, tools: true, reasoning: false },
  },
  { id: 'gemini-2.5-pro', aliases: ['ag-gemini-2.5-pro'], ...LARGE_BUT_ONE },
  { id: 'gemini-2.5-flash', aliases: ['ag-gemini-2.5-flash'], ...LARGE_BUT_ONE },
  { id: 'claude-sonnet-4-5', aliases: ['ag-claude-sonnet-4-5'], ...claude },
]
