import type { Extra, Usage } from '../../chat/index.ts'
import { count, isObject, withExtra } from '../json.ts'
import type { JsonObject } from '../json.ts'

const READ_BY_NAME = new Set([
  'prompt_tokens',
  'completion_tokens',
  'total_tokens',
  'prompt_tokens_details',
  'completion_tokens_details',
])

/**
 * Reads a `usage` object, and the forms compatible servers give it:
 * DeepSeek counts cached tokens as `prompt_cache_hit_tokens`, Moonshot as `cached_tokens`, and proxies of Claude count
 * cache writes as `cache_creation_input_tokens`.
 *
 * @returns `undefined` where there is none.
 */
export function readUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined
  const {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: total,
    prompt_tokens_details: inputDetails,
    completion_tokens_details: outputDetails,
  } = value
  if (typeof input !== 'number' && typeof output !== 'number') return undefined
  const extra: Extra = {}
  for (const name in value) if (!READ_BY_NAME.has(name)) extra[name] = value[name]
  const usage: Usage = { input: count(input) ?? 0, output: count(output) ?? 0 }

  const cached = takeDetails(extra, 'prompt_tokens_details', inputDetails, ['cached_tokens', 'cache_write_tokens'])
  const reasoned = takeDetails(extra, 'completion_tokens_details', outputDetails, ['reasoning_tokens'])
  const cachedInput = cached[0] ?? take(extra, 'prompt_cache_hit_tokens') ?? take(extra, 'cached_tokens')
  const cacheWrite = cached[1] ?? take(extra, 'cache_creation_input_tokens')
  const [reasoning] = reasoned
  if (cachedInput !== undefined) usage.cachedInput = cachedInput
  if (cacheWrite !== undefined) usage.cacheWrite = cacheWrite
  if (reasoning !== undefined) usage.reasoning = reasoning

  if (typeof total === 'number' && total !== usage.input + usage.output) {
    // xAI counts reasoning beside the completion, not within it; the total gives it away.
    if (total === usage.input + usage.output + (usage.reasoning ?? 0)) usage.output += usage.reasoning ?? 0
    else extra['total_tokens'] = total
  }
  if (Object.keys(extra).length > 0) usage.extra = extra
  return usage
}

/** Usage as OpenAI writes it. The two details that clients read without asking are always there. */
export function writeUsage(usage: Usage): JsonObject {
  const inputDetails: JsonObject = { cached_tokens: usage.cachedInput ?? 0 }
  if (usage.cacheWrite !== undefined) inputDetails['cache_write_tokens'] = usage.cacheWrite
  return withExtra(
    {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: usage.input + usage.output,
      prompt_tokens_details: inputDetails,
      completion_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
    },
    usage.extra,
  )
}

/** Takes counts out of a details object; what it holds beside them goes to `extra`. */
function takeDetails(extra: Extra, name: string, details: unknown, counts: string[]): (number | undefined)[] {
  if (!isObject(details)) return []
  const rest = { ...details }
  const taken = counts.map((key) => take(rest, key))
  if (Object.keys(rest).length > 0) extra[name] = rest
  return taken
}

function take(from: Extra, name: string): number | undefined {
  const value = count(from[name])
  if (value !== undefined) delete from[name]
  return value
}
