import type { ChatErrorOptions, ChatEvent, ChatRequest } from '../chat/index.ts'

/**
 * What a provider speaks: from the neutral model to its request, and from its answer back.
 *
 * Every method is pure and synchronous. Built-in wire formats come as functions that make one: `openaiChat()`,
 * `openaiResponses()`, `anthropicMessages()`.
 */
export interface Translator {
  /**
   * The wire format's name. Where it equals the client's protocol, bytes pass through: `request` is not called, `events` and `answer`
   * look only at how a stream begins and at what was used, and `error` at refusals. Left out of a format that no client speaks.
   */
  readonly format?: string
  /**
   * Whether the provider takes this request of a client that speaks its format as it is, for one that does not take all that the
   * format's clients send. Default: it does.
   *
   * @param model its name as the provider knows it; `body` has the client's.
   */
  passes?(body: Record<string, unknown>, model: string): boolean
  /**
   * The JSON value to send.
   * @throws {ChatError} 400 naming the feature the provider cannot do.
   */
  request(chat: ChatRequest): Record<string, unknown>
  /**
   * A decoder for one streamed answer. `chat` is the request it answers, for what an answer alone does not tell, such as which
   * of its tools take free text.
   */
  events(chat?: ChatRequest): EventDecoder
  /**
   * A whole, unstreamed answer as the events it stands for. Left out where the provider only streams: byok then asks for
   * a stream and collects it.
   * @throws {ChatError} when `body` is not the answer it should be.
   */
  answer?(body: unknown, chat?: ChatRequest): ChatEvent[]
  /**
   * What an error answer says, as far as it can be read; byok fills in the rest from the status. `body` is the parsed
   * JSON, or the text where it is none.
   */
  error?(body: unknown, status: number, headers: Headers): UpstreamErrorInfo | undefined
  /**
   * Whether a stream says that an answer begins before that is sure, so that an error may still come in its place. That word is
   * then held back for a moment, in which another account can be asked.
   */
  readonly startsEarly?: boolean
  /**
   * How the stream is cut into messages. Server-sent events unless given, and JSON between them. Of other streams `byok/kit` has
   * `lineFrames` and, for AWS's, `eventStreamFrames`.
   */
  frames?(): FrameDecoder
}

export type UpstreamErrorInfo = Partial<
  Pick<
    ChatErrorOptions,
    'status' | 'type' | 'code' | 'param' | 'retryAfter' | 'ofAnotherModel' | 'upstreamRequestId' | 'details'
  >
> & { message?: string }

/** One message of a provider's stream, such as a server-sent event. */
export interface Frame {
  /** The SSE `event:` field. */
  event?: string | undefined
  data: string
  /** JSON that stood there by itself: an error, or a whole answer in place of a stream. */
  bare?: boolean
}

/** Cuts bytes into frames. Bytes may be split anywhere, in the middle of a UTF-8 character too. */
export interface FrameDecoder {
  push(bytes: Uint8Array): Frame[]
  /** After the last byte: frames that were complete but for a trailing blank line. */
  end(): Frame[]
}

/** Reads one streamed answer. */
export interface EventDecoder {
  /**
   * @throws {ChatError} when the provider reports an error inside the stream, or sends what is not its own format.
   */
  push(frame: Frame): ChatEvent[]
  /**
   * After the last frame. byok itself reports an answer without a `finish` event as cut; this is for a format whose end is
   * the finish.
   */
  end(): ChatEvent[]
}
