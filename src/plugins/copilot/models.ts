import type { ModelInfo } from '../../core/plugin.ts'

const chat = { vision: true, tools: true }
const reasoning = { ...chat, reasoning: true }

/**
 * What Copilot offers to some plan or other. What a person's own plan has beside them, and by which path each is asked, its
 * list tells. Ids and limits: anomalyco/models.dev, providers/github-copilot.
 */
export const models: ModelInfo[] = [
  { id: 'gpt-4o', contextWindow: 128_000, maxOutputTokens: 4096, capabilities: chat },
  { id: 'gpt-4o-mini', capabilities: chat },
  { id: 'gpt-4.1', contextWindow: 128_000, maxOutputTokens: 16_384, capabilities: chat },
  { id: 'gpt-5-mini', contextWindow: 264_000, maxOutputTokens: 64_000, capabilities: reasoning },
  { id: 'gpt-5.2', contextWindow: 400_000, maxOutputTokens: 128_000, capabilities: reasoning },
  { id: 'gpt-5.2-codex', contextWindow: 400_000, maxOutputTokens: 128_000, capabilities: reasoning },
  { id: 'gpt-5.3-codex', contextWindow: 400_000, maxOutputTokens: 128_000, capabilities: reasoning },
  { id: 'gpt-5.4', contextWindow: 400_000, maxOutputTokens: 128_000, capabilities: reasoning },
  { id: 'gpt-5.4-mini', contextWindow: 400_000, maxOutputTokens: 128_000, capabilities: reasoning },
  { id: 'gpt-5.5', contextWindow: 400_000, maxOutputTokens: 128_000, capabilities: reasoning },
  { id: 'claude-haiku-4.5', contextWindow: 200_000, maxOutputTokens: 64_000, capabilities: reasoning },
  { id: 'claude-sonnet-4.5', contextWindow: 200_000, maxOutputTokens: 32_000, capabilities: reasoning },
  { id: 'claude-sonnet-4.6', contextWindow: 200_000, maxOutputTokens: 32_000, capabilities: reasoning },
  { id: 'claude-sonnet-5', contextWindow: 1_000_000, maxOutputTokens: 128_000, capabilities: reasoning },
  { id: 'claude-opus-4.5', contextWindow: 200_000, maxOutputTokens: 32_000, capabilities: reasoning },
  { id: 'claude-opus-4.6', contextWindow: 200_000, maxOutputTokens: 32_000, capabilities: reasoning },
  { id: 'claude-opus-4.7', contextWindow: 200_000, maxOutputTokens: 32_000, capabilities: reasoning },
  { id: 'claude-opus-4.8', contextWindow: 200_000, maxOutputTokens: 64_000, capabilities: reasoning },
  { id: 'gemini-2.5-pro', contextWindow: 128_000, maxOutputTokens: 64_000, capabilities: reasoning },
  { id: 'gemini-3-flash-preview', contextWindow: 128_000, maxOutputTokens: 64_000, capabilities: reasoning },
  { id: 'gemini-3.1-pro-preview', contextWindow: 200_000, maxOutputTokens: 64_000, capabilities: reasoning },
  { id: 'gemini-3.5-flash', contextWindow: 200_000, maxOutputTokens: 64_000, capabilities: reasoning },
]
