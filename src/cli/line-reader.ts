import { createInterface } from 'node:readline'
import type { Interface } from 'node:readline'

/** Lines that a person types or a program writes, one at a time. */
export class LineReader {
  readonly #reader: Interface
  readonly #lines: string[] = []
  #waiting: (() => void) | undefined
  #ended = false

  constructor(input: NodeJS.ReadableStream) {
    // No terminal mode: readline would take Ctrl-C for itself.
    this.#reader = createInterface({ input, terminal: false })
    this.#reader.on('line', (line) => {
      this.#lines.push(line)
      this.#waiting?.()
    })
    this.#reader.on('close', () => {
      this.#ended = true
      this.#waiting?.()
    })
  }

  /** The next line; `undefined` once there is no more, or `done` is aborted. */
  async next(done: AbortSignal): Promise<string | undefined> {
    while (!done.aborted && this.#lines.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
        done.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    return done.aborted ? undefined : this.#lines.shift()
  }

  close(): void {
    this.#reader.close()
  }
}
