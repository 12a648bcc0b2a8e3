import { streamFailure } from '../upstream/error.ts'

/** Nothing came in the time given; it is still waited for. */
export const NOTHING_YET = Symbol('nothing yet')

type Piece = IteratorResult<Uint8Array, unknown>

/** Reads a provider's answer, one piece of the network at a time. */
export class PatientReader {
  readonly #pieces: AsyncIterator<Uint8Array>
  readonly #provider: string
  #pending: Promise<Piece> | undefined

  /** @param provider its title, for errors */
  constructor(body: AsyncIterable<Uint8Array>, provider: string) {
    this.#pieces = body[Symbol.asyncIterator]()
    this.#provider = provider
  }

  /** @throws {ChatError} for a connection that broke. */
  async read(): Promise<Piece> {
    const piece = (this.#pending ??= this.#pieces.next())
    try {
      return await piece
    } catch (error) {
      throw streamFailure(error, this.#provider)
    } finally {
      this.#pending = undefined
    }
  }

  /** As {@link PatientReader.read}, for so many milliseconds; what comes later is for the next call. */
  async readWithin(milliseconds: number): Promise<Piece | typeof NOTHING_YET> {
    const piece = (this.#pending ??= this.#pieces.next())
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<typeof NOTHING_YET>((resolve) => {
      timer = setTimeout(resolve, milliseconds, NOTHING_YET)
    })
    try {
      // What goes wrong is met by the read below, or by the next one.
      const first = await Promise.race([piece.catch(() => undefined), late])
      return first === NOTHING_YET ? first : await this.read()
    } finally {
      clearTimeout(timer)
    }
  }
}
