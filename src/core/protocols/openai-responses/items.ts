import { imageTypeOf } from '../../chat/index.ts'
import type { FinishReason, ReasoningProof } from '../../chat/index.ts'
import { dataUrl } from '../openai-chat/data-url.ts'
import { isObject, text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { sealProof } from './envelope.ts'
import { randomHex } from '../../text/random-hex.ts'

/** What OpenAI puts before its ids. */
export type IdPrefix = 'resp' | 'msg' | 'fc' | 'ctc' | 'rs' | 'ig' | 'cmp' | 'ws'

export function newId(prefix: IdPrefix): string {
  return `${prefix}_${randomHex()}`
}

/** Whether byok made the id of an item up ({@link newId}): OpenAI's own are longer. */
export function isOwnId(id: string): boolean {
  return /^[a-z]+_[0-9a-f]{32}$/.test(id)
}

/**
 * Whether an item is known to OpenAI by id alone, and not by that either. Reasoning without its encrypted content is, and so is an
 * image without its data: OpenAI looks for them where it stores what it said (https://github.com/vercel/ai/issues/7543). Reasoning
 * without both is what byok keeps of another vendor's.
 */
export function isLost(item: JsonObject, store: boolean): boolean {
  const { type, id } = item
  if (isOthersSearch(item)) return true
  const whole = type === 'reasoning' ? typeof item['encrypted_content'] === 'string' : !isBareImage(item)
  if (whole) return false
  return typeof id === 'string' ? !store || isOwnId(id) : type === 'reasoning'
}

/** Whether another vendor searched (`web-search.ts`): what it found is in its words. */
export function isOthersSearch({ type, id }: JsonObject): boolean {
  return type === 'web_search_call' && typeof id === 'string' && isOwnId(id)
}

/** An image by its id alone, as OpenAI's guide to images goes on from one (openai/openai-openapi issue 575). */
export function isBareImage({ type, result }: JsonObject): boolean {
  return type === 'image_generation_call' && text(result) === undefined
}

/** How an answer ended, in this format's words. */
export interface Outcome {
  status: 'completed' | 'incomplete' | 'failed'
  /** `incomplete_details` */
  details: { reason: string } | null
  error: { code: string; message: string } | null
}

/** Why OpenAI itself stopped, where the neutral word says less (openai-node `Response.IncompleteDetails`). */
const OWN_REASONS = ['max_messages', 'steered']

/**
 * A refusal in words, a tool call and a paused turn are complete answers; a refusal without words is a filtered one. An
 * answer that ended for no reason the provider would name has failed.
 *
 * @param native the provider's own word for the reason
 */
export function outcomeOf(reason: FinishReason, refused: boolean, native?: string): Outcome {
  const incomplete = (why: string): Outcome => ({ status: 'incomplete', details: { reason: why }, error: null })
  if (native !== undefined && OWN_REASONS.includes(native)) return incomplete(native)
  switch (reason) {
    case 'stop':
    case 'tool_calls':
    case 'pause':
      return { status: 'completed', details: null, error: null }
    case 'refusal':
      return refused ? { status: 'completed', details: null, error: null } : incomplete('content_filter')
    case 'length':
      return incomplete('max_output_tokens')
    case 'content_filter':
      return incomplete('content_filter')
    case 'error': {
      const message = 'The provider ended its answer without a reason. Try again.'
      return { status: 'failed', details: null, error: { code: 'server_error', message } }
    }
  }
}

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete'

/** @param facts What else it says of itself (`own-facts.ts`). */
export function messageItem(id: string, content: JsonObject[], status: ItemStatus, facts: JsonObject = {}): JsonObject {
  return { id, type: 'message', status, content, role: 'assistant', ...facts }
}

/** An image that a model made, as the one thing this format has for it: a call of OpenAI's tool (openai-node `ImageGenerationCall`). */
export function imageItem(id: string, result: string | null, status: 'in_progress' | 'completed'): JsonObject {
  return { id, type: 'image_generation_call', status, result }
}

/** What OpenAI's tool drew (openai-node `ResponseOutputItem.ImageGenerationCall`), in the form OpenRouter gave `images` in Chat Completions. */
export function imagesOf({ type, result, output_format: format }: JsonObject): JsonObject[] {
  const data = type === 'image_generation_call' ? text(result) : undefined
  if (data === undefined) return []
  const mediaType = imageTypeOf({ mediaType: `image/${text(format) ?? 'png'}`, data })
  return [{ type: 'image_url', image_url: { url: dataUrl(mediaType, data) } }]
}

export interface ReasoningFacts {
  id: string
  text: string
  /** Whether the text is shown as a summary, as all is but the bare reasoning of an open model. */
  summary: boolean
  proof: ReasoningProof
}

export function reasoningItem({ id, text, summary, proof }: ReasoningFacts): JsonObject {
  const encrypted = sealProof(proof)
  return {
    id,
    type: 'reasoning',
    summary: summary && text !== '' ? [{ type: 'summary_text', text }] : [],
    ...(!summary && text !== '' && { content: [{ type: 'reasoning_text', text }] }),
    ...(encrypted !== undefined && { encrypted_content: encrypted }),
  }
}

/** OpenAI's own ids of reasoning begin so; another vendor's is in the envelope. */
export function reasoningId(id: string | undefined): string {
  return id?.startsWith('rs_') ? id : newId('rs')
}

/** Annotations in this format: as OpenAI gave them, or citations as Chat Completions has them. */
export function annotationsOf(extra: Record<string, unknown>, wire: JsonObject): JsonObject[] {
  const own = wire['annotations']
  if (Array.isArray(own)) return own.filter(isObject)
  const named = extra['annotations']
  if (!Array.isArray(named)) return []
  return named.filter(isObject).map(({ url_citation: citation, ...rest }) => ({
    ...rest,
    ...(isObject(citation) ? citation : {}),
  }))
}
