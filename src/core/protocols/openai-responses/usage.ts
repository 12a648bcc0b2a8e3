import type { Usage } from '../../chat/index.ts'
import { compact, isObject, withExtra } from '../json.ts'
import type { JsonObject } from '../json.ts'

/** Reads `usage` (openai-node `ResponseUsage`); `undefined` where there is none. */
export function readUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined
  const {
    input_tokens: input,
    output_tokens: output,
    total_tokens: _,
    input_tokens_details: inputDetails,
    output_tokens_details: outputDetails,
    ...extra
  } = value
  if (typeof input !== 'number' || typeof output !== 'number') return undefined
  const {
    cached_tokens: cached,
    cache_write_tokens: written,
    ...moreInput
  } = isObject(inputDetails) ? inputDetails : {}
  const { reasoning_tokens: reasoning, ...moreOutput } = isObject(outputDetails) ? outputDetails : {}
  if (Object.keys(moreInput).length > 0) extra['input_tokens_details'] = moreInput
  if (Object.keys(moreOutput).length > 0) extra['output_tokens_details'] = moreOutput
  const usage: Usage = { input, output }
  if (typeof cached === 'number') usage.cachedInput = cached
  if (typeof written === 'number' && written > 0) usage.cacheWrite = written
  if (typeof reasoning === 'number') usage.reasoning = reasoning
  if (Object.keys(extra).length > 0) usage.extra = extra
  return usage
}

/** Usage as OpenAI writes it; every detail its type names is there. */
export function writeUsage(usage: Usage): JsonObject {
  return withExtra(
    compact({
      input_tokens: usage.input,
      input_tokens_details: { cached_tokens: usage.cachedInput ?? 0, cache_write_tokens: usage.cacheWrite ?? 0 },
      output_tokens: usage.output,
      output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
      total_tokens: usage.input + usage.output,
    }),
    usage.extra,
  )
}
