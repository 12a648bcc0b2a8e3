import type { FinishReason } from '../../chat/index.ts'

/** Anthropic's stop reasons (`StopReason` of @anthropic-ai/sdk resources/messages/messages.d.ts). */
const REASONS = new Map<string, FinishReason>([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['pause_turn', 'pause'],
  // Context was compacted and the turn waits to be sent back (beta).
  ['compaction', 'pause'],
  ['refusal', 'refusal'],
])

/** A word unknown here ends the turn as any other; it goes along as the provider's own. */
export function readStopReason(word: string): FinishReason {
  return REASONS.get(word) ?? 'stop'
}

/** Anthropic's word for a reason: the provider's own where it is one of them and says the same. */
export function writeStopReason(reason: FinishReason, native?: string, stopSequence?: string): string {
  if (native !== undefined && REASONS.get(native) === reason) return native
  switch (reason) {
    case 'stop':
      return stopSequence === undefined ? 'end_turn' : 'stop_sequence'
    case 'length':
      return 'max_tokens'
    case 'tool_calls':
      return 'tool_use'
    case 'content_filter':
    case 'refusal':
      return 'refusal'
    case 'pause':
      return 'pause_turn'
    case 'error':
      return 'end_turn'
  }
}
