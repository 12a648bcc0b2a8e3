import type { ChatError } from '../chat/index.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { LATE, within } from '../waiting.ts'
import type { ByteSource } from './source.ts'

export interface AnswerPiecesOptions {
  source: ByteSource
  protocol: Protocol
  /** Milliseconds of silence after which a comment is sent; 0 for never. */
  keepAlive: number
  /** The first byte of the answer is about to leave. A comment that keeps the client waiting is none. */
  onFirstByte(): void
  /** A piece of the answer, of so many bytes, is about to leave. */
  onPiece?: ((bytes: number) => void) | undefined
  /** The stream failed after its first byte; the client has been told in its own protocol. */
  onError(error: unknown): ChatError
  /** The stream is over: to its end, or with the error that was reported. */
  onEnd(): void
  /** The client went away: stop the provider. */
  onCancel(reason: unknown): void
}

const KEEP_ALIVE = ': keep-alive\n\n'
const encoder = new TextEncoder()

/**
 * What a client gets of a streamed answer, piece by piece: a comment where the provider is silent for long, and what goes wrong as
 * the last piece, in the client's protocol.
 */
export class AnswerPieces {
  readonly #options: AnswerPiecesOptions
  #pending: Promise<Uint8Array | undefined> | undefined
  #first: Uint8Array | typeof LATE | undefined
  #begun = false
  #over = false
  /** The client went away before the end. */
  cancelled = false

  private constructor(options: AnswerPiecesOptions) {
    this.#options = options
  }

  /**
   * Resolves with the first piece at hand, or when it takes too long.
   * @throws what `source.next()` throws for the first piece.
   */
  static async begin(options: AnswerPiecesOptions): Promise<AnswerPieces> {
    const pieces = new AnswerPieces(options)
    pieces.#first = await pieces.#nextOrSilence()
    return pieces
  }

  /** The next piece, never empty; `undefined` at the end and once it is cancelled. */
  async next(): Promise<Uint8Array | undefined> {
    const { source, protocol, onPiece } = this.#options
    try {
      while (!this.#over) {
        const piece = this.#first ?? (await this.#nextOrSilence())
        this.#first = undefined
        // It may have been cancelled meanwhile.
        if (this.#over) break
        if (piece === LATE) {
          if (source.atBoundary) return encoder.encode(protocol.keepAlive ?? KEEP_ALIVE)
        } else if (piece) {
          if (!this.#begun) this.#options.onFirstByte()
          this.#begun = true
          onPiece?.(piece.byteLength)
          return piece
        } else this.#end()
      }
      return undefined
    } catch (error) {
      if (this.#over) return undefined
      const text = protocol.encodeStreamError(this.#options.onError(error))
      this.#end()
      // A blank line first: the cut may have come in the middle of an event, which must not swallow this one.
      return encoder.encode(source.atBoundary ? text : `\n\n${text}`)
    }
  }

  /** The client went away. After the end, this does nothing. */
  cancel(reason?: unknown): void {
    if (this.#over) return
    this.#over = true
    this.cancelled = true
    this.#options.onCancel(reason)
  }

  #end(): void {
    this.#over = true
    this.#options.onEnd()
  }

  async #nextOrSilence(): Promise<Uint8Array | typeof LATE | undefined> {
    const { source, keepAlive } = this.#options
    const pending = (this.#pending ??= source.next())
    const result = keepAlive > 0 ? await within(pending, keepAlive) : await pending
    if (result !== LATE) this.#pending = undefined
    return result
  }
}
