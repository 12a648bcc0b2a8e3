import type { ModelInfo } from '../../index.ts'

const chat = { vision: true, tools: true }
const reasoning = { ...chat, reasoning: true }

/**
 * What Copilot offers to some plan or other. What a person's own plan has beside them, and by which path each is asked, its
 * list tells.
 *
 * Ids and limits: anomalyco/models.dev, providers/github-copilot, with pull requests 3720 (Claude Opus 5) and 6218 (Fable 5.1,
 * Gemini 3.8 Flash, and what GitHub has retired until September 2026); docs.github.com/copilot/reference/ai-models/supported-models
 * (GPT-5.6, Fable 5); mathwro/DotAi release 0.6.1 (Haiku 5.5, GPT-6 Luna and Sol), volt-hq/Volt release 0.2.3 (GPT-6.1 Sol),
 * aebrer/dreb release 2.64.5 (GPT-6 Astra). No limit where none of them has one.
 */
export const models: ModelInfo[] = [
  { id: 'gpt-4o', contextWindow: 128_000, maxOutputTokens: 4096, capabilities: chat },
  { id: 'gpt-4o-mini', capabilities: chat },
  { id: 'gpt-5-mini', contextWindow: 264_000, maxOutputTokens: 64_000, capabilities: reasoning },
  { id: 'gpt-5.3-codex', contextWindow: 400_000, maxOutputTokens: 128_000, capabilities: reasoning },
  { id: 'gpt-5.4', contextWindow: 400_000, maxOutputTokens: 128_000, capabilities: reasoning },
  { id: 'gpt-5.4-mini', contextWindow: 400_000, maxOutputTokens: 128_000, capabilities: reasoning },
  { id: 'gpt-5.5', contextWindow: 400_000, maxOutputTokens: 128_000, capabilities: reasoning },
  { id: 'gpt-5.6-sol', capabilities: reasoning },
  { id: 'gpt-5.6-terra', capabilities: reasoning },
  { id: 'gpt-5.6-luna', capabilities: reasoning },
  { id: 'gpt-6-astra', capabilities: reasoning },
  { id: 'gpt-6-sol', capabilities: reasoning },
  { id: 'gpt-6-luna', capabilities: reasoning },
  { id: 'gpt-6.1-sol', capabilities: reasoning },
  { id: 'claude-haiku-4.5', contextWindow: 200_000, maxOutputTokens: 64_000, capabilities: reasoning },
  { id: 'claude-haiku-5.5', capabilities: reasoning },
  { id: 'claude-sonnet-4.6', contextWindow: 200_000, maxOutputTokens: 32_000, capabilities: reasoning },
  { id: 'claude-sonnet-5', contextWindow: 1_000_000, maxOutputTokens: 128_000, capabilities: reasoning },
  { id: 'claude-opus-4.7', contextWindow: 200_000, maxOutputTokens: 32_000, capabilities: reasoning },
  { id: 'claude-opus-4.8', contextWindow: 200_000, maxOutputTokens: 64_000, capabilities: reasoning },
  { id: 'claude-opus-5', contextWindow: 1_000_000, maxOutputTokens: 64_000, capabilities: reasoning },
  { id: 'claude-fable-5', contextWindow: 1_000_000, maxOutputTokens: 128_000, capabilities: reasoning },
  { id: 'claude-fable-5.1', capabilities: reasoning },
  { id: 'gemini-2.5-pro', contextWindow: 128_000, maxOutputTokens: 64_000, capabilities: reasoning },
  { id: 'gemini-3-flash-preview', contextWindow: 128_000, maxOutputTokens: 64_000, capabilities: reasoning },
  { id: 'gemini-3.5-flash', contextWindow: 200_000, maxOutputTokens: 64_000, capabilities: reasoning },
  { id: 'gemini-3.8-flash', capabilities: reasoning },
]
