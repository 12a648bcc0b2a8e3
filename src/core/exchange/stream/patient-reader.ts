import { streamFailure } from '../../upstream/error.ts'
import { LATE, within } from '../../async/waiting.ts'

type Piece = IteratorResult<Uint8Array, unknown>

/** The connection broke behind the answer's last word: nothing of it is missing, however it ended. */
export const BROKEN_OFF = Symbol('broken off')

/** Reads a provider's answer, one piece of the network at a time. */
export class PatientReader {
  readonly #pieces: AsyncIterator<Uint8Array>
  readonly #provider: string
  readonly #isWhole: () => boolean
  #pending: Promise<Piece> | undefined

  /**
   * @param provider its title, for errors
   * @param isWhole whether the last word of the answer has come
   */
  constructor(body: AsyncIterable<Uint8Array>, provider: string, isWhole: () => boolean) {
    this.#pieces = body[Symbol.asyncIterator]()
    this.#provider = provider
    this.#isWhole = isWhole
  }

  /** @throws {ChatError} for a connection that broke. */
  async read(): Promise<Piece | typeof BROKEN_OFF> {
    const piece = (this.#pending ??= this.#pieces.next())
    try {
      return await piece
    } catch (error) {
      if (this.#isWhole()) return BROKEN_OFF
      throw streamFailure(error, this.#provider)
    } finally {
      this.#pending = undefined
    }
  }

  /** As {@link PatientReader.read}, for so many milliseconds; what comes later is for the next call. */
  async readWithin(milliseconds: number): Promise<Piece | typeof BROKEN_OFF | typeof LATE> {
    const piece = (this.#pending ??= this.#pieces.next())
    // What goes wrong is met by the read below, or by the next one.
    const first = await within(
      piece.catch(() => undefined),
      milliseconds,
    )
    return first === LATE ? first : await this.read()
  }
}
