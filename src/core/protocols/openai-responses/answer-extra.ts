import type { ChatEvent, Extra } from '../../chat/index.ts'
import type { JsonObject } from '../json.ts'
import { imagesOf } from './items.ts'
import { OwnFacts } from './own-facts.ts'
import { keep } from './wire.ts'

/** What an answer says that no event has a word for. Each `extra` event has all of it so far. */
export class AnswerExtra {
  readonly #own: OwnFacts | undefined
  readonly #annotations: JsonObject[] = []
  /** Those of them that cite a page, as Chat Completions has them. */
  readonly #cited: JsonObject[] = []
  /** Whole items, and their places. */
  readonly #items: JsonObject[] = []
  readonly #images: JsonObject[] = []

  /** @param own Whether it is for a client of this format, which is told what only this format has a word for. */
  constructor(own: boolean) {
    this.#own = own ? new OwnFacts() : undefined
  }

  /** Counts words of the message at a place. @returns what is to be told before them */
  says(at: number, words: string): ChatEvent[] {
    return this.#own?.says(at, words) ? [this.#event()] : []
  }

  /** Reads an item, begun or whole. @returns what is to be told before anything else is */
  reads(item: JsonObject, at: number): ChatEvent[] {
    return this.#own?.reads(item, at) ? [this.#event()] : []
  }

  /** Reads the response as it ended. @returns what is to be told */
  ends(response: JsonObject): ChatEvent[] {
    return this.#own?.ends(response) ? [this.#event()] : []
  }

  /** Takes note of what the message at a place cites. */
  cites(at: number, annotation: JsonObject): void {
    this.#annotations.push(annotation)
    this.#own?.cites(at, annotation)
    if (annotation['type'] === 'url_citation') this.#cited.push(chatCitation(annotation))
  }

  /** Takes note of an item that has no events. */
  keeps(item: JsonObject, at: number): void {
    this.#items.push({ at, item })
    // A client of this format has it whole.
    if (!this.#own) this.#images.push(...imagesOf(item))
  }

  /** Citations and images as Chat Completions has them, and all of it as it came for clients of this format. */
  event(): ChatEvent {
    const named: Extra = {}
    if (this.#cited.length > 0) named['annotations'] = [...this.#cited]
    if (this.#images.length > 0) named['images'] = [...this.#images]
    return this.#event(named)
  }

  #event(named: Extra = {}): ChatEvent {
    // Events are read when more of them are known: what comes later is not of this one.
    const wire = { annotations: [...this.#annotations], items: [...this.#items], ...this.#own?.facts }
    return { type: 'extra', extra: keep(wire, named) }
  }
}

/** A citation as Chat Completions has it: its fields one level deeper. */
function chatCitation({ type, ...citation }: JsonObject): JsonObject {
  return { type, url_citation: citation }
}
