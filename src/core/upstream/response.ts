import type { AnswerBody } from './answer-body.ts'
import type { ReceivedHeaders, UpstreamResponse } from './fetch.ts'

/** An answer as undici's dispatchers give it, which is several times as fast as its `fetch`, in the shape of a `Response`. */
export class NodeResponse implements UpstreamResponse {
  readonly status: number
  readonly received: ReceivedHeaders
  #headers: Headers | undefined
  readonly #source: AnswerBody
  #body: ReadableStream<Uint8Array<ArrayBuffer>> | undefined

  constructor(status: number, headers: ReceivedHeaders, source: AnswerBody) {
    this.status = status
    this.received = headers
    this.#source = source
  }

  /** Made when somebody asks: for most answers, {@link NodeResponse.header} is enough, and costs next to nothing. */
  get headers(): Headers {
    return (this.#headers ??= headersOf(this.received))
  }

  header(name: string): string | null {
    const value = this.#headers ? this.#headers.get(name) : this.received[name]
    return (Array.isArray(value) ? value.join(', ') : value) ?? null
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return (this.#body ??= toWebStream(this.#source))
  }

  chunks(): AsyncIterable<Uint8Array> {
    return this.#source
  }

  whole(): Buffer<ArrayBuffer> | undefined {
    return this.#source.whole()
  }

  async text(): Promise<string> {
    return await new Response(this.body).text()
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text())
  }
}

/** Node's headers as the web has them. */
export function headersOf(received: ReceivedHeaders): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(received)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one)
  }
  return headers
}

/** Pulls one chunk at a time, so that a slow reader slows the socket; cancelling closes the connection. */
function toWebStream(source: AnswerBody): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(
    {
      async pull(controller) {
        const next = await source.next()
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
      cancel(reason) {
        source.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
