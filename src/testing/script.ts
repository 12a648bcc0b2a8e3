/**
 * What a faked provider's model says, in no vendor's words. Each fake renders it in its own wire format, so that one table
 * of cases serves every provider.
 */
export interface Script {
  /** In the order the model produces them. */
  steps: ScriptStep[]
  /** Default: `tool_calls` where a step is a tool call, else `stop`. */
  finish?: ScriptFinish
  /** The stop sequence that was met, where `finish` is `stop` because of one; the model writes it where the vendor is not told of it. */
  stopSequence?: string
  usage?: ScriptUsage
}

export type ScriptFinish = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'refusal'

/** Counted as OpenAI counts: `input` includes the cached tokens, `output` the reasoning. */
export interface ScriptUsage {
  input: number
  output: number
  cachedInput?: number
  cacheWrite?: number
  reasoning?: number
}

export type ScriptStep =
  /** Text; an array is sent as that many deltas, a string as one. */
  | { text: string | string[] }
  /** Reasoning, with the vendor's opaque proof where it has one. */
  | { reasoning: string | string[]; signature?: string }
  | { refusal: string }
  /** A tool call; `arguments` is JSON text, an array is sent as that many fragments. */
  | { toolCall: { id: string; name: string; arguments: string | string[] } }
  /** Waits until the promise is done before the next step is sent; what came before has been flushed by then. */
  | { wait: Promise<unknown> }
  /** Sends these bytes as they are, in the middle of the stream. */
  | { raw: string | Uint8Array }
  /** The connection breaks here. In an answer that is not streamed it breaks in the middle of the body. */
  | { cut: true }
  /** The stream ends cleanly here, without the vendor's closing events. */
  | { end: true }
  /** The vendor's own error event in the middle of a stream. */
  | { error: ScriptFailure }

/** The kinds of refusal every vendor knows, each in its own words, status and headers. */
export interface ScriptFailure {
  kind:
    | 'invalid_request'
    | 'invalid_key'
    | 'forbidden'
    | 'not_found'
    | 'too_large'
    | 'context_length'
    | 'rate_limit'
    | 'quota'
    | 'server_error'
    | 'overloaded'
  /** Seconds, sent in the vendor's own way where it has one. */
  retryAfter?: number
  /** The vendor's message. Default: one that the vendor would send. */
  message?: string
}

/** How bytes are cut on the wire, whatever the steps are: as they come, one by one, or by this many. */
export type Chunking = 'as-is' | { size: number }
