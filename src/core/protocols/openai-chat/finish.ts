import type { FinishReason } from '../../chat/index.ts'

/**
 * Finish reasons in the words of OpenAI and of servers that speak its format: vLLM and Ollama keep to OpenAI's, Zhipu adds
 * `sensitive` and `network_error`, DeepSeek `insufficient_system_resource`, OpenRouter `error`; Claude proxies pass
 * Anthropic's own.
 */
const REASONS = new Map<string, FinishReason>([
  ['stop', 'stop'],
  ['eos', 'stop'],
  ['eos_token', 'stop'],
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['tool_calls', 'tool_calls'],
  ['function_call', 'tool_calls'],
  ['tool_use', 'tool_calls'],
  ['content_filter', 'content_filter'],
  ['sensitive', 'content_filter'],
  ['safety', 'content_filter'],
  ['refusal', 'refusal'],
  ['pause_turn', 'pause'],
  ['error', 'error'],
  ['network_error', 'error'],
  ['insufficient_system_resource', 'error'],
])

/** What the choice held, for the words that say less than it. */
export interface ChoiceFacts {
  toolCalls: boolean
  refusal: boolean
  /** Whether a call is told in the old form. */
  oldFunctionCall?: boolean | undefined
}

/**
 * @param native What stands behind the word, where the server says (OpenRouter's `native_finish_reason`).
 */
export function readFinishReason(word: string, native: string | undefined, facts: ChoiceFacts): FinishReason {
  const told = REASONS.get(word.toLowerCase()) ?? 'stop'
  // Without a call there is nothing that a client could go on with.
  const reason = told === 'tool_calls' && !facts.toolCalls ? 'stop' : told
  if (reason === 'stop') {
    // OpenAI says `stop` for a refusal and for a call that `tool_choice` forced; some servers say it for every call.
    if (facts.toolCalls) return 'tool_calls'
    if (facts.refusal) return 'refusal'
    if (native === 'pause_turn') return 'pause'
  }
  return reason === 'content_filter' && native === 'refusal' ? 'refusal' : reason
}

/**
 * OpenAI's word for a reason. A refusal in words ends with `stop`, as OpenAI's own; one without words is a filtered answer. A
 * paused turn is over until it is sent back. `error` is OpenRouter's word, as OpenAI has none for an answer that failed
 * after the fact; the clients take it.
 */
export function writeFinishReason(reason: FinishReason, facts: ChoiceFacts): string {
  switch (reason) {
    case 'refusal':
      return facts.refusal ? 'stop' : 'content_filter'
    case 'pause':
      return 'stop'
    case 'tool_calls':
      return facts.oldFunctionCall ? 'function_call' : reason
    default:
      return reason
  }
}

/**
 * What stands beside `finish_reason` where it says less than the provider did: the provider's word under OpenRouter's name,
 * the met stop sequence under vLLM's.
 */
export function finishDetails(finish: {
  reason: FinishReason
  native?: string | undefined
  stopSequence?: string | undefined
  written: string
}): Record<string, string> {
  const details: Record<string, string> = {}
  const native = finish.native ?? (finish.reason === 'pause' ? 'pause_turn' : undefined)
  if (native !== undefined && native !== finish.written) details['native_finish_reason'] = native
  if (finish.stopSequence !== undefined) details['stop_reason'] = finish.stopSequence
  return details
}
