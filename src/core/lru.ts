/** A map of at most so many entries: what was not used for the longest time goes first. */
export class Lru<Key, Value> {
  readonly #entries = new Map<Key, Value>()
  readonly #most: number
  /** It stands last already: to put it there again would have the map take new tables all the time. */
  #newest: Key | undefined

  constructor(most: number) {
    this.#most = most
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key)
    if (value === undefined || key === this.#newest) return value
    this.#entries.delete(key)
    this.#entries.set(key, value)
    this.#newest = key
    return value
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    this.#newest = key
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= this.#most) return
      this.#entries.delete(oldest)
    }
  }

  delete(key: Key): void {
    this.#entries.delete(key)
    if (key === this.#newest) this.#newest = undefined
  }

  values(): IterableIterator<Value> {
    return this.#entries.values()
  }

  get size(): number {
    return this.#entries.size
  }
}
