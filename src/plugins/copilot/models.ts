import type { ModelInfo } from '../../index.ts'

const chat = { vision: true, tools: true }
const reasoning = { ...chat, reasoning: true }

/** Prompt and answer together, as models of a vendor have them here. */
const GPT = { contextWindow: 400_000, maxOutputTokens: 128_000, capabilities: reasoning }
const CLAUDE = { contextWindow: 264_000, maxOutputTokens: 64_000, capabilities: reasoning }
const GROK = { contextWindow: 328_000, maxOutputTokens: 128_000, capabilities: reasoning }

/**
 * What Copilot offers to some plan or other. What a person's own plan has beside them, and by which path each is asked, its
 * list tells.
 *
 * Ids and limits: anomalyco/models.dev, providers/github-copilot, as of its commit d7994e3, whose limits are those of Copilot's own
 * list of 23 September 2026, before prompts get dearer; pull request 6218 (what GitHub has retired until September). What has come and gone
 * since: rajbos/github-copilot-model-notifier release models-2026-10-03-081234, which compares
 * docs.github.com/en/copilot/reference/ai-models/supported-models (Sonnet 5.5; no more Opus 4.7, Gemini 2.5 Pro, 3 Flash and 3.5 Flash);
 * mathwro/DotAi release 0.6.1 (Haiku 5.5, GPT-6.1 Terra), volt-hq/Volt release 0.2.3 (GPT-6.1 Sol). No limit where none of them has one.
 */
export const models: ModelInfo[] = [
  { id: 'gpt-4o', contextWindow: 128_000, maxOutputTokens: 4096, capabilities: chat },
  { id: 'gpt-4o-mini', capabilities: chat },
  { id: 'gpt-5-mini', contextWindow: 264_000, maxOutputTokens: 64_000, capabilities: reasoning },
  { id: 'gpt-5.3-codex', ...GPT },
  { id: 'gpt-5.4', ...GPT },
  { id: 'gpt-5.4-mini', ...GPT },
  { id: 'gpt-5.5', ...GPT },
  { id: 'gpt-5.6-sol', ...GPT },
  { id: 'gpt-5.6-terra', ...GPT },
  { id: 'gpt-5.6-luna', contextWindow: 328_000, maxOutputTokens: 128_000, capabilities: reasoning },
  { id: 'gpt-6-astra', ...GPT },
  { id: 'gpt-6-sol', ...GPT },
  { id: 'gpt-6-luna', ...GPT },
  { id: 'gpt-6.1-sol', capabilities: reasoning },
  { id: 'gpt-6.1-terra', capabilities: reasoning },
  { id: 'claude-haiku-4.5', contextWindow: 200_000, maxOutputTokens: 32_000, capabilities: reasoning },
  { id: 'claude-haiku-5.5', capabilities: reasoning },
  { id: 'claude-sonnet-4.6', contextWindow: 200_000, maxOutputTokens: 32_000, capabilities: reasoning },
  { id: 'claude-sonnet-5', ...CLAUDE },
  { id: 'claude-sonnet-5.5', capabilities: reasoning },
  { id: 'claude-opus-4.8', ...CLAUDE },
  { id: 'claude-opus-5', ...CLAUDE },
  { id: 'claude-opus-5.5', contextWindow: 328_000, maxOutputTokens: 128_000, capabilities: reasoning },
  { id: 'claude-fable-5', ...CLAUDE },
  { id: 'claude-fable-5.1', ...CLAUDE },
  { id: 'gemini-3.7-flash', contextWindow: 264_000, maxOutputTokens: 64_000, capabilities: reasoning },
  { id: 'gemini-3.8-flash', contextWindow: 265_536, maxOutputTokens: 65_536, capabilities: reasoning },
  { id: 'grok-4.5', ...GROK },
  { id: 'grok-4.6', ...GROK },
  { id: 'grok-4.7', ...GROK },
  { id: 'kimi-k3', contextWindow: 1_048_576, maxOutputTokens: 131_072, capabilities: reasoning },
]
