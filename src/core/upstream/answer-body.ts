import type { Dispatcher } from 'undici'
import { isError } from '../log/fault.ts'
import { loopPace } from './pace.ts'
import type { Pace } from './pace.ts'

/** Bytes kept for a reader who is slower than the provider. Beyond them nothing more is read from the connection. */
const MOST_KEPT = 64 * 1024
/** So many pieces wait for nothing: among them are a stream's first words, which somebody looks for. */
const FIRST_PIECES = 8
/** So many bytes wait for no more. */
const SHORT = 4096

type Piece = IteratorResult<Buffer<ArrayBuffer>, undefined>

const END: Piece = { done: true, value: undefined }

/**
 * The body of a provider's answer, in the pieces that undici's parser gives. A stream of Node's and its iterator, which undici's
 * `request` puts around them, took a tenth of what a short stream costs.
 */
export class AnswerBody implements AsyncIterableIterator<Buffer<ArrayBuffer>, undefined> {
  /** There until the body is over. */
  #controller: Dispatcher.DispatchController | undefined
  #kept: Buffer<ArrayBuffer>[] = []
  #size = 0
  #failure: { error: Error } | undefined
  /** Waits for the next piece. */
  #reader: { resolve(piece: Piece): void; reject(error: Error): void } | undefined
  readonly #pace: Pick<Pace, 'hold'>
  /** Runs while what comes is kept for the reader, who waits, until there is more. */
  #hold: NodeJS.Timeout | undefined
  /** Pieces given so far, and the bytes of the last. */
  #given = 0
  #last = 0

  constructor(controller: Dispatcher.DispatchController, pace: Pick<Pace, 'hold'> = loopPace) {
    this.#controller = controller
    this.#pace = pace
  }

  /** A piece came. */
  push(piece: Buffer<ArrayBuffer>): void {
    if (this.#reader && !this.#hold) return this.#give(piece)
    this.#kept.push(piece)
    this.#size += piece.byteLength
    if (this.#hold && this.#size >= SHORT) this.#release()
    else if (this.#size >= MOST_KEPT) this.#controller?.pause()
  }

  /** The last piece has come. */
  end(): void {
    this.#controller = undefined
    this.#release()
    this.#take()?.resolve(END)
  }

  /** Nothing more comes. What came before is still given to the reader. */
  fail(error: Error): void {
    this.#controller = undefined
    this.#failure = { error }
    this.#release()
    this.#take()?.reject(error)
  }

  /** The whole body, where all of it is here already. Who takes it asks for no pieces. */
  whole(): Buffer<ArrayBuffer> | undefined {
    if (this.#controller || this.#failure || this.#kept.length === 0) return undefined
    const all = this.#takeKept()
    this.#kept.push(all)
    return all
  }

  /**
   * For one reader, who waits for one piece before it asks for another. What came since is one piece, for each costs the same however
   * short it is; where the process has no time for each, short ones wait for others ({@link Pace}). Rejects with what broke the
   * connection.
   */
  next(): Promise<Piece> {
    const hold = this.#mayWait ? this.#pace.hold : 0
    if (hold > 0) this.#hold = setTimeout(() => this.#release(), hold)
    else if (this.#kept.length > 0) {
      const value = this.#takeKept()
      this.#count(value)
      this.#controller?.resume()
      return Promise.resolve({ done: false, value })
    }
    if (this.#failure) return Promise.reject(this.#failure.error)
    if (!this.#controller) return Promise.resolve(END)
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject }
    })
  }

  /** Nobody reads on: the connection, if it is not done, is closed. */
  return(): Promise<Piece> {
    this.cancel()
    return Promise.resolve(END)
  }

  cancel(reason?: unknown): void {
    this.#controller?.abort(isError(reason) ? reason : new Error('the answer is not wanted any more'))
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  get #mayWait(): boolean {
    return this.#controller !== undefined && this.#given >= FIRST_PIECES && this.#last < SHORT && this.#size < SHORT
  }

  /** What was kept for the reader is given, and what comes next at once. */
  #release(): void {
    clearTimeout(this.#hold)
    this.#hold = undefined
    if (this.#reader && this.#kept.length > 0) this.#give(this.#takeKept())
  }

  #give(value: Buffer<ArrayBuffer>): void {
    this.#count(value)
    this.#take()?.resolve({ done: false, value })
  }

  #count({ byteLength }: Buffer): void {
    this.#given++
    this.#last = byteLength
  }

  #takeKept(): Buffer<ArrayBuffer> {
    const pieces = this.#kept
    const [first] = pieces
    this.#kept = []
    this.#size = 0
    return first && pieces.length === 1 ? first : Buffer.concat(pieces)
  }

  #take() {
    const reader = this.#reader
    this.#reader = undefined
    return reader
  }
}
