import { signalOf } from '../async/abort.ts'
import { ChatError } from '../chat/index.ts'
import type { Transport, TransportTimeouts } from './transport.ts'

/**
 * By the runtime's own `fetch`, for workers, which have no sockets that undici could use. Of the time-outs it keeps the one until the
 * answer's headers; it knows no proxies, and passes no WebSockets on.
 */
export function createFetchTransport({
  response_timeout: timeout,
}: Pick<TransportTimeouts, 'response_timeout'>): Transport {
  return {
    async send(url, { method, headers, body, signal, proxy }) {
      if (proxy) throw needsNode('A proxy')
      const late = new AbortController()
      const timer = setTimeout(() => late.abort(lateAnswer()), timeout)
      try {
        return await fetch(url, {
          method,
          headers,
          redirect: 'manual',
          signal: AbortSignal.any([signalOf(signal), late.signal]),
          ...(body !== undefined && body !== null && { body: bodyOf(body) }),
          ...(body instanceof ReadableStream && { duplex: 'half' }),
        })
      } finally {
        clearTimeout(timer)
      }
    },
    openSocket: () => Promise.reject(needsNode("Amp's WebSocket")),
    close: () => Promise.resolve(),
  }
}

/** `fetch` wants bytes that no thread shares, which those of an executor are not known to be. */
function bodyOf(body: string | Uint8Array | ReadableStream<Uint8Array>): NonNullable<RequestInit['body']> {
  return body instanceof Uint8Array ? new Uint8Array(body) : body
}

function needsNode(what: string): ChatError {
  return new ChatError(`${what} needs the sockets of Node, Bun or Deno, which this runtime does not have.`, {
    status: 501,
    code: 'unsupported_runtime',
  })
}

/** By undici's code, which is the one that errors are known by. */
function lateAnswer(): Error {
  return Object.assign(new Error('no answer in time'), { code: 'UND_ERR_HEADERS_TIMEOUT' })
}
