import { Readable } from 'node:stream'
// By its file: the bare name is, on Bun, an imitation that knows no proxies.
import { request, upgrade } from 'undici/index.js'
import { Dispatchers } from './dispatchers.ts'
import { piecesOf } from './incoming.ts'
import { headersOf, NodeResponse } from './response.ts'
import type { Transport, TransportTimeouts } from './transport.ts'

/** By undici, on the sockets of Node, which Bun and Deno have too. */
export function createNodeTransport(timeouts: TransportTimeouts): Transport {
  const dispatchers = new Dispatchers(timeouts)
  return {
    async send(url, { method, headers, body, signal, proxy }) {
      const {
        statusCode,
        headers: received,
        body: source,
      } = await request(url, {
        method,
        headers,
        body: body instanceof ReadableStream ? Readable.from(piecesOf(body)) : body,
        signal,
        dispatcher: dispatchers.for(proxy),
      })
      return new NodeResponse(statusCode, received, source)
    },
    async openSocket(url, { headers, signal }) {
      const dispatcher = dispatchers.for(undefined)
      const { headers: received, socket } = await upgrade(url, { protocol: 'websocket', headers, signal, dispatcher })
      return { headers: headersOf(received), socket }
    },
    close: () => dispatchers.close(),
  }
}
