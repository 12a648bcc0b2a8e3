import type { ModelCapabilities, ModelInfo } from '../../index.ts'

/**
 * Kiro's name of the model that picks a model. `auto` alone would say nothing in a list of many providers, so byok calls
 * it `kiro-default`, as BYOKEY does (AprilNEA/BYOKEY, crates/provider/src/registry.rs).
 */
export const AUTO = { ours: 'kiro-default', theirs: 'auto' } as const

/*
 * What `ListAvailableModels` offers; which of them depends on the plan and region.
 *
 * Names: kiro.dev/docs/models and kiro.dev/changelog/models (Opus 5.5, Fable 5.1, Sonnet 5.5, GPT-5.6);
 * d-kuro/kirocc, internal/models/models.go (Opus 5, 4.8, Sonnet 5, 4.6 and before); Servoy/opencode-kiro-auth release 2.10.0
 * (Haiku 5.5, with its limit).
 * Limits: kiro.dev/docs/models; hongyilyu/opencode-v2-kiro-auth, src/catalog.ts; d-kuro/kirocc, internal/models/effort.go
 * (output); models.dev, provider `kiro` (open weights, which take text alone). Where none of them has a figure there is
 * none here.
 */

/** `reasoning`: those whose effort can be set, see `reasoning.ts`. */
const THINKS: ModelCapabilities = { vision: true, tools: true, reasoning: true }
const SEES: ModelCapabilities = { vision: true, tools: true }
const READS: ModelCapabilities = { vision: false, tools: true }

export const models: ModelInfo[] = [
  { id: AUTO.ours, aliases: ['kiro-auto'], contextWindow: 1_000_000, maxOutputTokens: 64_000, capabilities: SEES },
  { id: 'claude-fable-5.1', contextWindow: 1_000_000, maxOutputTokens: 128_000, capabilities: THINKS },
  { id: 'claude-opus-5.5', contextWindow: 1_000_000, maxOutputTokens: 128_000, capabilities: THINKS },
  { id: 'claude-opus-5', contextWindow: 1_000_000, maxOutputTokens: 128_000, capabilities: THINKS },
  { id: 'claude-opus-4.8', contextWindow: 1_000_000, maxOutputTokens: 128_000, capabilities: THINKS },
  { id: 'claude-opus-4.7', contextWindow: 1_000_000, maxOutputTokens: 128_000, capabilities: THINKS },
  { id: 'claude-opus-4.6', contextWindow: 1_000_000, maxOutputTokens: 64_000, capabilities: THINKS },
  { id: 'claude-opus-4.5', contextWindow: 200_000, capabilities: SEES },
  { id: 'claude-sonnet-5.5', capabilities: SEES },
  { id: 'claude-sonnet-5', contextWindow: 1_000_000, maxOutputTokens: 64_000, capabilities: THINKS },
  { id: 'claude-sonnet-4.6', contextWindow: 1_000_000, maxOutputTokens: 64_000, capabilities: THINKS },
  { id: 'claude-sonnet-4.5', contextWindow: 200_000, capabilities: SEES },
  { id: 'claude-sonnet-4', contextWindow: 200_000, capabilities: SEES },
  { id: 'claude-haiku-5.5', contextWindow: 1_000_000, capabilities: SEES },
  { id: 'claude-haiku-4.5', contextWindow: 200_000, capabilities: SEES },
  { id: 'gpt-5.6-sol', contextWindow: 1_000_000, maxOutputTokens: 128_000, capabilities: THINKS },
  { id: 'gpt-5.6-terra', maxOutputTokens: 128_000, capabilities: THINKS },
  { id: 'gpt-5.6-luna', maxOutputTokens: 128_000, capabilities: THINKS },
  { id: 'deepseek-3.2', contextWindow: 164_000, capabilities: READS },
  { id: 'glm-5', capabilities: READS },
  { id: 'minimax-m2.5', contextWindow: 196_000, capabilities: READS },
  { id: 'minimax-m2.1', contextWindow: 196_000, capabilities: READS },
  { id: 'qwen3-coder-next', contextWindow: 256_000, capabilities: READS },
]
