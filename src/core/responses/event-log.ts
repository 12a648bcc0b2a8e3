import type { JsonObject } from '../json/json.ts'
import type { ResponseStore } from './store.ts'

/**
 * The events of a response that is streamed while it is made in the background, from the first on: whoever asks is told those that were,
 * and then those that come. Each has its place in the stream for its `sequence_number`, which clients give as `starting_after`
 * (developers.openai.com/api/docs/guides/background, "Streaming a background response").
 */
export class EventLog {
  readonly #id: string
  readonly #store: ResponseStore
  readonly #events: string[] = []
  readonly #waiting: (() => void)[] = []
  #kept = 0
  #parts = 0
  #over = false

  constructor(store: ResponseStore, id: string) {
    this.#store = store
    this.#id = id
  }

  add(type: string, fields: JsonObject): void {
    this.#events.push(this.#text(type, fields))
    this.#tell()
  }

  /** Stores what is not stored yet, for other processes and for later. */
  async keep(): Promise<void> {
    await this.#keep(this.#events.slice(this.#kept))
  }

  /** With its last event, of which no client hears before all is stored. */
  async end(type: string, fields: JsonObject, store: () => Promise<void>): Promise<void> {
    if (this.#over) return await store()
    const text = this.#text(type, fields)
    await this.#keep([...this.#events.slice(this.#kept), text])
    await store()
    this.#events.push(text)
    this.stop()
  }

  /** There are no more: it was cancelled, or its end is told already. */
  stop(): void {
    this.#over = true
    this.#tell()
  }

  /** @param next the place of the first that is wanted */
  async *from(next: number): AsyncGenerator<string, void, undefined> {
    for (let at = next; ;) {
      const events = this.#events.slice(at)
      at += events.length
      if (events.length > 0) yield events.join('')
      else if (this.#over) return
      else await new Promise<void>((resolve) => void this.#waiting.push(resolve))
    }
  }

  #text(type: string, fields: JsonObject): string {
    return `event: ${type}\ndata: ${JSON.stringify({ ...fields, type, sequence_number: this.#events.length })}\n\n`
  }

  async #keep(events: string[]): Promise<void> {
    if (events.length === 0) return
    this.#kept += events.length
    await this.#store.putEvents(this.#id, this.#parts++, events)
  }

  #tell(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
