import type { ReasoningOptions } from '../../index.ts'

/*
 * How hard to think: `additionalModelRequestFields`, in the form each model's own schema allows. The schemas are closed, so
 * a model that is not in this list is sent none.
 *
 * Sources: d-kuro/kirocc, internal/models/effort.go (the levels `ListAvailableModels` declares);
 * hongyilyu/opencode-v2-kiro-auth, src/catalog.ts and src/request.ts (Fable 5.1, Opus 5.5).
 */

const SCALE = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

const FOUR = ['low', 'medium', 'high', 'max']
const FIVE = ['low', 'medium', 'high', 'xhigh', 'max']

/** Models that take `thinking` and `output_config`. */
const CLAUDE: Record<string, string[]> = {
  'claude-fable-5.1': FIVE,
  'claude-opus-5.5': FIVE,
  'claude-opus-5': FIVE,
  'claude-opus-4.8': FIVE,
  'claude-opus-4.7': FIVE,
  'claude-opus-4.6': FOUR,
  'claude-sonnet-5': FIVE,
  'claude-sonnet-4.6': FOUR,
}

const SIX = ['none', ...FIVE]

/** Models that take `reasoning`. */
const GPT: Record<string, string[]> = { 'gpt-5.6-sol': SIX, 'gpt-5.6-terra': SIX, 'gpt-5.6-luna': SIX }

/** `undefined` where the model decides for itself. */
export function reasoningFields(model: string, options: ReasoningOptions): Record<string, unknown> | undefined {
  const effort = options.effort ?? effortOfBudget(options.budgetTokens)
  if (effort === undefined) return undefined
  const claude = CLAUDE[model]
  if (claude) {
    if (effort === 'none') return { thinking: { type: 'disabled' } }
    // Only the newer schemas know `display`; without it they omit the text.
    const display = claude === FIVE ? { display: 'summarized' } : {}
    return { thinking: { type: 'adaptive', ...display }, output_config: { effort: nearest(effort, claude) } }
  }
  const gpt = GPT[model]
  return gpt && { reasoning: { effort: nearest(effort, gpt) } }
}

/** The level itself, or the next one up that there is, or the highest. A new word passes: Kiro's own error says more. */
function nearest(effort: string, levels: string[]): string {
  const rank = SCALE.indexOf(effort)
  if (rank === -1 || levels.includes(effort)) return effort
  return levels.find((level) => SCALE.indexOf(level) > rank) ?? levels.at(-1) ?? effort
}

/** Kiro takes no number of tokens. The bounds are those of `core/protocols/openai-chat/request.ts`. */
function effortOfBudget(tokens: number | undefined): string | undefined {
  if (tokens === undefined) return undefined
  if (tokens <= 0) return 'none'
  if (tokens <= 512) return 'minimal'
  if (tokens <= 1024) return 'low'
  return tokens <= 8192 ? 'medium' : 'high'
}
