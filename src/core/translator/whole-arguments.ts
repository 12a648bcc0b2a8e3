import type { ChatEvent } from '../chat/index.ts'
import { parseObject } from '../json/json.ts'
import type { EventReader } from './read-again.ts'

interface OpenCall {
  call: { index: number; choice?: number }
  words: string
  write: (words: string) => string
}

/**
 * Holds the arguments of some calls back until they are whole, and writes them anew. Their pieces need not follow each other: servers write
 * the arguments of parallel calls in turns, and say between them how the answer was filtered (the annotation messages of Azure's
 * asynchronous filter: Microsoft's documentation of Foundry, "Content streaming") or what it has cost so far.
 */
export class WholeArguments implements EventReader {
  readonly #writerOf: (name: string) => ((words: string) => string) | undefined
  /** By choice and index. */
  readonly #open = new Map<string, OpenCall>()

  /** @param writerOf Gives what writes the arguments of calls of this name; `undefined` where they stay. */
  constructor(writerOf: (name: string) => ((words: string) => string) | undefined) {
    this.#writerOf = writerOf
  }

  read(event: ChatEvent): ChatEvent[] {
    switch (event.type) {
      case 'tool-call': {
        const write = this.#writerOf(event.name)
        const { index, choice } = event
        if (write) {
          const call = { index, ...(choice !== undefined && { choice }) }
          this.#open.set(keyOf(event), { call, words: '', write })
        }
        return [event]
      }
      case 'tool-call-delta': {
        const open = this.#open.get(keyOf(event))
        if (!open) return [event]
        open.words += event.arguments
        // Only there can an object end.
        const isWhole = event.arguments.trimEnd().endsWith('}') && parseObject(open.words) !== undefined
        return isWhole ? this.#close(keyOf(event), open) : []
      }
      case 'finish':
        return [...this.#closeAll(event.choice), event]
      default:
        return [event]
    }
  }

  close(): ChatEvent[] {
    return [...this.#open].flatMap(([key, open]) => this.#close(key, open))
  }

  #closeAll(choice = 0): ChatEvent[] {
    return [...this.#open].flatMap(([key, open]) => ((open.call.choice ?? 0) === choice ? this.#close(key, open) : []))
  }

  #close(key: string, { call, words, write }: OpenCall): ChatEvent[] {
    this.#open.delete(key)
    return words === '' ? [] : [{ type: 'tool-call-delta', ...call, arguments: write(words) }]
  }
}

function keyOf({ choice = 0, index }: { choice?: number; index: number }): string {
  return `${choice}:${index}`
}
