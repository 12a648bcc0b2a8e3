import type { ModelInfo } from '../../core/plugin.ts'

/** The path of models that take the Responses format alone; others take Chat Completions too, with a key. */
const RESPONSES = ['/responses']

/** Unix seconds of a day. */
function day(date: string): number {
  return Date.parse(date) / 1000
}

/**
 * The models of OpenAI's API and of ChatGPT's Codex backend.
 *
 * Sources: AprilNEA/BYOKEY crates/provider/src/registry.rs (ids; its first commits name o4-mini, o3, gpt-4o, gpt-4o-mini);
 * router-for-me/CLIProxyAPI internal/registry/models/models.json (`codex-*`: limits and dates of what a login offers; those
 * of GPT-5 to 5.3 before its commit a4c1e32) and codex_client_models.json (`supported_in_api`); developers.openai.com/api/docs/models
 * (limits of the rest); openai-node resources/shared.d.ts (dates of the rest: those of their snapshots). That the codex
 * and pro models take Responses alone: the same pages, and aaif-goose/goose issue 2564, alvinunreal/tmuxai issue 82.
 */
const facts: ModelInfo[] = [
  { id: 'gpt-5.6-sol', contextWindow: 372_000, maxOutputTokens: 128_000, created: 1_783_616_400 },
  { id: 'gpt-5.6-terra', contextWindow: 372_000, maxOutputTokens: 128_000, created: 1_783_616_400 },
  { id: 'gpt-5.6-luna', contextWindow: 372_000, maxOutputTokens: 128_000, created: 1_783_616_400 },
  { id: 'gpt-5.5', contextWindow: 272_000, maxOutputTokens: 128_000, created: 1_776_902_400 },
  { id: 'gpt-5.4', contextWindow: 1_050_000, maxOutputTokens: 128_000, created: 1_772_668_800 },
  { id: 'gpt-5.4-mini', contextWindow: 400_000, maxOutputTokens: 128_000, created: 1_773_705_600 },
  {
    id: 'gpt-5.4-nano',
    contextWindow: 400_000,
    maxOutputTokens: 128_000,
    created: day('2026-03-17'),
    credential: 'api_key',
  },
  {
    id: 'gpt-5.3-codex-spark',
    contextWindow: 128_000,
    maxOutputTokens: 128_000,
    created: 1_770_912_000,
    endpoints: RESPONSES,
    credential: 'oauth',
  },
  {
    id: 'codex-auto-review',
    contextWindow: 272_000,
    maxOutputTokens: 128_000,
    created: 1_776_902_400,
    endpoints: RESPONSES,
    credential: 'oauth',
  },
  {
    id: 'gpt-5.3-codex',
    contextWindow: 400_000,
    maxOutputTokens: 128_000,
    created: 1_770_307_200,
    endpoints: RESPONSES,
  },
  {
    id: 'gpt-5.2-codex',
    contextWindow: 400_000,
    maxOutputTokens: 128_000,
    created: 1_765_440_000,
    endpoints: RESPONSES,
  },
  { id: 'gpt-5.2', contextWindow: 400_000, maxOutputTokens: 128_000, created: 1_765_440_000 },
  {
    id: 'gpt-5.1-codex-max',
    contextWindow: 400_000,
    maxOutputTokens: 128_000,
    created: 1_763_424_000,
    endpoints: RESPONSES,
  },
  {
    id: 'gpt-5.1-codex',
    contextWindow: 400_000,
    maxOutputTokens: 128_000,
    created: 1_762_905_600,
    endpoints: RESPONSES,
  },
  {
    id: 'gpt-5.1-codex-mini',
    contextWindow: 400_000,
    maxOutputTokens: 128_000,
    created: 1_762_905_600,
    endpoints: RESPONSES,
  },
  { id: 'gpt-5.1', contextWindow: 400_000, maxOutputTokens: 128_000, created: 1_762_905_600 },
  { id: 'gpt-5-codex', contextWindow: 400_000, maxOutputTokens: 128_000, created: 1_757_894_400, endpoints: RESPONSES },
  { id: 'gpt-5', contextWindow: 400_000, maxOutputTokens: 128_000, created: 1_754_524_800 },
  {
    id: 'gpt-5-mini',
    contextWindow: 400_000,
    maxOutputTokens: 128_000,
    created: day('2025-08-07'),
    credential: 'api_key',
  },
  {
    id: 'gpt-4.1',
    contextWindow: 1_047_576,
    maxOutputTokens: 32_768,
    created: day('2025-04-14'),
    credential: 'api_key',
  },
  { id: 'gpt-4o', contextWindow: 128_000, maxOutputTokens: 16_384, created: day('2024-05-13'), credential: 'api_key' },
  {
    id: 'gpt-4o-mini',
    contextWindow: 128_000,
    maxOutputTokens: 16_384,
    created: day('2024-07-18'),
    credential: 'api_key',
  },
  { id: 'o3', contextWindow: 200_000, maxOutputTokens: 100_000, created: day('2025-04-16'), credential: 'api_key' },
  {
    id: 'o4-mini',
    contextWindow: 200_000,
    maxOutputTokens: 100_000,
    created: day('2025-04-16'),
    credential: 'api_key',
  },
]

/** All take tools; all but Spark take images; all but GPT-4 reason (the same sources). */
export const models: ModelInfo[] = facts.map((model) => ({
  ...model,
  capabilities: { vision: !model.id.endsWith('-spark'), tools: true, reasoning: !model.id.startsWith('gpt-4') },
}))

const byId = new Map(models.map((model) => [model.id, model]))

/**
 * Whether a model takes Responses alone. One that is not in the list, such as one from config, is told by its name: all
 * codex and pro models do.
 */
export function needsResponses(id: string): boolean {
  const known = byId.get(id)
  return known
    ? known.endpoints === RESPONSES
    : /(?:^|-)codex(?:-|$)|-pro(?:-\d{4}-\d{2}-\d{2})?$|deep-research/.test(id)
}
