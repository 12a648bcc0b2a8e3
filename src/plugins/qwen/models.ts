import type { ModelInfo } from '../../index.ts'

const tools = { tools: true }
const reasoning = { tools: true, reasoning: true }
const vision = { tools: true, reasoning: true, vision: true }

/**
 * `coder-model` is the login's name for whichever model it gives now (QwenLM/qwen-code, packages/core/src/models/constants.ts,
 * `QWEN_OAUTH_MODELS`: Qwen 3.6 Plus, which sees images); the others are DashScope's. Limits: anomalyco/models.dev, providers/alibaba
 * and, for what a login has, models/alibaba/qwen3.6-plus; those of Qwen 3.8: vercel.com/ai-gateway/models/qwen3.8-max-0902 and
 * …/qwen3.8-flash, docs.venice.ai/models/qwen-3-8-max. Alibaba has shut down qwen-turbo on 10 October 2026 (its notice 731 of Model
 * Studio, docs.apiyi.com/en/live/2026-10/bailian-models-offline).
 */
export const models: ModelInfo[] = [
  {
    id: 'coder-model',
    contextWindow: 1_000_000,
    maxOutputTokens: 65_536,
    capabilities: vision,
  },
  { id: 'qwen3.8-max', contextWindow: 991_000, maxOutputTokens: 128_000, capabilities: vision },
  { id: 'qwen3.8-flash', contextWindow: 991_000, maxOutputTokens: 128_000, capabilities: vision },
  { id: 'qwen3.7-max', contextWindow: 1_000_000, maxOutputTokens: 65_536, capabilities: reasoning },
  { id: 'qwen3.7-plus', contextWindow: 1_000_000, maxOutputTokens: 65_536, capabilities: vision },
  { id: 'qwen3.6-plus', contextWindow: 1_000_000, maxOutputTokens: 65_536, capabilities: vision },
  { id: 'qwen3.6-flash', contextWindow: 1_000_000, maxOutputTokens: 65_536, capabilities: vision },
  { id: 'qwen3.5-plus', contextWindow: 1_000_000, maxOutputTokens: 65_536, capabilities: vision },
  { id: 'qwen3-max', contextWindow: 262_144, maxOutputTokens: 65_536, capabilities: tools },
  { id: 'qwen3-coder-plus', contextWindow: 1_048_576, maxOutputTokens: 65_536, capabilities: tools },
  { id: 'qwen3-coder-flash', contextWindow: 1_000_000, maxOutputTokens: 65_536, capabilities: tools },
  { id: 'qwen3-vl-plus', contextWindow: 262_144, maxOutputTokens: 32_768, capabilities: vision },
  { id: 'qwen3-235b-a22b', contextWindow: 131_072, maxOutputTokens: 16_384, capabilities: reasoning },
  { id: 'qwen-plus', contextWindow: 1_000_000, maxOutputTokens: 32_768, capabilities: reasoning },
  { id: 'qwen-flash', contextWindow: 1_000_000, maxOutputTokens: 32_768, capabilities: reasoning },
]
