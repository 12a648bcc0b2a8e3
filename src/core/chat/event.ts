import type { Extra, ReasoningFormat } from './message.ts'

/**
 * Why the model stopped. `error` is for an answer that ended without a reason the provider would name.
 *
 * `pause` is Anthropic's `pause_turn`: the turn goes on when it is sent back.
 */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'refusal' | 'pause' | 'error'

/** Tokens, counted as OpenAI counts them: `input` includes the cached ones, `output` includes reasoning. */
export interface Usage {
  input: number
  output: number
  /** Of `input`: read from the prompt cache. */
  cachedInput?: number
  /** Of `input`: written to the prompt cache. */
  cacheWrite?: number
  /** Of `output`: spent on reasoning. */
  reasoning?: number
  /** Whether byok estimated it: the provider did not tell, or the stream was left, or cut, before it did. */
  estimated?: boolean
  /** What else the provider counted, by its wire name. */
  extra?: Extra
}

/** Log probabilities in OpenAI's own shape, which no other provider has. */
export interface LogProbs {
  content?: unknown[] | null
  refusal?: unknown[] | null
}

/** An event of one choice; `choice` is 0 unless the request asked for more than one. */
interface ChoiceEvent {
  choice?: number
}

/**
 * One step of an answer. A whole, unstreamed answer is the same events in one go, so that a translator says each thing
 * once.
 *
 * Order within a choice: `start` once and first; then deltas in the order the model wrote them; `finish` after the last
 * delta; `usage` any time (the last one counts). A stream that ends without `finish` was cut, and is reported so.
 */
export type ChatEvent =
  | {
      type: 'start'
      /** The provider's id of the answer. */
      id?: string
      /** The model that answered, which may be a dated snapshot of the one asked for. */
      model?: string
      /** Unix seconds. */
      created?: number
      /** Such as `system_fingerprint`, `service_tier`. */
      extra?: Extra
    }
  | ({ type: 'text'; text: string; logprobs?: LogProbs } & ChoiceEvent)
  | ({ type: 'refusal'; text: string; logprobs?: LogProbs } & ChoiceEvent)
  /**
   * A delta of reasoning. Deltas with the same `index` are one {@link ReasoningPart}; `signature`, `encrypted` and `id` may
   * come with an empty `text`.
   */
  | ({
      type: 'reasoning'
      index: number
      text: string
      summary?: boolean
      signature?: string
      encrypted?: string
      id?: string
      format?: ReasoningFormat
    } & ChoiceEvent)
  /** A tool call begins. `index` counts the answer's tool calls from 0, without gaps. */
  | ({ type: 'tool-call'; index: number; id: string; name: string; kind: 'function' | 'custom' } & ChoiceEvent)
  /** A fragment of that call's arguments. Fragments join to what the model wrote: JSON text for a function. */
  | ({ type: 'tool-call-delta'; index: number; arguments: string } & ChoiceEvent)
  /** Something about the answer that is no text, such as OpenAI's `annotations` or `audio`, by its wire name. */
  | ({ type: 'extra'; extra: Extra } & ChoiceEvent)
  | ({
      type: 'finish'
      reason: FinishReason
      /** The provider's own word. */
      native?: string
      /** The stop sequence that was met, where the provider says which. */
      stopSequence?: string
    } & ChoiceEvent)
  | { type: 'usage'; usage: Usage }

/** What a model wrote by an event, whatever it is for; empty where it wrote nothing. */
export function textOfEvent(event: ChatEvent): string {
  if (event.type === 'text' || event.type === 'refusal' || event.type === 'reasoning') return event.text
  if (event.type === 'tool-call') return event.name
  return event.type === 'tool-call-delta' ? event.arguments : ''
}
