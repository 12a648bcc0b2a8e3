import { freeTextOf, freeTextTools, withFunctionsAlone } from '../chat/index.ts'
import type { ChatEvent } from '../chat/index.ts'
import { withReader, withRequest } from './read-again.ts'
import type { EventReader } from './read-again.ts'
import type { Translator } from './translator.ts'

/** A translator for a provider that knows functions alone: tools of free text are told to it as such, and their calls read back. */
export function withFreeText(translator: Translator): Translator {
  return withReader(withRequest(translator, withFunctionsAlone), (chat) => {
    const names = freeTextTools(chat)
    return names.size === 0 ? undefined : new FreeTextCalls(names)
  })
}

/** Turns calls of functions that stand for tools of free text back into theirs. Their text is given when it is whole. */
class FreeTextCalls implements EventReader {
  readonly #names: ReadonlySet<string>
  /** By choice and index: what the model wrote so far. */
  readonly #open = new Map<string, { choice: number | undefined; index: number; json: string }>()

  constructor(names: ReadonlySet<string>) {
    this.#names = names
  }

  read(event: ChatEvent): ChatEvent[] {
    switch (event.type) {
      case 'tool-call': {
        const { choice, index, name } = event
        if (!this.#names.has(name)) return [event]
        this.#open.set(keyOf(event), { choice, index, json: '' })
        return [{ ...event, kind: 'custom' }]
      }
      case 'tool-call-delta': {
        const open = this.#open.get(keyOf(event))
        if (!open) return [event]
        open.json += event.arguments
        return []
      }
      case 'finish':
        return [...this.#close(event.choice), event]
      default:
        return [event]
    }
  }

  #close(choice: number | undefined): ChatEvent[] {
    const events: ChatEvent[] = []
    for (const [key, { choice: of, index, json }] of this.#open) {
      if ((of ?? 0) !== (choice ?? 0)) continue
      this.#open.delete(key)
      const text = freeTextOf(json)
      if (text !== '')
        events.push({ type: 'tool-call-delta', index, arguments: text, ...(of !== undefined && { choice: of }) })
    }
    return events
  }
}

function keyOf({ choice = 0, index }: { choice?: number; index: number }): string {
  return `${choice}:${index}`
}
