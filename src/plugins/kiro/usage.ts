import type { Extra, Usage } from '../../index.ts'

/**
 * Reads `tokenUsage` of a metadata event. Kiro counts input that was neither read from nor written to the cache apart.
 *
 * @see aws/amazon-q-developer-cli, crates/amzn-qdeveloper-streaming-client/src/types/_token_usage.rs
 * @returns No `tokens` where all counts are 0, which is how Kiro leaves them out.
 */
export function readTokens(usage: Record<string, unknown>): { tokens?: Usage; extra: Extra } {
  const {
    uncachedInputTokens,
    outputTokens,
    cacheReadInputTokens,
    cacheWriteInputTokens,
    totalTokens: _sum,
    ...extra
  } = usage
  const cachedInput = count(cacheReadInputTokens)
  const cacheWrite = count(cacheWriteInputTokens)
  const input = (count(uncachedInputTokens) ?? 0) + (cachedInput ?? 0) + (cacheWrite ?? 0)
  const output = count(outputTokens) ?? 0
  if (input === 0 && output === 0) return { extra }
  const tokens: Usage = { input, output }
  if (cachedInput !== undefined) tokens.cachedInput = cachedInput
  if (cacheWrite !== undefined) tokens.cacheWrite = cacheWrite
  return { tokens, extra }
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined
}
