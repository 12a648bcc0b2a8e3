import type { ChatEvent, ChatRequest } from '../chat/index.ts'
import type { Translator } from './translator.ts'

/** Changes the events of one answer on their way to the client. */
export interface EventReader {
  /** What stands in the place of an event. */
  read(event: ChatEvent): ChatEvent[]
  /** What was held back to the end. */
  close?(): ChatEvent[]
}

/**
 * A translator whose answers' events are read once more, streamed or not.
 *
 * @param readerOf Makes a reader for the answer to a request; `undefined` where nothing is to be changed.
 */
export function withReader(
  translator: Translator,
  readerOf: (chat: ChatRequest | undefined) => EventReader | undefined,
): Translator {
  const { answer } = translator
  return {
    ...translator,
    events(chat) {
      const inner = translator.events(chat)
      const reader = readerOf(chat)
      if (!reader) return inner
      return {
        push: (frame) => inner.push(frame).flatMap((event) => reader.read(event)),
        end: () => [...inner.end().flatMap((event) => reader.read(event)), ...(reader.close?.() ?? [])],
      }
    },
    ...(answer && {
      answer(body, chat) {
        const events = answer(body, chat)
        const reader = readerOf(chat)
        return reader ? [...events.flatMap((event) => reader.read(event)), ...(reader.close?.() ?? [])] : events
      },
    }),
  }
}

/** A translator that is given another request than the client's, for it and for its answer. */
export function withRequest(translator: Translator, change: (chat: ChatRequest) => ChatRequest): Translator {
  const { answer } = translator
  return {
    ...translator,
    request: (chat) => translator.request(change(chat)),
    events: (chat) => translator.events(chat && change(chat)),
    ...(answer && { answer: (body, chat) => answer(body, chat && change(chat)) }),
  }
}
