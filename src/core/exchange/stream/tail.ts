const LF = 10
const CR = 13

/** Whether these end where a message of server-sent events does. */
export function endsWithBlankLine(bytes: Uint8Array): boolean {
  const [last, before] = [bytes.at(-1), bytes.at(-2)]
  return last === LF && (before === LF || (before === CR && bytes.at(-3) === LF))
}

/**
 * The last bytes of a stream. They are copied: pieces kept by reference outlive the collections of young garbage, each of them anew, and a
 * few hundred streams of short ones made all of those take twice as long.
 */
export class Tail {
  readonly #size: number
  /** A quarter longer than what is told of it, so that it is moved once for so many bytes and not for each piece. */
  #bytes: Buffer | undefined
  /** Where what is kept ends. */
  #end = 0
  /** Bytes, those forgotten too. */
  total = 0

  /** @param size how many are told, at the most */
  constructor(size: number) {
    this.#size = size
  }

  push(chunk: Uint8Array): void {
    this.total += chunk.byteLength
    const bytes = (this.#bytes ??= Buffer.allocUnsafeSlow(Math.ceil(1.25 * this.#size)))
    const last = chunk.byteLength > this.#size ? chunk.subarray(-this.#size) : chunk
    if (this.#end + last.byteLength > bytes.byteLength) {
      const kept = Math.min(this.#end, this.#size - last.byteLength)
      bytes.copyWithin(0, this.#end - kept, this.#end)
      this.#end = kept
    }
    bytes.set(last, this.#end)
    this.#end += last.byteLength
  }

  text(): string {
    return this.#kept.toString('utf8')
  }

  get endsWithBlankLine(): boolean {
    return this.total === 0 || endsWithBlankLine(this.#kept)
  }

  get #kept(): Buffer {
    return this.#bytes?.subarray(Math.max(0, this.#end - this.#size), this.#end) ?? Buffer.alloc(0)
  }
}
