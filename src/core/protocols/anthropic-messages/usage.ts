import type { Extra, Usage } from '../../chat/index.ts'
import { count, isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'

const COUNTED = new Set([
  'input_tokens',
  'output_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'output_tokens_details',
])

/**
 * Reads a `usage` object. Anthropic counts cached tokens beside `input_tokens`; here they are within, as OpenAI counts.
 *
 * @returns `undefined` where there is none.
 */
export function readUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined
  const fresh = count(value['input_tokens'])
  const output = count(value['output_tokens'])
  if (fresh === undefined && output === undefined) return undefined
  const cached = count(value['cache_read_input_tokens'])
  const written = count(value['cache_creation_input_tokens'])
  const usage: Usage = { input: (fresh ?? 0) + (cached ?? 0) + (written ?? 0), output: output ?? 0 }
  if (cached !== undefined) usage.cachedInput = cached
  if (written !== undefined) usage.cacheWrite = written
  const details = value['output_tokens_details']
  const thinking = isObject(details) ? count(details['thinking_tokens']) : undefined
  if (thinking !== undefined) usage.reasoning = thinking
  let extra: Extra | undefined
  for (const name in value) {
    if (!COUNTED.has(name) && value[name] !== null) (extra ??= {})[name] = value[name]
  }
  if (extra) usage.extra = extra
  return usage
}

/** What Anthropic itself has in `usage` beyond counts of tokens; what other vendors count has no place there. */
const OWN_EXTRA = ['cache_creation', 'server_tool_use', 'service_tier', 'inference_geo', 'speed', 'iterations'] as const

/** Usage as Anthropic writes it. */
export function writeUsage(usage: Usage | undefined): JsonObject {
  const { input = 0, output = 0, cachedInput = 0, cacheWrite = 0, reasoning, extra } = usage ?? {}
  const written: JsonObject = {
    input_tokens: Math.max(0, input - cachedInput - cacheWrite),
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cachedInput,
    output_tokens: output,
  }
  if (reasoning !== undefined) written['output_tokens_details'] = { thinking_tokens: reasoning }
  for (const name of OWN_EXTRA) if (extra?.[name] !== undefined) written[name] = extra[name]
  return written
}
