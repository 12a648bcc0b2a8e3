interface Entry<Work> {
  readonly work: Work
  /** Where it stands. */
  place: number
}

/**
 * What is under way, each until it is over; nothing of what is over is held on to.
 *
 * That a `Set` by itself does: where many come and go it takes a new table every few dozen, and what was in the one before, and in those
 * after it, lives until a full collection.
 */
export class UnderWay<Work> {
  readonly #entries: Entry<Work>[] = []

  /** @returns to be called once it is over; twice is fine */
  add(work: Work): () => void {
    const entry: Entry<Work> = { work, place: this.#entries.length }
    this.#entries.push(entry)
    return () => this.#remove(entry)
  }

  /** Those of now, whatever comes or goes meanwhile. */
  [Symbol.iterator](): Iterator<Work> {
    return this.#entries.map(({ work }) => work).values()
  }

  #remove(entry: Entry<Work>): void {
    const { place } = entry
    if (this.#entries[place] !== entry) return
    const last = this.#entries.pop()
    if (!last || last === entry) return
    this.#entries[place] = last
    last.place = place
  }
}
