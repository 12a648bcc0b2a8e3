/** Headers by their names in lower case, as undici gives them. */
export type ReceivedHeaders = Readonly<Record<string, string | string[] | undefined>>

/** What {@link UpstreamFetch} resolves with: the part of a `Response` that byok and plugins use. */
export interface UpstreamResponse {
  readonly status: number
  /** Whether the status is 2xx. */
  readonly ok: boolean
  readonly headers: Headers
  /** The headers as they came, by their names in lower case, where {@link UpstreamResponse.headers} has yet to be made of them. */
  readonly received?: ReceivedHeaders
  /** One of the headers by its name in lower case, where that is a shorter way to it than {@link UpstreamResponse.headers}. */
  header?(name: string): string | null
  readonly body: ReadableStream<Uint8Array> | null
  /**
   * The chunks of the body, where that is a shorter way to them than {@link UpstreamResponse.body}. Who takes the one must leave
   * the other.
   */
  chunks?(): AsyncIterable<Uint8Array>
  /** The whole body, where all of it is here already: then whoever takes it leaves the other two. */
  whole?(): Buffer<ArrayBuffer> | undefined
  text(): Promise<string>
  json(): Promise<unknown>
}

/** A header of an answer. @param name in lower case */
export function headerOf(response: Pick<UpstreamResponse, 'headers' | 'header'>, name: string): string | null {
  return response.header ? response.header(name) : response.headers.get(name)
}

export interface UpstreamRequestInit {
  /** Default `GET`, or `POST` where there is a body. */
  method?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
}

/** `fetch` as an executor gets it. Rejects with a {@link ChatError} when no answer came. */
export type UpstreamFetch = (url: string | URL, init?: UpstreamRequestInit) => Promise<UpstreamResponse>
