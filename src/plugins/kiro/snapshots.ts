/**
 * The shortest text that is taken for a repetition of all that went before. A fragment may begin by chance with the few
 * characters said so far ("1", then "10"); with this many it does not.
 */
const SHORTEST = 24

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
  #snapshots = false

  /** What `piece` adds; may be empty. */
  add(piece: string): string {
    const known = this.#soFar.length
    const repeats = known > 0 && piece.startsWith(this.#soFar)
    if (repeats && (this.#snapshots || (known >= SHORTEST && piece.length > known))) {
      this.#snapshots = true
      this.#soFar = piece
      return piece.slice(known)
    }
    this.#soFar += piece
    return piece
  }

  get empty(): boolean {
    return this.#soFar === ''
  }
}
