import type { ModelInfo } from '../../index.ts'

/** Unix seconds of a day. */
function day(date: string): number {
  return Date.parse(date) / 1000
}

const capabilities = { vision: true, tools: true, reasoning: true }
const LARGE = { contextWindow: 1_000_000, maxOutputTokens: 128_000, capabilities }
const SMALL = { contextWindow: 200_000, maxOutputTokens: 64_000, capabilities }

/**
 * The models of Anthropic's API that anybody with a key can use; a dated id is another name of the snapshot.
 *
 * Sources: `Model` in @anthropic-ai/sdk resources/messages/messages.d.ts (ids); platform.claude.com/docs/en/models/…/overview
 * (limits from Sonnet 4.6 on, dates from Claude 5 on); router-for-me/CLIProxyAPI internal/registry/models/models.json (limits and
 * dates before);
 * AprilNEA/BYOKEY crates/provider/src/registry.rs (the first four it named: claude-opus-4-6, claude-opus-4-5,
 * claude-sonnet-4-5, claude-haiku-4-5-20251001); runware.ai/docs/models/anthropic-claude-sonnet-5-5, chaseai-yt/claudex-loop
 * issue 25, bash0816/Magi-Server pull request 16 (dates of Sonnet 5.5, Opus 5.5, Fable 5.1); `DEPRECATED_MODELS` in
 * @anthropic-ai/sdk 1.14 internal/data/deprecated-models.js (days of shutting down) and
 * platform.claude.com/docs/en/models/sonnet-4-5/overview and samarthputhraya/Modelpin release 0.5.7 (what replaces Sonnet 4.5 and Opus 4.5).
 */
export const models: ModelInfo[] = [
  { id: 'claude-fable-5-2', ...LARGE, created: day('2026-11-09') },
  { id: 'claude-haiku-5-5', ...LARGE, created: day('2026-10-07') },
  { id: 'claude-sonnet-5-5', ...LARGE, created: day('2026-09-28') },
  { id: 'claude-opus-5-5', ...LARGE, created: day('2026-09-22') },
  { id: 'claude-fable-5-1', ...LARGE, created: day('2026-09-01') },
  { id: 'claude-opus-5', ...LARGE, created: day('2026-07-24') },
  { id: 'claude-sonnet-5', ...LARGE, created: day('2026-06-30') },
  { id: 'claude-fable-5', ...LARGE, created: day('2026-06-09') },
  { id: 'claude-opus-4-8', ...LARGE, created: 1_779_984_000 },
  { id: 'claude-opus-4-7', ...LARGE, created: 1_776_297_600 },
  { id: 'claude-sonnet-4-6', ...LARGE, created: 1_771_372_800 },
  { id: 'claude-opus-4-6', ...LARGE, created: 1_770_318_000 },
  {
    id: 'claude-opus-4-5',
    aliases: ['claude-opus-4-5-20251101'],
    ...SMALL,
    created: 1_761_955_200,
    shutdownDate: '2027-01-22',
    replacement: 'claude-opus-5-5',
  },
  { id: 'claude-haiku-4-5', aliases: ['claude-haiku-4-5-20251001'], ...SMALL, created: 1_759_276_800 },
  {
    id: 'claude-sonnet-4-5',
    aliases: ['claude-sonnet-4-5-20250929'],
    ...SMALL,
    created: 1_759_104_000,
    shutdownDate: '2026-11-30',
    replacement: 'claude-sonnet-5-5',
  },
]
