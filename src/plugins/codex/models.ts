import type { ModelInfo } from '../../index.ts'
import { alwaysReasons } from '../../kit.ts'

/** The path of models that take the Responses format alone; others take Chat Completions too, with a key. */
const RESPONSES = ['/responses']

/** Unix seconds of a day. */
function day(date: string): number {
  return Date.parse(date) / 1000
}

/*
 * The models of OpenAI's API and of ChatGPT's Codex backend.
 *
 * Sources: AprilNEA/BYOKEY crates/provider/src/registry.rs (ids; its first commits name o3, gpt-4o, gpt-4o-mini);
 * router-for-me/CLIProxyAPI internal/registry/models/models.json (`codex-*`: limits and dates of what a login offers; those
 * of GPT-5 to 5.3 before its commit a4c1e32) and codex_client_models.json (`supported_in_api`); developers.openai.com/api/docs/models
 * (limits of the rest); openai-node resources/shared.d.ts (dates of the rest: those of their snapshots). That the codex
 * and pro models take Responses alone: the same pages, and aaif-goose/goose issue 2564, alvinunreal/tmuxai issue 82.
 *
 * GPT-6: developers.openai.com/api/docs/models/gpt-6.1-terra and …/guides/latest-model (ids, output, images, paths);
 * docs.litellm.ai/blog/gpt_6_sol_luna, charmbracelet/catwalk pull request 569, runware.ai/docs/models/openai-gpt-6-1-sol,
 * docs.venice.ai/models/gpt-6-1-terra and akiiwa-games/AgentCompass-Router release 0.6.8 (dates). That a login has them:
 * NousResearch/hermes-agent pull request 103132, thezillo/codex-proxy release 0.3.2, ndycode/codex-multi-auth release 2.18.0,
 * cortexkit/openai-auth release 1.7.0, basmilius/adecore release 0.67.1.
 *
 * OpenAI has shut down gpt-5-codex, gpt-5.1-codex, its -max and -mini, and gpt-5.2-codex on 23 July 2026, o4-mini on
 * 23 October (developers.openai.com/api/docs/deprecations; anomalyco/models.dev pull request 3707). What it shuts down next, and when: the
 * same page, as read in November 2026; in April: dev.to/max_bob, "OpenAI API deprecations 2026-2027", of 28 October, which has the page's
 * dates (gpt-5.1), and dev.to/aidriftline (gpt-5.3-codex, gpt-5.4-nano).
 */

const DECEMBER = '2026-12-11'
const APRIL = '2027-04-01'
const JANUARY = { shutdownDate: '2027-01-14', replacement: 'gpt-6-luna' }

/**
 * With a key and with a login. The context is the login's, which is the smaller: `context_window` of the list within Codex itself
 * (codex-rs/models-manager/models.json, as in @openai/codex 0.171.0), where OpenAI has lowered that of GPT-5.6 (openai/codex issue
 * 32806, patriceckhart/zot pull request 116) and raised that of 6.1 Sol.
 */
const forBoth: ModelInfo[] = [
  { id: 'gpt-6.2-astra', contextWindow: 272_000, maxOutputTokens: 128_000, created: day('2026-11-17') },
  { id: 'gpt-6.2-sol', contextWindow: 500_000, maxOutputTokens: 128_000, created: day('2026-11-17') },
  { id: 'gpt-6.1-terra', contextWindow: 500_000, maxOutputTokens: 128_000, created: day('2026-10-26') },
  { id: 'gpt-6.1-sol', contextWindow: 500_000, maxOutputTokens: 128_000, created: day('2026-09-29') },
  { id: 'gpt-6-sol', contextWindow: 272_000, maxOutputTokens: 128_000, created: day('2026-09-22') },
  { id: 'gpt-6-luna', contextWindow: 272_000, maxOutputTokens: 128_000, created: day('2026-09-22') },
  { id: 'gpt-6-astra', contextWindow: 272_000, maxOutputTokens: 128_000, created: day('2026-09-03') },
  { id: 'gpt-5.6-sol', contextWindow: 272_000, maxOutputTokens: 128_000, created: 1_783_616_400 },
  { id: 'gpt-5.6-terra', contextWindow: 272_000, maxOutputTokens: 128_000, created: 1_783_616_400 },
  { id: 'gpt-5.6-luna', contextWindow: 272_000, maxOutputTokens: 128_000, created: 1_783_616_400 },
]

const forLogins: ModelInfo[] = [
  {
    id: 'codex-auto-review',
    contextWindow: 272_000,
    maxOutputTokens: 128_000,
    created: 1_776_902_400,
    endpoints: RESPONSES,
  },
]

/**
 * With a key alone, for OpenAI has retired them for logins: GPT-5 and 5.1 on 14 April 2026 (developers.openai.com/codex/changelog,
 * as Wei-Shaw/sub2api issue 1758 quotes it), gpt-5.2 and gpt-5.3-codex on 2 June (openai/codex issues 25871, 26053 and 26116),
 * gpt-5.4 and gpt-5.4-mini on 31 August (anomalyco/opencode pull request 48141), gpt-5.5 on 14 October (Wei-Shaw/sub2api
 * docs/OPENAI_GPT55_RETIREMENT.md, ndycode/codex-multi-auth release 2.18.0). gpt-5.3-codex-spark, which no key could use, went in
 * September (openai/codex issues 45857 and 46052).
 */
const retiredForLogins: ModelInfo[] = [
  { id: 'gpt-5.5', contextWindow: 1_050_000, maxOutputTokens: 128_000, created: 1_776_902_400 },
  { id: 'gpt-5.4', contextWindow: 1_050_000, maxOutputTokens: 128_000, created: 1_772_668_800 },
  { id: 'gpt-5.4-mini', contextWindow: 400_000, maxOutputTokens: 128_000, created: 1_773_705_600 },
  {
    id: 'gpt-5.3-codex',
    contextWindow: 400_000,
    maxOutputTokens: 128_000,
    created: 1_770_307_200,
    shutdownDate: APRIL,
    endpoints: RESPONSES,
  },
  { id: 'gpt-5.2', contextWindow: 400_000, maxOutputTokens: 128_000, created: 1_765_440_000 },
  { id: 'gpt-5.1', contextWindow: 400_000, maxOutputTokens: 128_000, created: 1_762_905_600, shutdownDate: APRIL },
  {
    id: 'gpt-5',
    contextWindow: 400_000,
    maxOutputTokens: 128_000,
    created: 1_754_524_800,
    shutdownDate: DECEMBER,
    replacement: 'gpt-6.1-sol',
  },
]

/** With a key alone, as ever. */
const forKeys: ModelInfo[] = [
  {
    id: 'gpt-5.4-nano',
    contextWindow: 400_000,
    maxOutputTokens: 128_000,
    created: day('2026-03-17'),
    shutdownDate: APRIL,
  },
  {
    id: 'gpt-5-mini',
    contextWindow: 400_000,
    maxOutputTokens: 128_000,
    created: day('2025-08-07'),
    shutdownDate: DECEMBER,
    replacement: 'gpt-6.1-terra',
  },
  {
    id: 'gpt-4.1',
    contextWindow: 1_047_576,
    maxOutputTokens: 32_768,
    created: day('2025-04-14'),
    ...JANUARY,
  },
  { id: 'gpt-4o', contextWindow: 128_000, maxOutputTokens: 16_384, created: day('2024-05-13'), ...JANUARY },
  {
    id: 'gpt-4o-mini',
    contextWindow: 128_000,
    maxOutputTokens: 16_384,
    created: day('2024-07-18'),
    ...JANUARY,
  },
  { id: 'o3', contextWindow: 200_000, maxOutputTokens: 100_000, created: day('2025-04-16'), shutdownDate: DECEMBER },
]

/** All take tools and images; all but GPT-4 reason (the same sources). */
export const models: ModelInfo[] = [
  ...forBoth,
  ...forLogins.map((model) => ({ ...model, credential: 'oauth' as const })),
  ...[...retiredForLogins, ...forKeys].map((model) => ({ ...model, credential: 'api_key' as const })),
].map((model) => ({
  ...model,
  capabilities: { vision: true, tools: true, reasoning: !model.id.startsWith('gpt-4') },
}))

const byId = new Map(models.map((model) => [model.id, model]))

/** All codex and pro models, and those for one trade: what `ResponsesModel` has beside `ChatModel` (openai-node 7 resources/shared.d.ts). */
const FOR_RESPONSES =
  /(?:^|-)codex(?:-|$)|-pro(?:-\d{4}-\d{2}-\d{2})?$|deep-research|^computer-use|^gpt-(?:daybreak|rosalind)-|-(?:cyber|rosalind|law)$/

/** Whether a model takes Responses alone. One that is not in the list, such as one from config, is told by its name. */
export function needsResponses(id: string): boolean {
  const known = byId.get(id)
  return known ? known.endpoints === RESPONSES : FOR_RESPONSES.test(id)
}

/**
 * Whether a model refuses a login that tells it not to reason: all of GPT-6, beside those that refuse a key too.
 *
 * Sources: Wei-Shaw/sub2api issue 6622; A6083450/CodexPlusPlus release v1.3.0+49, ndycode/oc-codex-multi-auth release 6.23.0.
 */
export function alwaysReasonsWithLogin(id: string): boolean {
  return id.startsWith('gpt-6') || alwaysReasons(id)
}
