import type { ReasoningOptions } from '../../chat/index.ts'
import { compact } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { modelFacts } from './model.ts'
import type { Reader } from './reader.ts'

/** Tokens for each effort, of CLIProxyAPI internal/thinking/convert.go. */
const BUDGET_OF_EFFORT: Record<string, number> = {
  none: 0,
  minimal: 512,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 65_536,
}

const RANK_OF_EFFORT: Record<string, number> = { none: 0, minimal: 0, low: 1, medium: 2, high: 3, xhigh: 4, max: 4 }
const RANK_OF_LEVEL: Record<string, number> = { MINIMAL: 0, LOW: 1, MEDIUM: 2, HIGH: 3, XHIGH: 4 }

/**
 * `generationConfig.thinkingConfig` for a model: a level for Gemini 3 and later, a budget for Gemini 2.5, nothing for models
 * that do not think. A wish that the model cannot meet becomes the nearest it can, the stronger of two equally near.
 *
 * What a client of this very format says is its own affair: its budget stays one, and so does the level `XHIGH` (`ThinkingLevel` of @google/genai
 * 3.3), which a model that byok does not know may have. Thoughts are asked for unless thinking is off: without `includeThoughts` the model thinks and shows none of it.
 */
export function writeThinking(
  reasoning: ReasoningOptions | undefined,
  model: string,
  own: boolean,
): JsonObject | undefined {
  if (!reasoning) return undefined
  const { thinking, levels, budget, budgets } = modelFacts(model)
  const { budgetTokens } = reasoning
  const effort = reasoning.effort ?? (budgets || own ? undefined : effortOf(budgetTokens))
  if (thinking === 'none') return undefined
  const off = effort === 'none' || (effort === undefined && budgetTokens === 0)
  if (thinking === 'level' && (effort !== undefined || off)) {
    const level = own && effort === 'xhigh' ? 'XHIGH' : levelOf(effort ?? 'none', levels)
    return compact({ thinkingLevel: level, includeThoughts: off ? undefined : true })
  }
  const tokens = off ? 0 : (budgetTokens ?? (effort === undefined ? undefined : BUDGET_OF_EFFORT[effort]))
  // -1 lets the model decide.
  const asIs = tokens === undefined || tokens < 0 || (tokens === 0 && budget.off)
  const clamped = asIs ? tokens : Math.min(Math.max(tokens, budget.min), budget.max)
  return compact({ thinkingBudget: clamped, includeThoughts: off ? undefined : true })
}

/** The least effort that has such a budget. */
function effortOf(tokens: number | undefined): string | undefined {
  if (tokens === undefined || tokens < 0) return undefined
  const found = Object.entries(BUDGET_OF_EFFORT).find(([, most]) => tokens <= most)
  return found?.[0] ?? 'max'
}

function levelOf(effort: string, levels: readonly string[]): string {
  const wish = RANK_OF_EFFORT[effort]
  // A word of tomorrow's is for the API to judge.
  if (wish === undefined) return effort.toUpperCase()
  const distance = (level: string) => Math.abs((RANK_OF_LEVEL[level] ?? 0) - wish)
  return levels.reduce((best, level) => (distance(level) <= distance(best) ? level : best))
}

/** Reads a `thinkingConfig`; what it holds beyond the neutral model's words is in `rest`. */
export function readThinking(config: Reader | undefined): { reasoning?: ReasoningOptions; rest?: JsonObject } {
  if (!config) return {}
  const budget = config.number('thinkingBudget')
  const level = config.string('thinkingLevel')
  const shown = config.boolean('includeThoughts')
  const reasoning: ReasoningOptions = {}
  if (budget === 0) reasoning.effort = 'none'
  else if (budget !== undefined && budget > 0) reasoning.budgetTokens = budget
  if (level !== undefined && level !== 'THINKING_LEVEL_UNSPECIFIED') reasoning.effort = level.toLowerCase()
  // Without an amount it is as much as the model likes.
  if (shown === true && reasoning.effort !== 'none') reasoning.summary = 'auto'
  return compact({
    reasoning: Object.keys(reasoning).length > 0 ? reasoning : undefined,
    rest: config.rest(),
  })
}
