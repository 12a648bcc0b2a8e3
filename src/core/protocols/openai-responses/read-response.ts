import type { ChatEvent, FinishReason } from '../../chat/index.ts'
import { isObject, text } from '../json.ts'
import type { JsonObject } from '../json.ts'

/** What a response says as it begins. */
export function startOf(response: JsonObject): ChatEvent {
  const { created_at: created } = response
  const [id, model, tier] = [text(response['id']), text(response['model']), text(response['service_tier'])]
  return {
    type: 'start',
    ...(id !== undefined && { id }),
    ...(model !== undefined && { model }),
    ...(typeof created === 'number' && { created: Math.floor(created) }),
    ...(tier !== undefined && tier !== 'auto' && { extra: { service_tier: tier } }),
  }
}

/**
 * `incomplete_details.reason` (openai-node `Response.IncompleteDetails`). One that was steered stopped where it could, and is gone on with by
 * a next one that knows what the user said meanwhile.
 */
const INCOMPLETE = new Map<string, FinishReason>([
  ['max_output_tokens', 'length'],
  ['max_messages', 'length'],
  ['steered', 'pause'],
  ['max_tokens', 'length'],
  ['content_filter', 'content_filter'],
])

/** Why a response that is `incomplete` ended. */
export function cutShort({ incomplete_details: details }: JsonObject): ChatEvent {
  const native = (isObject(details) ? text(details['reason']) : undefined) ?? 'incomplete'
  return { type: 'finish', reason: INCOMPLETE.get(native) ?? 'error', native }
}
