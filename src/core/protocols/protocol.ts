import type { ChatAnswer, ChatError, ChatEvent, ChatRequest, Usage } from '../chat/index.ts'

/**
 * What a client speaks: one folder under `protocols/`, the half of it that faces clients.
 *
 * Every method is pure and synchronous; the streaming encoder keeps its state in the object {@link Protocol.encoder}
 * makes for one answer.
 */
export interface Protocol {
  /** The wire format's name, equal to {@link Translator.format} of a provider that speaks it too. */
  readonly name: string
  /**
   * Reads a parsed JSON body.
   * @throws {ChatError} 400 with `param` naming the field at fault.
   */
  decode(body: unknown): ChatRequest
  /** A whole answer as the JSON value the client expects. `model` is the name the client asked for. */
  encode(answer: ChatAnswer, context: EncodeContext): unknown
  /** An encoder for one streamed answer. */
  encoder(context: EncodeContext): StreamEncoder
  /**
   * The JSON value of an error. The status is {@link ChatError.status}.
   *
   * @param requestId byok's id of the request, where there is one.
   */
  encodeError(error: ChatError, requestId?: string): unknown
  /**
   * An error that befell a stream already begun, as text to append to it; the stream is closed after.
   *
   * @param begun what the client was told of the answer that broke off, in the protocol's own fields, as far as errors repeat it
   */
  encodeStreamError(error: ChatError, requestId?: string, begun?: Record<string, unknown>): string
  /** The header in which the protocol's clients look for the request's id, where that is not `x-request-id`, which every answer has. */
  readonly requestIdHeader?: string
  /** What is sent while the provider is silent. Default: an SSE comment. */
  readonly keepAlive?: string
  /**
   * Reads the end of a stream that passed through untranslated, to tell whether it ended as it should.
   *
   * @param begun What the beginning of the stream told of its usage.
   */
  inspectTail(tail: string, begun?: Usage): StreamTail
  /** How a stream that passes through is made to tell its usage to byok alone. Left out where every answer tells it. */
  readonly unaskedUsage?: UnaskedUsage
}

export interface UnaskedUsage {
  /** The fields that ask, in place of the body's own; `undefined` where the client asks itself, or reads no stream. */
  ask(body: Record<string, unknown>): Record<string, unknown> | undefined
  /** Whether a message of the stream, by its data, tells usage and nothing else. */
  isAnswer(data: string): boolean
}

/** How many bytes at the end of a stream {@link Protocol.inspectTail} needs, at the most. */
export const TAIL_BYTES = 4096

export interface StreamTail {
  /** Whether the answer is whole, or ends in the provider's own word that it failed. One that is not was cut. */
  complete: boolean
  /** Whether it ends in that word. Default: no. */
  failed?: boolean
  /**
   * Whether the protocol's own last word was said. However the connection ends then, nothing is missing: OpenAI's client, for one, closes
   * it itself after `[DONE]` (openai/openai-python issue 3440). Default: no.
   */
  ended?: boolean
  /** What is missing to close the stream as the protocol wants it, such as `data: [DONE]`. */
  append: string
  usage?: Usage
  /** Why each choice ended, in the provider's words, as far as it is told there. */
  finish?: string[]
}

export interface EncodeContext {
  /** The model as the client named it, for answers whose provider names none. */
  model: string
  /** Whether the client asked for usage in the stream. */
  includeUsage: boolean
  /** The request that is answered, for a protocol whose answers repeat it. */
  chat?: ChatRequest
}

/** Writes one streamed answer: each method returns the text to send, which may be empty. */
export interface StreamEncoder {
  push(event: ChatEvent): string
  /** After the last event: whatever closes the stream, such as the usage chunk and `data: [DONE]`. */
  end(): string
  /** What {@link Protocol.encodeStreamError} repeats of an answer that has begun. Left out where errors tell nothing of it. */
  begun?(): Record<string, unknown> | undefined
}
