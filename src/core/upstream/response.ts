import type { Readable } from 'node:stream'
import type { UpstreamResponse } from './fetch.ts'

/** An answer of undici's `request`, which is several times as fast as its `fetch`, in the shape of a `Response`. */
export class NodeResponse implements UpstreamResponse {
  readonly status: number
  readonly headers: Headers
  readonly #source: Readable
  #body: ReadableStream<Uint8Array<ArrayBuffer>> | undefined

  constructor(status: number, headers: Record<string, string | string[] | undefined>, source: Readable) {
    this.status = status
    this.headers = new Headers()
    for (const [name, value] of Object.entries(headers)) {
      for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) this.headers.append(name, one)
    }
    this.#source = source
    // Without a listener a connection that breaks before anybody reads would end the process.
    source.on('error', () => {})
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

  async text(): Promise<string> {
    return await new Response(this.body).text()
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text())
  }
}

/** Pulls one chunk at a time, so that a slow reader slows the socket; cancelling closes the connection. */
function toWebStream(source: Readable): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks: AsyncIterator<Uint8Array<ArrayBuffer>> = source[Symbol.asyncIterator]()
  return new ReadableStream(
    {
      async pull(controller) {
        const next = await chunks.next()
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
      cancel(reason) {
        source.destroy(reason instanceof Error ? reason : undefined)
      },
    },
    { highWaterMark: 0 },
  )
}
