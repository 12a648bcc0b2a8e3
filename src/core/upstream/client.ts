import { setTimeout as delay } from 'node:timers/promises'
import { signalOf } from '../async/abort.ts'
import type { Stop } from '../async/abort.ts'
import { ChatError } from '../chat/index.ts'
import type { Config } from '../config/schema.ts'
import type { Secret } from '../secrets/secret.ts'
import { connectionError, UNREACHABLE } from './error.ts'
import { headerOf } from './fetch.ts'
import type { UpstreamFetch, UpstreamRequestInit, UpstreamResponse } from './fetch.ts'
import { refusalText } from './refusal-text.ts'
import { retryAfterOf } from './retry-after.ts'
import type { Transport, UpstreamSocket } from './transport.ts'

export type UpstreamOptions = Config['upstream'] & {
  /** Sent unless the executor names another. */
  userAgent: string
}

/** What one request's `fetch` is bound to. */
export interface FetchOptions {
  /** Aborts the request, its retries and its answer. */
  signal: Stop
  /** The provider's title, for errors. */
  provider: string
  /** Added to every request, over the executor's own. */
  headers?: Record<string, string>
  proxy?: Secret | undefined
  /** Further tries. Default: the config's `upstream.retries`. */
  retries?: number | undefined
  /** Whether it is sent once at most, even where the connection was gone that it went by: a refresh token may work only once. */
  once?: boolean
  /** Whether 429 is tried again too. Default true; not where another account may be asked instead. */
  retryLimits?: boolean
  /** Seconds that a 429 without `Retry-After` asks to wait: some vendors say so in its body, or in headers of their own. */
  waitOf?(refusal: UpstreamResponse): Promise<number | undefined>
  /** Before each try; may change `init`. Waited for where it is not done at once. */
  onRequest?(url: string, init: UpstreamRequestInit): Promise<void> | undefined
  /** After each answer's headers, those that are tried again included. Waited for as {@link FetchOptions.onRequest}. */
  onResponse?(answer: UpstreamResponse): Promise<void> | undefined
}

/** A request that byok passes on for somebody else. */
export interface ForwardRequest {
  method: string
  headers: Headers
  body: ReadableStream<Uint8Array> | null
  signal: AbortSignal
  /** Whose server it is for, for errors. */
  title: string
}

/** The way out to every provider. */
export interface Upstream {
  fetchFor(options: FetchOptions): UpstreamFetch
  /** Sends a request on as it comes, once, its body while it still arrives. Redirects are not followed. */
  forward(url: string, request: ForwardRequest): Promise<UpstreamResponse>
  /** Opens a WebSocket that byok passes on. Rejects with a {@link ChatError} of 502 where there is none. */
  openSocket(url: string, request: Omit<ForwardRequest, 'method' | 'body'>): Promise<UpstreamSocket>
  /** Breaks what is still open. */
  close(): Promise<void>
}

/**
 * Makes the HTTP client that all providers share.
 *
 * A request that gets 408, 429, 5xx or no answer is tried again, as long as no byte of an answer was given on: after the
 * wait that `Retry-After` or, of a 429, its body asks for, else after one that doubles. A longer wait than `max_retry_delay` is left to the client.
 * `x-should-retry`, which OpenAI and Anthropic send, has the last word.
 */
export function createUpstream(options: UpstreamOptions, transport: Transport): Upstream {
  async function send(
    url: string,
    init: UpstreamRequestInit,
    { signal, provider, headers, proxy, once, onRequest, onResponse }: FetchOptions,
  ): Promise<UpstreamResponse> {
    const sent: UpstreamRequestInit = {
      ...init,
      headers: withLowerCase({ 'user-agent': options.userAgent, ...UNPACKED }, init.headers, headers),
    }
    const before = onRequest?.(url, sent)
    if (before) await before
    const method = sent.method ?? (sent.body === undefined ? 'GET' : 'POST')
    const outgoing = { method, headers: sent.headers ?? {}, body: sent.body, signal, proxy, once }
    let response: UpstreamResponse
    try {
      response = await transport.send(url, outgoing)
    } catch (error) {
      throw unreached(error, signal, provider)
    }
    const after = onResponse?.(response)
    if (after) await after
    return response
  }

  function fetchFor(bound: FetchOptions): UpstreamFetch {
    const retries = bound.once ? 0 : (bound.retries ?? options.retries)
    return async (url, init = {}) => {
      for (let tries = 1; ; tries++) {
        let asked: number | undefined
        try {
          const response = await send(String(url), init, bound)
          if (tries > retries || !isWorthRetrying(response, options, bound)) return response
          asked = retryAfterOf(response.headers)
          if (asked === undefined && response.status === 429 && bound.waitOf) {
            const copyOf = await readRefusal(response)
            asked = await bound.waitOf(copyOf())
            if (!isShort(asked, options)) return copyOf()
          } else {
            // One that broke meanwhile is of no interest either.
            response.body?.cancel().catch(() => {})
          }
        } catch (error) {
          if (tries > retries || !isWorthRetryingError(error)) throw error
        }
        const wait = asked === undefined ? backoff(tries, options) : asked * 1000
        await delay(wait, undefined, { signal: signalOf(bound.signal) })
      }
    }
  }

  async function forward(url: string, request: ForwardRequest): Promise<UpstreamResponse> {
    const { method, headers, body, signal, title } = request
    try {
      return await transport.send(url, { method, headers: Object.fromEntries(headers), body, signal })
    } catch (error) {
      throw unreached(error, signal, title)
    }
  }

  const openSocket: Upstream['openSocket'] = async (url, { headers, signal, title }) => {
    try {
      return await transport.openSocket(url, { headers: Object.fromEntries(headers), signal })
    } catch (error) {
      throw unreached(error, signal, title)
    }
  }

  return { fetchFor, forward, openSocket, close: () => transport.close() }
}

/** Who does not say so may be sent anything packed (RFC 9110, section 12.5.3). */
const UNPACKED = { 'accept-encoding': 'identity' }

/** What is to be thrown where no answer comes. @param title whose server it is */
function unreached(error: unknown, signal: Stop, title: string): unknown {
  return signal.aborted ? error : connectionError(error, title)
}

function isWorthRetryingError(error: unknown): boolean {
  return error instanceof ChatError && error.code === UNREACHABLE
}

function isWorthRetrying(
  response: UpstreamResponse,
  options: UpstreamOptions,
  { retryLimits = true }: FetchOptions,
): boolean {
  const { status } = response
  if (status === 429 && !retryLimits) return false
  const wanted = headerOf(response, 'x-should-retry')
  if (wanted === 'false') return false
  if (wanted !== 'true' && status !== 408 && status !== 429 && status < 500) return false
  return isShort(retryAfterOf(response.headers), options)
}

/** Whether a wait, in seconds, is one that byok takes for its client. */
function isShort(wait: number | undefined, { max_retry_delay }: UpstreamOptions): boolean {
  return (wait ?? 0) * 1000 <= max_retry_delay
}

/** Reads a refusal, and makes it anew for each who is to read it. */
async function readRefusal(response: UpstreamResponse): Promise<() => UpstreamResponse> {
  const { status, headers } = response
  const text = await refusalText(response)
  return () => new Response(text, { status, headers })
}

/** Milliseconds before the next try after so many, with a quarter of it left to chance. */
function backoff(tries: number, { retry_delay, max_retry_delay }: UpstreamOptions): number {
  const full = Math.min(retry_delay * 2 ** (tries - 1), max_retry_delay)
  return full * (1 - Math.random() / 4)
}

/** All of them, by names in lower case; the later counts more. */
function withLowerCase(
  headers: Record<string, string>,
  ...more: (Record<string, string> | undefined)[]
): Record<string, string> {
  for (const one of more) for (const name in one) headers[name.toLowerCase()] = one[name] ?? ''
  return headers
}
