import type { ChatEvent } from '../chat/index.ts'
import { withReader } from './read-again.ts'
import type { EventReader } from './read-again.ts'
import type { Translator } from './translator.ts'

/**
 * A translator for a provider without stop sequences, or with few, whose answers byok ends at them itself. Claude Code asks with some whether a
 * tool may run, and lets none run where that fails.
 *
 * Sources: techysy/10router issue 18, farion1231/cc-switch pull request 5404 (what Claude Code asks).
 *
 * @param most how many a model takes: it is told of so many, and byok looks for the rest. Default: none.
 */
export function withOwnStops(translator: Translator, most: (model: string) => number = () => 0): Translator {
  const asking: Translator = {
    ...translator,
    passes(body, model) {
      const { stop } = body
      const count = Array.isArray(stop) ? Math.max(stop.length, 1) : 1
      const tooMany = (stop ?? undefined) !== undefined && count > most(model)
      return !tooMany && (translator.passes?.(body, model) ?? true)
    },
    request(chat) {
      const { stop, ...rest } = chat
      const taken = most(chat.model)
      if (!stop || stop.length <= taken) return translator.request(chat)
      const told = saying(stop).slice(0, taken)
      return translator.request(told.length > 0 ? { ...rest, stop: told } : rest)
    },
  }
  return withReader(asking, (chat) => {
    const stops = saying(chat?.stop ?? [])
    return chat && stops.length > most(chat.model) ? new Cut(stops) : undefined
  })
}

/** Without those of no text, which are in every answer and end none. */
function saying(stops: readonly string[]): string[] {
  return stops.filter((stop) => stop !== '')
}

interface Choice {
  /** Text that may be the beginning of a stop sequence. */
  held: string
  /** The one that was met. */
  met?: string
}

/** Ends the text of an answer before the first of some words. What the model writes after them is not told. */
class Cut implements EventReader {
  readonly #stops: readonly string[]
  readonly #choices = new Map<number, Choice>()

  constructor(stops: readonly string[]) {
    this.#stops = stops
  }

  read(event: ChatEvent): ChatEvent[] {
    switch (event.type) {
      case 'text': {
        const choice = this.#choiceOf(event)
        if (choice.met !== undefined) return []
        const text = this.#told(choice, choice.held + event.text)
        return text === '' ? [] : [{ ...event, text }]
      }
      case 'refusal':
      case 'reasoning':
      case 'tool-call':
      case 'tool-call-delta':
        return this.#choiceOf(event).met === undefined ? [...this.#rest(event), event] : []
      case 'finish': {
        const { met } = this.#choiceOf(event)
        if (met === undefined) return [...this.#rest(event), event]
        return [{ ...event, reason: 'stop', native: 'stop_sequence', stopSequence: met }]
      }
      case 'start':
      case 'extra':
      case 'usage':
        return [event]
    }
  }

  #choiceOf({ choice: at = 0 }: { choice?: number }): Choice {
    const choice = this.#choices.get(at) ?? { held: '' }
    this.#choices.set(at, choice)
    return choice
  }

  /** What may be told of the text; the rest is held back. */
  #told(choice: Choice, text: string): string {
    const places = this.#stops.map((stop) => text.indexOf(stop))
    const first = Math.min(...places.filter((place) => place !== -1))
    const met = this.#stops[places.indexOf(first)]
    if (met !== undefined) {
      choice.held = ''
      choice.met = met
      return text.slice(0, first)
    }
    const longest = Math.max(0, ...this.#stops.map((stop) => beginningAtEnd(text, stop)))
    const end = text.length - longest
    choice.held = text.slice(end)
    return text.slice(0, end)
  }

  /** What was held back for nothing. */
  #rest(event: { choice?: number }): ChatEvent[] {
    const choice = this.#choiceOf(event)
    const { held: text } = choice
    choice.held = ''
    return text === '' ? [] : [{ type: 'text', text, ...(event.choice !== undefined && { choice: event.choice }) }]
  }
}

/** How much of a text's end is the beginning of a word, but not all of it. */
function beginningAtEnd(text: string, word: string): number {
  for (let length = Math.min(text.length, word.length - 1); length > 0; length--) {
    if (text.endsWith(word.slice(0, length))) return length
  }
  return 0
}
