import type { FinishReason } from '../../chat/index.ts'

/** Gemini's finish reasons: the enum `FinishReason` of @google/genai 3.3 (ai.google.dev/api/generate-content#FinishReason). */
const REASONS = new Map<string, FinishReason>([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content_filter'],
  ['RECITATION', 'content_filter'],
  ['BLOCKLIST', 'content_filter'],
  ['PROHIBITED_CONTENT', 'content_filter'],
  ['SPII', 'content_filter'],
  ['IMAGE_SAFETY', 'content_filter'],
  ['IMAGE_PROHIBITED_CONTENT', 'content_filter'],
  ['IMAGE_RECITATION', 'content_filter'],
  ['MODEL_ARMOR', 'content_filter'],
  // "Request was filtered by an escalation rule."
  ['ESCALATION', 'content_filter'],
  // The account's, for what it was used for before.
  ['PUP_LIMITED_DISABLED', 'error'],
  ['LANGUAGE', 'error'],
  ['OTHER', 'error'],
  ['MALFORMED_FUNCTION_CALL', 'error'],
  ['UNEXPECTED_TOOL_CALL', 'error'],
  ['TOO_MANY_TOOL_CALLS', 'error'],
  ['NO_IMAGE', 'error'],
  ['IMAGE_OTHER', 'error'],
  ['MISSING_THOUGHT_SIGNATURE', 'error'],
  ['MALFORMED_RESPONSE', 'error'],
  // "The response reached the per-request token limit, but generation is not yet complete": Google's clients ask for the rest.
  ['CONTINUATION', 'length'],
])

/** Gemini says `STOP` for an answer that calls functions too. A word nobody knows is no clean end. */
export function readFinishReason(word: string, calls: boolean): FinishReason {
  const reason = REASONS.get(word) ?? 'error'
  return reason === 'stop' && calls ? 'tool_calls' : reason
}

/** Gemini's word for a reason: the provider's own where it is one of Gemini's. */
export function writeFinishReason(reason: FinishReason, native: string | undefined): string {
  if (native !== undefined && REASONS.has(native)) return native
  switch (reason) {
    case 'stop':
    case 'tool_calls':
    case 'pause':
      return 'STOP'
    case 'length':
      return 'MAX_TOKENS'
    case 'content_filter':
    case 'refusal':
      return 'SAFETY'
    case 'error':
      return 'OTHER'
  }
}
