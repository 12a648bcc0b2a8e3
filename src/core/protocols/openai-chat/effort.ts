import type { ReasoningOptions } from '../../chat/index.ts'

/** How hard to think, in OpenAI's words; a budget in tokens is told as the effort nearest to it. */
export function effortOf({ effort, budgetTokens }: ReasoningOptions): string | undefined {
  return effort ?? (budgetTokens === undefined ? undefined : effortOfBudget(budgetTokens))
}

/** The steps are those of CLIProxyAPI, internal/thinking/convert.go. */
function effortOfBudget(tokens: number): string {
  if (tokens <= 0) return 'none'
  if (tokens <= 512) return 'minimal'
  if (tokens <= 1024) return 'low'
  return tokens <= 8192 ? 'medium' : 'high'
}
