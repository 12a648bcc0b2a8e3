/** A part of a stream: a whole event, or a piece of what is passed on as it comes. */
export interface StreamPart {
  text: string
  /** Whether it is an event from its beginning to its end. */
  whole: boolean
}

/** So many characters of an event tell whether it is held. */
export const BEGINNING = 200
/** The longest event that is held, in characters: as much as byok reads of any (`frames/sse.ts`). */
const LONGEST_HELD = 64 * 1024 * 1024
const BLANK_LINE = /\r?\n\r?\n/g

/**
 * Cuts a stream of server-sent events so that some come whole and others as they come. Each character is looked at once: an image is
 * an event of megabytes, which comes in hundreds of pieces.
 */
export class HeldEvents {
  readonly #isHeld: (beginning: string) => boolean
  /** Of the event that is coming, what is not passed on. */
  #held: string[] = []
  #size = 0
  /** Whether the event that is coming is held, once that is known. */
  #holds: boolean | undefined
  /** What may be the beginning of a blank line. */
  #end = ''

  /** @param isHeld told the beginning of each long event; short ones are held in any case */
  constructor(isHeld: (beginning: string) => boolean) {
    this.#isHeld = isHeld
  }

  push(more: string): StreamPart[] {
    const text = this.#end + more
    const parts: StreamPart[] = []
    let from = 0
    for (const { 0: blank, index } of text.matchAll(BLANK_LINE)) {
      const end = index + blank.length
      this.#take(text.slice(from, end), parts)
      this.#close(parts)
      from = end
    }
    const rest = text.slice(from)
    this.#end = /[\r\n]+$/.exec(rest.slice(-3))?.[0] ?? ''
    this.#take(rest.slice(0, rest.length - this.#end.length), parts)
    return parts
  }

  /** What is left after the last character. */
  end(): StreamPart[] {
    const parts: StreamPart[] = []
    this.#take(this.#end, parts)
    this.#close(parts)
    return parts
  }

  #take(text: string, parts: StreamPart[]): void {
    if (text === '') return
    this.#held.push(text)
    this.#size += text.length
    if (this.#holds === undefined && this.#size >= BEGINNING) {
      this.#holds = this.#isHeld(this.#held.join('').slice(0, BEGINNING))
    }
    if (this.#size > LONGEST_HELD) this.#holds = false
    if (this.#holds === false) parts.push({ text: this.#taken(), whole: false })
  }

  #close(parts: StreamPart[]): void {
    if (this.#held.length > 0) parts.push({ text: this.#taken(), whole: true })
    this.#size = 0
    this.#holds = undefined
  }

  #taken(): string {
    const text = this.#held.join('')
    this.#held = []
    return text
  }
}
