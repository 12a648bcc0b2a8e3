/** What {@link UpstreamFetch} resolves with: the part of a `Response` that byok and plugins use. */
export type UpstreamResponse = Pick<Response, 'status' | 'ok' | 'body' | 'text' | 'json'> & {
  readonly headers: Headers
}

export interface UpstreamRequestInit {
  /** Default `GET`, or `POST` where there is a body. */
  method?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
}

/** `fetch` as an executor gets it. Rejects with a {@link ChatError} when no answer came. */
export type UpstreamFetch = (url: string | URL, init?: UpstreamRequestInit) => Promise<UpstreamResponse>
