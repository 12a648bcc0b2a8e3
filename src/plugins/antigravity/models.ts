import type { ModelInfo } from '../../index.ts'

/**
 * The most that Claude writes here, its thoughts among it (CLIProxyAPI internal/thinking/provider/antigravity). More is refused, though the
 * list tells 128 000 of Claude 5.5 (can1357/oh-my-pi packages/catalog/src/wire/gemini-headers.ts, `getAntigravityModelWireProfile`).
 */
export const CLAUDE_OUTPUT = 64_000

const gemini = { vision: true, tools: true, reasoning: true }
const claude = { contextWindow: 200_000, maxOutputTokens: CLAUDE_OUTPUT, capabilities: gemini }
/** How hard it thinks is in the name. */
const claudeOfEffort = { ...claude, contextWindow: 1_000_000 }
const LARGE = { contextWindow: 1_048_576, maxOutputTokens: 65_536, capabilities: gemini }
/** Limits the registry gives one token less, and V1ki/dsh-plugin-subscriptions issue 92 those of Gemini 2.5. */
const LARGE_BUT_ONE = { ...LARGE, maxOutputTokens: 65_535 }

/**
 * Today's models: router-for-me/CLIProxyAPI internal/registry/models/models.json (`antigravity`), without those that Google has
 * withdrawn since (cortexkit/antigravity-auth release 3.0.4: Gemini 3.6 and 3.7 Flash). Claude 5.5, beside which older accounts keep 4.6:
 * coolxll/CLIProxyAPI, "Syncing the Fork with Upstream", and cortexkit/antigravity-auth release 3.0.1; Gemini 3.8 Flash: kqlio67/agy-proxy
 * release 1.3.0. The last three, and the `ag-` before a name, are AprilNEA/BYOKEY's, crates/provider/src/registry.rs; the prefix tells these
 * models from the ones other providers sell under the same name.
 */
export const models: ModelInfo[] = [
  { id: 'gemini-pro-agent', aliases: ['ag-gemini-3.1-pro'], ...LARGE_BUT_ONE },
  { id: 'gemini-3.1-pro-low', ...LARGE_BUT_ONE },
  { id: 'gemini-3.8-flash-high', capabilities: gemini },
  { id: 'gemini-3.8-flash-low', capabilities: gemini },
  { id: 'gemini-3-flash-agent', ...LARGE },
  { id: 'gemini-3.5-flash-low', ...LARGE_BUT_ONE },
  { id: 'gemini-3.5-flash-extra-low', ...LARGE_BUT_ONE },
  { id: 'gemini-3-flash', aliases: ['ag-gemini-3-flash'], ...LARGE },
  { id: 'gemini-3.1-flash-lite', aliases: ['ag-gemini-3.1-flash-lite'], ...LARGE_BUT_ONE },
  { id: 'gemini-3.1-flash-image', capabilities: { vision: true } },
  { id: 'claude-opus-5-5-high', ...claudeOfEffort },
  { id: 'claude-opus-5-5-medium', ...claudeOfEffort },
  { id: 'claude-opus-5-5-low', ...claudeOfEffort },
  { id: 'claude-sonnet-5-5-high', ...claudeOfEffort },
  { id: 'claude-sonnet-5-5-medium', ...claudeOfEffort },
  { id: 'claude-sonnet-5-5-low', ...claudeOfEffort },
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
