import type { ModelInfo } from '../../index.ts'

const vision = { vision: true, tools: true, reasoning: true }

/**
 * The coding plan's models by the ids its API takes, with the names they are sold under as aliases.
 *
 * Ids, names and limits: router-for-me/CLIProxyAPI, internal/registry/models/models.json (`kimi`) and `normalizeKimiUpstreamModel`
 * in internal/runtime/executor/kimi_executor.go; that `kimi-for-coding` is K2.8 since 11 September 2026, where it was K2.7 Code:
 * anomalyco/models.dev pull request 7036. The open platform has other ids; they come from its own list.
 */
export const models: ModelInfo[] = [
  {
    id: 'kimi-for-coding',
    aliases: ['kimi-k2.8-preview', 'kimi-k2.7-code'],
    contextWindow: 1_048_576,
    maxOutputTokens: 65_536,
    created: 1_789_084_800,
    capabilities: vision,
  },
  {
    id: 'kimi-for-coding-highspeed',
    aliases: ['kimi-k2.7-code-highspeed'],
    contextWindow: 262_144,
    maxOutputTokens: 65_536,
    created: 1_780_396_800,
    capabilities: vision,
  },
  {
    id: 'k3',
    aliases: ['kimi-k3'],
    contextWindow: 1_048_576,
    maxOutputTokens: 65_536,
    created: 1_784_073_600,
    capabilities: vision,
  },
  {
    id: 'k3-256k',
    aliases: ['kimi-k3-256k'],
    contextWindow: 262_144,
    maxOutputTokens: 65_536,
    created: 1_785_110_400,
    capabilities: vision,
  },
  {
    id: 'k2.6',
    aliases: ['kimi-k2.6'],
    contextWindow: 262_144,
    maxOutputTokens: 65_536,
    created: 1_776_729_600,
    capabilities: vision,
  },
  {
    id: 'k2.5',
    aliases: ['kimi-k2.5'],
    contextWindow: 262_144,
    maxOutputTokens: 32_768,
    created: 1_769_472_000,
    capabilities: vision,
  },
  {
    id: 'k2-thinking',
    aliases: ['kimi-k2-thinking'],
    contextWindow: 131_072,
    maxOutputTokens: 32_768,
    created: 1_762_387_200,
    capabilities: { tools: true, reasoning: true },
  },
  {
    id: 'k2',
    aliases: ['kimi-k2', 'kimi-k2-0711'],
    contextWindow: 131_072,
    maxOutputTokens: 32_768,
    created: 1_752_192_000,
    capabilities: { tools: true },
  },
]
