/** A time that is up at some point, and the error that it ends with then. An `AbortSignal` for each would cost more than the timer. */
export class TimeLimit {
  /** Once the time is up. */
  error: Error | undefined
  readonly #timer: NodeJS.Timeout
  #onEnd: ((error: Error) => void) | undefined

  constructor(milliseconds: number, error: () => Error) {
    this.#timer = setTimeout(() => {
      this.error = error()
      this.#onEnd?.(this.error)
    }, milliseconds)
  }

  /** Who is told, in place of whoever was to be told before. */
  onEnd(tell: (error: Error) => void): void {
    this.#onEnd = tell
    if (this.error) tell(this.error)
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#onEnd = undefined
  }
}
