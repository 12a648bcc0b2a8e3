/**
 * What is under way, each until it is over; nothing of what is over is held on to.
 *
 * That a `Set` by itself does: where many come and go it takes a new table every few dozen, and the table before, which names all that was
 * in it and the next one, is collected late, and until then all of those are. Here such a table names empty entries.
 */
export class UnderWay<Work> {
  readonly #entries = new Set<{ work: Work | undefined }>()

  /** @returns to be called once it is over; twice is fine */
  add(work: Work): () => void {
    const entry: { work: Work | undefined } = { work }
    this.#entries.add(entry)
    return () => {
      entry.work = undefined
      this.#entries.delete(entry)
    }
  }

  *[Symbol.iterator](): Generator<Work> {
    for (const { work } of this.#entries) if (work !== undefined) yield work
  }
}
