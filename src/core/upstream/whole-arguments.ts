import type { ChatEvent } from '../chat/index.ts'
import type { EventReader } from './read-again.ts'

/** Holds the arguments of some calls back until they are whole, and writes them anew. A call's pieces follow each other. */
export class WholeArguments implements EventReader {
  readonly #writerOf: (name: string) => ((words: string) => string) | undefined
  #open: { call: { index: number; choice?: number }; words: string; write: (words: string) => string } | undefined

  /** @param writerOf Gives what writes the arguments of calls of this name; `undefined` where they stay. */
  constructor(writerOf: (name: string) => ((words: string) => string) | undefined) {
    this.#writerOf = writerOf
  }

  read(event: ChatEvent): ChatEvent[] {
    const open = this.#open
    if (open && event.type === 'tool-call-delta' && event.index === open.call.index) {
      open.words += event.arguments
      return []
    }
    const before = this.close()
    const write = event.type === 'tool-call' ? this.#writerOf(event.name) : undefined
    if (event.type === 'tool-call' && write) {
      const { index, choice } = event
      this.#open = { call: { index, ...(choice !== undefined && { choice }) }, words: '', write }
    }
    return [...before, event]
  }

  close(): ChatEvent[] {
    if (!this.#open) return []
    const { call, words, write } = this.#open
    this.#open = undefined
    return words === '' ? [] : [{ type: 'tool-call-delta', ...call, arguments: write(words) }]
  }
}
