import { whenAborted } from '../../async/abort.ts'
import type { Stop } from '../../async/abort.ts'
import type { ChatError } from '../../chat/index.ts'
import type { Protocol } from '../../protocols/protocol.ts'
import { LATE, within } from '../../async/waiting.ts'
import { ShuttingDown } from '../shutting-down.ts'
import type { ByteSource } from './source.ts'

export interface AnswerPiecesOptions {
  source: ByteSource
  protocol: Protocol
  /** byok's id of the request, for what goes wrong. */
  requestId?: string
  /** Milliseconds of silence after which a comment is sent; 0 for never. */
  keepAlive: number
  /** Whether an answer that breaks off is cut there, for it has no place for words: {@link AnswerPieces.next} throws then. Default: no. */
  cuts?: boolean | undefined
  /** Aborts when the client goes away. */
  client: Stop
  /** The first byte of the answer is about to leave. A comment that keeps the client waiting is none. */
  onFirstByte(): void
  /** A piece of the answer, of so many bytes, is about to leave. */
  onPiece?: ((bytes: number) => void) | undefined
  /** The stream failed after its first byte; the client is told in its own protocol, or cut off. */
  onError(error: unknown): ChatError
  /** The stream is over: to its end, or with the error that was reported. */
  onEnd(): void
  /** The client went away: stop the provider. */
  onCancel(reason: unknown): void
}

const KEEP_ALIVE = ': keep-alive\n\n'
const encoder = new TextEncoder()

/** What a client gets of a streamed answer, piece by piece; what goes wrong is the last piece, in the client's protocol. */
export class AnswerPieces {
  /** The client went away before the end. */
  cancelled = false
  readonly #options: AnswerPiecesOptions
  /** Asked for, and not there when the answer began. */
  #pending: Promise<Uint8Array | undefined> | undefined
  #first: Uint8Array | typeof LATE | undefined
  #begun = false
  #over = false
  /** Since when a piece is waited for, on the clock of `performance`. */
  #silentSince: number | undefined
  #timer: NodeJS.Timeout | undefined
  #unlink: (() => void) | undefined
  #onSilence: ((comment: Uint8Array) => void) | undefined

  private constructor(options: AnswerPiecesOptions) {
    this.#options = options
  }

  /**
   * Resolves with the first piece at hand, or when it takes too long.
   * @throws what `source.next()` throws for the first piece.
   */
  static async begin(options: AnswerPiecesOptions): Promise<AnswerPieces> {
    const { source, keepAlive } = options
    const pieces = new AnswerPieces(options)
    const pending = source.next()
    const first = keepAlive > 0 ? await within(pending, keepAlive) : await pending
    if (first === LATE) pieces.#pending = pending
    pieces.#first = first
    return pieces
  }

  /**
   * The next piece, never empty; `undefined` at the end and once it is cancelled.
   * @throws {ChatError} where the answer breaks off and is cut there.
   */
  async next(): Promise<Uint8Array | undefined> {
    // Of what is over nothing more is asked.
    if (this.#over) return undefined
    const { source, protocol, requestId, cuts, onPiece } = this.#options
    try {
      const first = this.#first
      this.#first = undefined
      if (first === LATE && source.atBoundary()) return this.#comment
      const piece = first && first !== LATE ? first : await this.#read()
      // It may have been cancelled meanwhile.
      if (this.#over) return undefined
      if (piece) {
        if (!this.#begun) this.#options.onFirstByte()
        this.#begun = true
        onPiece?.(piece.byteLength)
      } else this.#end()
      return piece
    } catch (error) {
      if (this.#over) return undefined
      const failure = this.#options.onError(error)
      const text = cuts === true ? undefined : protocol.encodeStreamError(failure, requestId, source.begun())
      this.#end()
      if (text === undefined) throw failure
      // A blank line first: the cut may have come in the middle of an event, which must not swallow this one.
      return encoder.encode(source.atBoundary() ? text : `\n\n${text}`)
    } finally {
      this.#silentSince = undefined
    }
  }

  /** Who gets a comment to send while {@link AnswerPieces.next} waits for a silent provider. */
  whenSilent(tell: (comment: Uint8Array) => void): void {
    this.#onSilence = tell
  }

  /**
   * From now on, cancels it as soon as the client's signal aborts: that stops the provider too, and a read that breaks off for it
   * must not look like a fault of the provider's. Whoever reads may hear of it later, or never.
   *
   * @param tell is told why, when whoever reads had its turn to cancel: some hosts crash of a body that fails
   */
  whenGone(tell: (reason: unknown) => void): void {
    const { client } = this.#options
    const leave = () => {
      // The client is still there, and hears of it by the read that breaks off.
      if (client.reason instanceof ShuttingDown) return
      this.cancel(client.reason)
      setImmediate(tell, client.reason)
    }
    if (client.aborted) leave()
    else this.#unlink = whenAborted(client, leave)
  }

  /** The client went away. After the end, this does nothing. */
  cancel(reason?: unknown): void {
    if (this.#over) return
    this.cancelled = true
    this.#stop()
    this.#options.onCancel(reason)
  }

  #end(): void {
    this.#stop()
    this.#options.onEnd()
  }

  #stop(): void {
    this.#over = true
    this.#unlink?.()
    clearTimeout(this.#timer)
  }

  #read(): Promise<Uint8Array | undefined> {
    const { source, keepAlive } = this.#options
    const pending = this.#pending ?? source.next()
    this.#pending = undefined
    this.#silentSince = performance.now()
    if (keepAlive > 0) this.#timer ??= setTimeout(() => this.#look(), keepAlive)
    return pending
  }

  /** One timer looks after all pieces: one for each took a twentieth of the time that a piece takes. */
  #look(): void {
    this.#timer = undefined
    if (this.#silentSince === undefined) return
    const { source, keepAlive } = this.#options
    const now = performance.now()
    let left = this.#silentSince + keepAlive - now
    if (left <= 0) {
      if (source.atBoundary()) this.#onSilence?.(this.#comment)
      this.#silentSince = now
      left = keepAlive
    }
    this.#timer = setTimeout(() => this.#look(), left)
  }

  get #comment(): Uint8Array {
    return encoder.encode(this.#options.protocol.keepAlive ?? KEEP_ALIVE)
  }
}
