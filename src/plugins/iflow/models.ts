import type { ModelInfo } from '../../index.ts'

const tools = { tools: true }
const reasoning = { tools: true, reasoning: true }

/**
 * Ids: justlovemaki/AIClient-2-API, src/providers/provider-models.js, and router-for-me/CLIProxyAPIPlus, internal/registry/model_definitions.go,
 * `GetIFlowModels`. Limits: anomalyco/models.dev, providers/iflowcn; none where it has none.
 */
export const models: ModelInfo[] = [
  { id: 'glm-5', capabilities: reasoning },
  { id: 'glm-4.7', capabilities: reasoning },
  { id: 'glm-4.6', contextWindow: 200_000, maxOutputTokens: 128_000, created: 1_759_190_400, capabilities: reasoning },
  { id: 'kimi-k2.5', capabilities: reasoning },
  { id: 'kimi-k2-thinking', created: 1_762_387_200, capabilities: reasoning },
  { id: 'kimi-k2-0905', contextWindow: 256_000, maxOutputTokens: 64_000, created: 1_757_030_400, capabilities: tools },
  { id: 'kimi-k2', contextWindow: 128_000, maxOutputTokens: 64_000, created: 1_752_192_000, capabilities: tools },
  { id: 'minimax-m2.5', capabilities: reasoning },
  { id: 'minimax-m2.1', capabilities: reasoning },
  {
    id: 'deepseek-v3.2',
    contextWindow: 128_000,
    maxOutputTokens: 64_000,
    created: 1_759_104_000,
    capabilities: reasoning,
  },
  { id: 'deepseek-v3.1', created: 1_756_339_200, capabilities: reasoning },
  { id: 'deepseek-v3', contextWindow: 128_000, maxOutputTokens: 32_000, created: 1_734_307_200, capabilities: tools },
  {
    id: 'deepseek-r1',
    contextWindow: 128_000,
    maxOutputTokens: 32_000,
    created: 1_737_331_200,
    capabilities: reasoning,
  },
  {
    id: 'qwen3-coder-plus',
    contextWindow: 256_000,
    maxOutputTokens: 64_000,
    created: 1_753_228_800,
    capabilities: tools,
  },
  { id: 'qwen3-max', contextWindow: 256_000, maxOutputTokens: 32_000, created: 1_758_672_000, capabilities: tools },
  {
    id: 'qwen3-max-preview',
    contextWindow: 256_000,
    maxOutputTokens: 32_000,
    created: 1_757_030_400,
    capabilities: reasoning,
  },
  {
    id: 'qwen3-vl-plus',
    contextWindow: 256_000,
    maxOutputTokens: 32_000,
    created: 1_758_672_000,
    capabilities: { ...tools, vision: true },
  },
  {
    id: 'qwen3-235b-a22b-thinking-2507',
    contextWindow: 256_000,
    maxOutputTokens: 64_000,
    created: 1_753_401_600,
    capabilities: reasoning,
  },
  {
    id: 'qwen3-235b-a22b-instruct',
    contextWindow: 256_000,
    maxOutputTokens: 64_000,
    created: 1_753_401_600,
    capabilities: tools,
  },
  {
    id: 'qwen3-235b',
    contextWindow: 128_000,
    maxOutputTokens: 32_000,
    created: 1_753_401_600,
    capabilities: reasoning,
  },
  { id: 'qwen3-32b', created: 1_747_094_400, capabilities: tools },
  { id: 'iflow-rome-30ba3b', capabilities: tools },
]
