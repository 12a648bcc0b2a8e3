import type { ChatEvent } from '../../chat/index.ts'

/** Whether an event only says that an answer begins: Anthropic counts the prompt along with that. */
export function announces({ type }: ChatEvent): boolean {
  return type === 'start' || type === 'usage'
}

const LONGEST_MS = 1000

/**
 * For how long the announcement of an answer is held back, where an error may still come in its place
 * ({@link Translator.startsEarly}): until then another account can answer.
 */
export class HoldBack {
  #until: number | undefined

  /** Milliseconds from now. Counted from the first call on, for what follows may be more of the same, again and again. */
  get left(): number {
    this.#until ??= performance.now() + LONGEST_MS
    return Math.max(0, this.#until - performance.now())
  }
}
