/**
 * The shortest text that is taken for a repetition of all that went before. A fragment may begin by chance with the few
 * characters said so far ("1", then "10"); with this many it does not.
 */
const SHORTEST = 24

/** How many fragments are put together at once. To keep each for itself was a fifth of the work of an answer. */
const TOGETHER = 64

/**
 * Makes fragments of text that comes as fragments or as snapshots of the whole so far.
 *
 * Kiro sends fragments, and AWS's client joins them (aws/amazon-q-developer-cli, crates/chat-cli/src/cli/chat/parser.rs).
 * Gateways have met answers that repeat what was said and add to it (d-kuro/kirocc, internal/respconv/event_processor.go
 * before July 2026). Two equal fragments in a row are two fragments: a filter for those ate real text
 * (router-for-me/CLIProxyAPIPlus, internal/runtime/executor/kiro_executor.go).
 */
export class Snapshots {
  #soFar = ''
  /** What comes after it. */
  #recent: string[] = []
  #length = 0
  #snapshots = false

  /** What `piece` adds; may be empty. */
  add(piece: string): string {
    const known = this.#length
    if (this.#repeats(piece)) {
      this.#snapshots = true
      this.#soFar = piece
      this.#length = piece.length
      return piece.slice(known)
    }
    this.#recent.push(piece)
    this.#length += piece.length
    if (this.#recent.length === TOGETHER) this.#join()
    return piece
  }

  get empty(): boolean {
    return this.#length === 0
  }

  /** Whether it begins with all that went before. */
  #repeats(piece: string): boolean {
    const known = this.#length
    if (known === 0 || piece.length < known) return false
    if (!this.#snapshots && (known < SHORTEST || piece.length === known)) return false
    this.#join()
    return piece.startsWith(this.#soFar)
  }

  #join(): void {
    if (this.#recent.length === 0) return
    this.#soFar += this.#recent.join('')
    this.#recent = []
  }
}
