/** Work that is done in order within a lane, and side by side in different ones, so much of it at once. */
export class Lanes {
  readonly #last = new Map<string, Promise<void>>()
  readonly #most: number
  readonly #waiting: (() => void)[] = []
  #running = 0
  #size = 0

  /** @param most how many run at once, of all lanes */
  constructor(most: number) {
    this.#most = most
  }

  /** How much runs or waits. */
  get size(): number {
    return this.#size
  }

  /** Whether more work would have to wait in this lane. */
  waits(lane: string): boolean {
    return this.#last.has(lane) || this.#running >= this.#most
  }

  /** Begins it at once, where it has not to wait. @param work never rejects */
  run(lane: string, work: () => Promise<void>): void {
    this.#size++
    const before = this.#last.get(lane)
    const done = before ? before.then(() => this.#run(work)) : this.#run(work)
    this.#last.set(lane, done)
    void done.then(() => {
      this.#size--
      if (this.#last.get(lane) === done) this.#last.delete(lane)
    })
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values())
  }

  async #run(work: () => Promise<void>): Promise<void> {
    if (this.#running < this.#most) this.#running++
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    await work()
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running--
  }
}
