/** Messages that a reader may be behind. */
const MOST_WAITING = 200
const KEEP_ALIVE_MS = 15_000

/**
 * A response that is written event by event. One whose reader does not keep up is ended: it comes again, and is told all there is.
 *
 * @template Events the data of each event, by its name
 */
export class EventStream<Events extends object> {
  readonly response: Response
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  readonly #encoder = new TextEncoder()
  readonly #onEnd: () => void
  readonly #timer: NodeJS.Timeout

  /** @param onEnd told once, whoever ends it */
  constructor(onEnd: () => void = () => {}) {
    this.#onEnd = onEnd
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        cancel: () => {
          this.#controller = undefined
          this.#ended()
        },
      },
      { highWaterMark: MOST_WAITING },
    )
    this.response = new Response(body, {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        'x-accel-buffering': 'no',
      },
    })
    this.#timer = setInterval(() => this.#write(': keep-alive\n\n'), KEEP_ALIVE_MS).unref()
  }

  send<Name extends keyof Events & string>(name: Name, data: Events[Name]): void {
    this.#write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  end(): void {
    if (!this.#controller) return
    this.#controller.close()
    this.#controller = undefined
    this.#ended()
  }

  #write(text: string): void {
    if (!this.#controller) return
    this.#controller.enqueue(this.#encoder.encode(text))
    if ((this.#controller.desiredSize ?? 0) <= 0) this.end()
  }

  #ended(): void {
    clearInterval(this.#timer)
    this.#onEnd()
  }
}
