import { Readable } from 'node:stream'
// By its file: the bare name is, on Bun, an imitation that knows no proxies.
import { upgrade } from 'undici/index.js'
import { Dispatchers } from './dispatchers.ts'
import { piecesOf } from './incoming.ts'
import { headersOf, NodeResponse } from './response.ts'
import type { Transport, TransportTimeouts } from './transport.ts'

/** By undici, on the sockets of Node, which Bun and Deno have too. */
export function createNodeTransport(timeouts: TransportTimeouts): Transport {
  const dispatchers = new Dispatchers(timeouts)
  return {
    async send(url, { method, headers, body, signal, proxy }) {
      const { origin, pathname, search } = new URL(url)
      // By the dispatcher itself: undici's `request` copies all of these into a new object first.
      const answer = await dispatchers.for(proxy).request({
        origin,
        path: pathname + search,
        method,
        headers,
        body: body instanceof ReadableStream ? Readable.from(piecesOf(body)) : body,
        signal,
      })
      return new NodeResponse(answer.statusCode, answer.headers, answer.body)
    },
    async openSocket(url, { headers, signal }) {
      const dispatcher = dispatchers.for(undefined)
      const { headers: received, socket } = await upgrade(url, { protocol: 'websocket', headers, signal, dispatcher })
      return { headers: headersOf(received), socket }
    },
    close: () => dispatchers.close(),
  }
}
